"""The main job, end to end: an address becomes a plate on a door, a scan becomes help, a paid order, an answer."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Browser

from tests.journeys.market_steps import (
    a_city_buyer_pays_by_alipay,
    a_farmer_lists_produce,
    another_pays_at_pickup,
)
from tests.journeys.people import Somebody
from tests.journeys.site import Site
from tests.journeys.story import Story
from tests.journeys.village_steps import (
    a_matter_about_cadres_goes_to_the_town,
    a_person_joins_a_household_by_slip_and_leaves,
    a_villager_reports_a_matter_and_reads_the_answer,
)
from tests.make.division_table import division_csv, division_rows
from tests.make.door_sheets import door_row, make_sheet
from tests.make.people import unissued_phone
from tests.village.papers.pdf_reading import codes_seen


def test_from_a_standard_address_to_an_answer(browser: Browser, site: Site, tmp_path: Path) -> None:
    story = Story(browser, site, tmp_path)
    a_county_imports_its_division_table(story)
    a_village_is_opened_and_its_clerk_named(story)
    the_clerk_imports_doors_from_a_sheet(story)
    the_clerk_prints_plates(story)
    a_villager_scans_one(story)
    an_official_posts_a_notice(story)
    an_artisan_is_entered_and_verified(story)
    a_farmer_lists_produce(story)
    a_city_buyer_pays_by_alipay(story)
    another_pays_at_pickup(story)
    a_villager_reports_a_matter_and_reads_the_answer(story)
    a_matter_about_cadres_goes_to_the_town(story)
    a_person_joins_a_household_by_slip_and_leaves(story)


def a_county_imports_its_division_table(story: Story) -> None:
    rows = division_rows()
    table = story.folder / "divisions.csv"
    table.write_bytes(division_csv(rows))
    said = story.site.run("divisions", "import", str(table))
    assert "30032" in said.replace(",", "")
    chosen = next(
        row for row in rows if row[2] == "village" and row[0][9:] == "207" and row[1].endswith("村委会")
    )
    story.village = chosen[0]


def a_village_is_opened_and_its_clerk_named(story: Story) -> None:
    county = story.official("county", story.village[:6])
    county.go(f"/desk/villages/{story.village}")
    county.fill(duty_phone="0270-0000012")
    county.press("启用")
    story.village_name = county.page.input_value("[name=name]")
    clerk = story.official("clerk", story.village)
    assert "陈桂芳" in clerk.go("/desk").inner_text("body")


def the_clerk_imports_doors_from_a_sheet(story: Story) -> None:
    clerk = story.clerk
    sheet = story.folder / "doors.xlsx"
    address = f"{story.village_name}3组{{}}号"
    rows = [door_row(number, 地址=address.format(number), 标准地址编码=None) for number in range(1, 13)]
    sheet.write_bytes(make_sheet(rows))
    clerk.go("/desk/doors/import")
    clerk.choose(village=story.village)
    clerk.page.set_input_files("[name=file]", sheet)
    clerk.press("上传并检查")
    clerk.press("确认存入")
    assert "12" in clerk.text()


def the_clerk_prints_plates(story: Story) -> None:
    clerk = story.clerk
    # From here on the database is marked: plates may carry this machine's address and money goes to the local gateway.
    story.site.mark_as_demonstration()
    clerk.go("/desk/plates")
    clerk.choose(village=story.village)
    clerk.press("印制")
    assert clerk.download("A4", story.folder / "proof.pdf").startswith(b"%PDF")
    pdf = clerk.download("A3", story.folder / "plates.pdf")
    urls = [seen.text for seen in codes_seen(pdf, story.folder)]
    assert len(urls) == 12
    base = story.site.base.upper()
    assert all(url.startswith(f"{base}/D/") for url in urls)
    story.codes = [url.rsplit("/", 1)[1] for url in urls]
    manifest = json.loads(clerk.download("清单", story.folder / "plates.json"))
    assert sorted(line["code"] for line in manifest["plates"]) == sorted(story.codes)
    hosts = story.site.run("plates", "hosts")
    assert base.split("//")[1] in hosts.upper()


def a_villager_scans_one(story: Story) -> None:
    phone = Somebody(story.browser, story.site)
    page = phone.go(f"/d/{story.codes[0].lower()}")
    assert story.village_name in page.inner_text("h1, main")
    for words in ("党务", "政务", "村务", "商务"):
        assert page.get_by_role("link", name=words).count() == 1
    assert page.get_by_role("link", name="找网格员").get_attribute("href") == "tel:0270-0000012"
    assert (
        page.get_by_role("link", name="我要报事").get_attribute("href")
        == f"/matters/new?door={story.codes[0]}"
    )
    assert phone.context.cookies() == []
    phone.close()


def an_official_posts_a_notice(story: Story) -> None:
    clerk = story.clerk
    clerk.go("/desk/notices/new")
    clerk.choose(area=story.village, affair="village")
    clerk.fill(
        title="三组停水半天",
        words="供水站检修水管。\n请提前存水。",
        leaf_meaning="停水",
        signed_by="村民委员会",
    )
    clerk.press("发出")
    assert "乡亲们请注意" in clerk.page.input_value("#loudspeaker-text")
    assert "三组停水半天" in clerk.page.input_value("#group-text")
    phone = Somebody(story.browser, story.site)
    assert "三组停水半天" in phone.go(f"/D/{story.codes[1]}").inner_text("main")
    phone.press("三组停水半天")
    assert "请提前存水" in phone.text()
    phone.close()


def an_artisan_is_entered_and_verified(story: Story) -> None:
    clerk = story.clerk
    clerk.go("/desk/artisans/new")
    clerk.fill(
        public_name="杨师傅", door=story.codes[2], phone=unissued_phone(), price_guide="门窗修理 80 元起"
    )
    clerk.page.check("[name=trades][value=carpenter]")
    clerk.choose(contact="public", consent_way="in_person")
    clerk.page.check("[name=agreed]")
    clerk.press("登记")
    phone = Somebody(story.browser, story.site)
    assert "杨师傅" not in phone.go(f"/D/{story.codes[0]}").inner_text("main")
    clerk.press("核实")
    assert "杨师傅" in phone.go(f"/D/{story.codes[0]}").inner_text("main")
    phone.close()
