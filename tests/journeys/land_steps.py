"""The land's part of the story: the table of divisions, a village with its grids and officers, doors and their plates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from commons.db import db
from geocode.datums import wgs84_to_bd09, wgs84_to_gcj02
from tests.browser import pressed
from tests.journeys.people import Somebody
from tests.journeys.story import Story
from tests.make.division_table import division_csv, division_rows
from tests.make.door_sheets import door_row, make_sheet
from tests.make.doors import LAT, LNG
from tests.make.people import unissued_phone
from tests.village.papers.pdf_reading import codes_seen
from village.doors.models import Door

Move = Callable[[float, float], tuple[float, float]]


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


def a_clerk_opens_a_village(story: Story) -> None:
    clerk = story.official("clerk", story.village)
    assert "陈桂芳" in clerk.go("/desk").inner_text("body")
    clerk.go(f"/desk/villages/{story.village}")
    clerk.fill(duty_phone="0270-0000012")
    clerk.press("启用")
    story.village_name = clerk.page.input_value("[name=name]")


def the_clerk_draws_grids_and_names_their_officers(story: Story) -> None:
    _draw_grid(story.clerk, 1, "东片", ["3"])
    _draw_grid(story.clerk, 2, "西片", ["4", "5"])
    officer = Somebody(story.browser, story.site, desk=True)
    officer.begin_at_the_desk(*_name_officer(story.clerk, 1, "officer-1", "周立新"), "moon-over-lake-8")
    assert "周立新" in officer.go("/desk").inner_text("body")
    story.officials["officer"] = officer
    _name_officer(story.clerk, 2, "officer-2", "吴春生")
    listed = story.clerk.go("/desk/grids").inner_text("main")
    assert "周立新" in listed
    assert "吴春生" in listed


def _draw_grid(clerk: Somebody, number: int, name: str, groups: list[str]) -> None:
    clerk.go("/desk/grids")
    clerk.press("划一个新网格")
    clerk.fill(name=name)
    for group in groups:
        clerk.page.check(f"[name=groups][value='{group}']")
    clerk.press("保存")
    assert f"第 {number} 网格（{name}）" in clerk.text()


def _name_officer(clerk: Somebody, number: int, sign_in_name: str, name: str) -> tuple[str, str, str]:
    """Name the officer of a grid, and return how they sign in for the first time: name, temporary password, telephone."""
    phone = unissued_phone()
    clerk.go("/desk/grids")
    pressed(clerk.page, clerk.page.get_by_role("link", name=f"定第 {number} 网格"))
    clerk.fill(phone=phone, name=name, sign_in_name=sign_in_name)
    clerk.press("保存")
    return sign_in_name, clerk.page.inner_text(".receipt p:last-child b"), phone


@dataclass(frozen=True, slots=True)
class Sheet:
    """Doors of one group in one sheet, and the frame in which somebody measured them."""

    group: int
    doors: int
    frame: str = "wgs84"
    move: Move | None = None
    is_said_in_the_sheet: bool = True
    has_official_codes: bool = False

    def rows(self, story: Story) -> list[list[object]]:
        """The rows as the clerk typed them."""
        return [self._row(story, number) for number in range(1, self.doors + 1)]

    def _row(self, story: Story, number: int) -> list[object]:
        lat, lng = LAT, LNG + number * 1e-4
        if self.move is not None:
            lat, lng = self.move(lat, lng)
        return door_row(
            number,
            地址=f"{story.village_name}{self.group}组{number}号",
            组=self.group,
            经度=lng,
            纬度=lat,
            坐标系=self.frame if self.is_said_in_the_sheet else None,
            标准地址编码=f"{story.village}00{number:08d}" if self.has_official_codes else None,
        )


def the_clerk_imports_doors_from_sheets(story: Story) -> None:
    """Three groups stand at the same spots, each measured in a frame of its own; the first has official codes as well."""
    plain = _import(story, Sheet(3, 6, has_official_codes=True))
    amap = _import(story, Sheet(4, 3, "gcj02", wgs84_to_gcj02, is_said_in_the_sheet=False))
    baidu = _import(story, Sheet(5, 3, "bd09", wgs84_to_bd09))
    assert amap == baidu == plain[:3]
    assert len(set(plain)) == 6
    assert "共 2 个网格，12 个门，其中 0 个还没有划进网格" in story.clerk.go("/desk/grids").inner_text("body")
    doors = _doors(story)
    assert {len(door.address_code) for door in doors} == {23}
    assert len({door.address_code for door in doors}) == 12
    assert [door.beidou_code for door in doors] == [*plain, *plain[:3], *plain[:3]]
    cells = [door.h3_cell for door in doors]
    assert cells[6:9] == cells[9:] == cells[:3]
    assert [door.police_address_code for door in doors[5:7]] == [f"{story.village}0000000006", None]


def _import(story: Story, sheet: Sheet) -> list[str]:
    """Send a sheet, store what the preview shows, and return the BeiDou codes it showed."""
    clerk, file = story.clerk, story.folder / f"doors-{sheet.group}.xlsx"
    file.write_bytes(make_sheet(sheet.rows(story)))
    clerk.go("/desk/doors/import")
    clerk.choose(village=story.village, frame=sheet.frame)
    clerk.page.set_input_files("[name=file]", file)
    clerk.press("上传并检查")
    codes = clerk.page.locator("[aria-labelledby=new-head] tbody td:last-child").all_inner_texts()
    clerk.press("确认存入")
    assert re.search(rf"新增\s*{sheet.doors}\b", clerk.text())
    return codes


def _doors(story: Story) -> list[Door]:
    with story.site.app.app_context():
        doors = list(db.session.scalars(select(Door).order_by(Door.group_no, Door.door_no)))
        db.session.remove()
    return doors


def the_clerk_prints_plates(story: Story) -> None:
    clerk = story.clerk
    # From here on the database is marked: plates may carry this machine's address and money goes to the local gateway.
    story.site.mark_as_demonstration()
    clerk.go("/desk/plates")
    clerk.choose(village=story.village)
    clerk.press("印制")
    urls = _urls_on(story, "A3")
    assert len(urls) == 12
    assert sorted(_urls_on(story, "A4 纸样")) == sorted(urls)
    base = story.site.base.upper()
    assert all(url.startswith(f"{base}/D/") for url in urls)
    story.codes = [url.rsplit("/", 1)[1] for url in urls]
    manifest = json.loads(clerk.download("清单", story.folder / "plates.json"))
    assert sorted(line["code"] for line in manifest["plates"]) == sorted(story.codes)
    host = base.split("//")[1]
    assert manifest["public_host"].upper() == host
    hosts = story.site.run("plates", "hosts")
    assert re.search(rf"{host}  1 批  12 块", hosts.upper())


def _urls_on(story: Story, layout: str) -> list[str]:
    """Download a batch in a layout and read every code on it, as a phone would from the paper."""
    pdf = story.clerk.download(layout, story.folder / "plates.pdf")
    assert pdf.startswith(b"%PDF")
    return [seen.text for seen in codes_seen(pdf, story.folder)]


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
