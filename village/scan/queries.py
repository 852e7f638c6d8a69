"""What a door's page says just now: the village's words, its notices, and what guests put there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from flask import render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from commons import slots
from commons.assets import small_html
from commons.reading import door_switches
from geocode.door_codes import format_code
from village.notices.queries import DoorNotices, notices_on_doors
from village.notices.views import notice_row
from village.public import DoorSection, PlateRef, page_version
from village.scan.rules import Variant, carried_on, earliest, group_words
from village.scan.shell import PageShell, mark
from village.scan.views import AffairLinks, DoorLinks, DoorPage, PlateFace
from village.scan.words import DoorWords

LONG_NUMBER = 7
GRID_NUMBER = mark("a")


@dataclass(frozen=True, slots=True)
class ShellKey:
    """All that a shared page depends on beside the village's version."""

    village_code: str
    h3_near: int
    is_demonstration: bool
    has_long_number: bool
    variant: Variant


def shell_key(door: DoorWords, variant: Variant) -> ShellKey:
    """Return the key of the shell that the page of *door* is filled into."""
    is_long = len(door.label) >= LONG_NUMBER
    return ShellKey(door.village_code, door.h3_near, bool(door.is_demonstration), is_long, variant)


def own_words(door: DoorWords, grid_words: str) -> dict[str, str]:
    """Return the words that are this door's own, by the letters of their marks."""
    grid = (door.grid_area or "").rpartition("-")[2].lstrip("0")
    return {
        "g": group_words(door.group_no) or door.hamlet,
        "n": door.label,
        "c": format_code(door.code),
        "k": door.code,
        "a": grid_words.replace(GRID_NUMBER, grid) if grid else "",
    }


def make_shell(plate: PlateRef, key: ShellKey, now: datetime) -> PageShell:
    """Render the page that every door like that of *plate* shares. Reads the version first, so that it is never too new."""
    version = page_version(plate.door.village_code) or 0
    notices = notices_on_doors(plate.door.village_code, now)
    # A guest sees a door without its own code and number: what it says is shared by all doors of the spot.
    shared = replace(plate.door, code="", address_code="", label="", address="", id=0, grid_id=None)
    sections = [
        DoorSection(each) if isinstance(each, Markup) else each for each in slots.pieces("door-page", shared)
    ]
    big_url, language_url = door_switches(mark("k"), big=key.variant.big, language=key.variant.language)
    page = render_template(
        "village/scan/door.html",
        page=door_page(
            plate, notices, tuple(section.html for section in sections), now, is_long=key.has_long_number
        ),
        big_url=big_url,
        language_url=language_url,
    )
    until = earliest(notices.next_change_at, *(section.valid_until for section in sections))
    grid_words = _("第 %(number)s 网格", number=GRID_NUMBER)
    page = carried_on(small_html(page), key.variant)
    return PageShell.cut(page, version=version, valid_until=until, grid_words=grid_words)


def door_page(
    plate: PlateRef, notices: DoorNotices, sections: tuple[Markup, ...], now: datetime, *, is_long: bool
) -> DoorPage:
    """Return what the template shows, with marks where a door's own words go."""
    village = plate.village
    return DoorPage(
        plate=PlateFace(
            town=village.town_name,
            village=village.name,
            group=mark("g"),
            number=mark("n", LONG_NUMBER if is_long else 1),
            code_text=mark("c"),
            grid_label=mark("a"),
            seal_path=village.seal_path,
        ),
        duty_phone=village.duty_phone,
        links=door_links(village.code),
        notices=tuple(notice_row(notice, now) for notice in notices.rows),
        notices_total=notices.total,
        guest_sections=sections,
        is_demonstration=plate.is_demonstration,
    )


def door_links(village_code: str) -> DoorLinks:
    """Return where one may go from a door of the village."""
    return DoorLinks(
        affairs=AffairLinks(
            party=url_for("notices.list_notices", village=village_code, affair="party"),
            government=url_for("notices.list_notices", village=village_code, affair="government"),
            village=url_for("notices.list_notices", village=village_code, affair="village"),
            commerce=f"/shop?village={village_code}",
        ),
        notices=url_for("notices.list_notices", village=village_code),
        report="/matters/new?door=" + mark("k"),
        sign_in="/me/door/" + mark("k"),
    )
