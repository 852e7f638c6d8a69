"""Doors that fill every place on the page, with the longest names that were found, and one that has nothing."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from commons.assets import small_html
from commons.seal import seal_characters, seal_path
from marketplace.door_views import ArtisanRow, ArtisanSection, ProduceCard, ProduceSection
from village.scan.views import AffairLinks, CalendarLeaf, DoorLinks, DoorPage, NoticeRow, PlateFace

CODE = "7K3M9QX2HD"
DUTY = "0270-0000004"

LINKS = DoorLinks(
    affairs=AffairLinks(
        party=f"/v/420116104207/party?door={CODE}",
        government=f"/v/420116104207/government?door={CODE}",
        village=f"/v/420116104207/village?door={CODE}",
        commerce="/shop?village=420116104207",
    ),
    notices=f"/v/420116104207/notices?door={CODE}",
    report=f"/matters/new?door={CODE}",
    sign_in=f"/sign-in?next=/D/{CODE}",
)

NOTICES = (
    NoticeRow(
        "医保缴费，村部可代办",
        "村民委员会",
        "/notices/1204",
        CalendarLeaf(11, 24, "截止", "农历十月十六"),
        is_urgent=True,
    ),
    NoticeRow(
        "三组停水半天，8 点至 12 点", "供水站", "/notices/1205", CalendarLeaf(11, 25, "停水", "农历十月十七")
    ),
    NoticeRow(
        "十月村级收支明细公开",
        "村务监督委员会",
        "/notices/1198",
        CalendarLeaf(11, 20, "公布", "农历十月十二"),
    ),
)
LONG_NOTICES = (
    NoticeRow(
        "关于做好二〇二七年度城乡居民基本医疗保险集中缴费和困难群众参保资助工作的通知", "村民委员会、村医保服务站",
        "/notices/1204", CalendarLeaf(12, 24, "截止", "农历冬月十六"), is_urgent=True, audio_url="/media/notices/1204.opus",
    ),
    NoticeRow(
        "三组至七组检修主水管临时停水半天，请各家提前存好生活用水", "镇农村供水总站检修队",
        "/notices/1205", CalendarLeaf(11, 25, "停水", "农历十月十七"),
    ),
    NoticeRow(
        "十月村级集体经济收支、工程项目付款和困难补助发放明细公开", "村务监督委员会",
        "/notices/1198", CalendarLeaf(11, 20, "公布", "农历十月十二"),
    ),
)  # fmt: skip

ARTISANS = ArtisanSection(
    (
        ArtisanRow("木工门窗", "0270-0000021", "杨师傅", "约 500 米", "hammer"),
        ArtisanRow(
            "水电维修", DUTY, distance="约 1.5 公里", trade_icon="bolt", is_passed_on=True, is_certified=True
        ),
        ArtisanRow("机耕收割", "0270-0000023", "刘师傅", "约 2 公里", "tractor"),
    ),
    9,
    f"/artisans?door={CODE}",
)
PRODUCE = ProduceSection(
    (
        ProduceCard("散养鸡蛋", "15.00", "盒（10 个）", "/shop/1021", "egg", "三组 谷子喂"),
        ProduceCard(
            "粉藕（煨汤）",
            "4.80",
            "斤（500 克）",
            "/shop/1022",
            "lotus-root",
            "六组 下期有",
            is_sold_out=True,
        ),
        ProduceCard("红菜薹", "3.50", "斤（500 克）", "/shop/1023", "red-greens", "二组 霜打过"),
        ProduceCard("新米 10 斤装", "48.00", "袋（5 千克）", "/shop/1024", "rice", "四组 十月碾"),
    ),
    "/shop?village=420116104207",
)


def plate(
    town: str = "柳河镇", village: str = "青石湾村", group: str = "三组", number: str = "12"
) -> PlateFace:
    """A plate with its village's seal."""
    return PlateFace(
        town, village, group, number, "7K3M9-QX2HD", "第 4 网格", seal_path(seal_characters(village))
    )


def full_door() -> DoorPage:
    """The door of the drawings: three notices, three craftsmen, four goods. Needs a request context."""
    return DoorPage(plate(), DUTY, LINKS, NOTICES, 12, _guests())


def longest_door() -> DoorPage:
    """Every list full, every name as long as they come."""
    long_plate = plate(
        "恩施土家族苗族自治州咸丰县唐崖镇",
        "唐崖司土司城址村（社区）",
        "第十二村民小组老寨子湾",
        "1208-3 附 2",
    )
    return DoorPage(long_plate, DUTY, LINKS, LONG_NOTICES, 1204, _guests(), is_demonstration=True)


def bare_door() -> DoorPage:
    """A village that has just been enabled: a plate and nothing else."""
    return DoorPage(plate(), DUTY, LINKS)


def door_html(page: DoorPage) -> str:
    """The page as it is sent."""
    return small_html(render_template("village/scan/door.html", page=page))


def _guests() -> tuple[Markup, ...]:
    artisans = render_template("marketplace/door_sections/artisans.html", section=ARTISANS)
    produce = render_template("marketplace/door_sections/produce.html", section=PRODUCE)
    return Markup(artisans), Markup(produce)
