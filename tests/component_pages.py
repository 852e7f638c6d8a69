"""Pages made only of components, so that every component is looked at in a browser before any feature uses it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from wtforms import (
    BooleanField,
    DecimalField,
    FileField,
    Form,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice

from commons.desk_frame import DeskFrame, DeskLink
from commons.seal import seal_path
from tests.face import Page
from tests.ui_rules import Kind


@dataclass(frozen=True)
class Thing:
    """One line of an example; each page uses the fields it needs."""

    title: str = ""
    note: str = ""
    state: str = ""
    tone: str = ""
    place: str = ""
    due: str = ""
    url: str = "#"
    is_current: bool = False


@dataclass(frozen=True)
class Good:
    name: str
    note: str
    yuan: str
    unit: str
    drawing: str
    in_season: bool = False
    is_sold_out: bool = False


@dataclass(frozen=True)
class Fact:
    icon: str
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    number: str
    what: str
    is_urgent: bool = False


KINDS = [
    SelectChoice("road", "路、灯、水、电"),
    SelectChoice("help", "老人、孩子要帮忙"),
    SelectChoice("other", "别的事"),
]
PLACES = [SelectChoice("12", "三组 12 号"), SelectChoice("pond", "三组塘边")]


class ReportForm(Form):
    words = TextAreaField("什么事")
    kind = RadioField("哪一类", choices=KINDS)
    photo = MultipleFileField("照片")
    place = SelectField("在哪里", choices=PLACES)
    amount = DecimalField("大约多少")
    phone = StringField("手机号")
    code = StringField("短信验证码")
    agree = BooleanField("办好后告诉我")
    sheet = FileField("选择 Excel 文件")


GOODS = [
    Good("红菜薹", "二组菜园 22 日采", "3.50", "斤（500 克）", "red-greens", in_season=True),
    Good("散养鸡蛋", "三组 22 日装盒", "15.00", "盒（10 个）", "egg"),
    Good("白萝卜", "五组 霜后拔", "1.20", "斤（500 克）", "radish"),
    Good("粉藕（煨汤）", "六组", "4.80", "斤（500 克）", "lotus-root", is_sold_out=True),
    Good("荆条蜜", "四组", "38.00", "瓶（500 克）", "honey"),
    Good("大白菜", "一组", "0.90", "斤（500 克）", "cabbage"),
    Good("塘里的鲫鱼", "三组", "9.80", "斤（500 克）", "fish"),
    Good("干香菇", "二组", "42.00", "斤（500 克）", "mushroom"),
    Good("带壳花生", "七组", "6.50", "斤（500 克）", "peanut"),
    Good("绿茶", "八组", "66.00", "罐（100 克）", "tea"),
    Good("沙地红薯", "五组 5 斤起", "1.80", "斤（500 克）", "sweet-potato"),
    Good("蜜橘", "一组 树上鲜摘", "2.60", "斤（500 克）", "orange"),
    Good("时令菜篮", "合作社配好", "25.00", "篮", "basket"),
]


def shop() -> str:
    kinds = [Thing("时令", is_current=True), *(Thing(each) for each in ("蔬菜", "禽蛋", "山货", "米面粮油"))]
    return render_template("show/shop.html", kinds=kinds, goods=GOODS, seal_path=seal_path("青石湾村"))


def form() -> str:
    return render_template("show/form.html", form=ReportForm(data={"kind": "road"}))


def form_with_errors() -> str:
    wrong = ReportForm(data={"kind": "road", "phone": "12345"})
    wrong.words.errors = ("请写几个字，或者录音、拍照",)
    wrong.phone.errors = ("手机号应是 1 开头的 11 位数字",)
    wrong.form_errors = ["网络断过一次，请再点送出"]
    return render_template("show/form.html", form=wrong)


def notice() -> str:
    facts = [
        Fact("clock", "时间", ("11 月 25 日 周三", "农历十月十七", "上午 8 点至 12 点")),
        Fact("map-pin", "范围", ("三组 1 号至 48 号",)),
        Fact("phone", "电话", ("供水站值班", "0270-0000008")),
    ]
    return render_template("show/notice.html", list=facts, seal_path=seal_path("青石湾村"))


def order() -> str:
    steps = [
        Thing("收到", "11 月 19 日 19:40", "done"),
        Thing("网格员去看过", "11 月 20 日 8:10", "done"),
        Thing("等电工换灯", "说好 11 月 23 日", "now"),
        Thing("请您评价", "", "later"),
    ]
    return render_template("show/order.html", list=steps)


def desk() -> str:
    matters = [
        Thing("低保复核材料未交", "11 月 18 日 电话代报", "超期", "late", "三组 27 号", "11 月 20 日"),
        Thing("独居老人请上门看看", "今天 8:05 亲属代报", "待办", "waiting", "三组 31 号", "今天 12:00"),
        Thing("水管渗漏，路面积水", "昨天 已转供水站", "办理中", "working", "三组 16 号", "11 月 24 日"),
        Thing("自行车棚漏雨已修好", "前天 已办结", "待评价", "done", "村部", "已办结"),
    ]
    links = (
        DeskLink("今日", "/desk", "home", is_current=True),
        DeskLink("报事", "/desk/matters", "message-report", waiting=7),
        DeskLink("通知公开", "/desk/notices", "speakerphone"),
        DeskLink("住户", "/desk/households", "users"),
        DeskLink("门牌码", "/desk/plates", "qrcode"),
        DeskLink("集市", "/desk/market", "building-store"),
    )
    frame = DeskFrame("青石湾村", "陈桂芳", "村文书", links, "/desk/lock", "/sign-out", seal_path("青石湾村"))
    cards = [
        Card("2", "件超期未办", is_urgent=True), Card("2", "件今天到期"),
        Card("1.8 天", "本月平均办结，共 52 件"), Card("96%", "说满意，48 件中 46 件"),
    ]  # fmt: skip
    return render_template("show/desk.html", desk=frame, cards=cards, matters=matters, form=ReportForm())


def error() -> str:
    return render_template(
        "commons/error.html", status=404, code="missing", sentence="没有找到这一页，请检查网址。"
    )


PAGES: dict[str, tuple[Kind, Page]] = {
    "/show/shop": ("public", shop),
    "/show/form": ("public", form),
    "/show/form-with-errors": ("public", form_with_errors),
    "/show/notice": ("public", notice),
    "/show/order": ("public", order),
    "/show/error": ("public", error),
    "/show/desk": ("desk", desk),
}
