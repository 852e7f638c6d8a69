"""How a report comes in: its files made clean and kept, its door looked up, and one question asked before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage

from commons import throttle
from commons.db import transaction
from commons.errors import Refusal
from commons.uploads import CleanFile, Upload, clean_picture, clean_voice
from commons.uploads.limits import LARGEST_FORM
from commons.uploads.queries import may_see
from geocode.door_codes import format_code
from village.matters import actions, browser, queries
from village.matters.actions import door_words
from village.matters.category_rules import CADRES, CATEGORY_OF
from village.matters.danger_rules import speaks_of_cadres, speaks_of_danger
from village.matters.errors import TooManyFiles, UnknownDoor
from village.matters.forms import ProxyForm, ReportForm
from village.matters.rules import LONGEST_WORDS, MOST_PICTURES
from village.public import DoorRef, find_door

# One carrier's address may stand for a village, so it is a loose key; a browser without a cookie gets no form anyway.
REPORTS_PER_BROWSER = "10/hour;30/day"
REPORTS_PER_ADDRESS = "300/hour"
FILES_PER_BROWSER = "40/hour"
FILES_PER_ADDRESS = "600/hour"
# A report says more than a form of the desk: three photos as a phone takes them.
LARGEST_REPORT = LARGEST_FORM
MOST_SENT = 6


@dataclass(frozen=True, slots=True)
class Pause:
    """What the page between shows before a report is sent."""

    is_danger: bool
    asks_about_cadres: bool


def keep_sent_files(form: ReportForm | ProxyForm) -> None:
    """
    Clean and keep every file that came with *form*, and blame the form for those that are none.

    Kept files are named in ``form.kept``, so that nobody has to choose them again because of some other mistake.
    """
    if form.form_key.errors:
        return
    kept = list(form.kept.data or [])
    for field, clean, sent in _sent_files(form):
        try:
            _throttle_files()
            kept.append(_keep(clean(sent, field), form.form_key.data))
        except Refusal as refusal:
            form.blame(Refusal(refusal.sentence, field=field, code=refusal.code))
    form.kept.data = [file.key for file in queries.kept_files(kept, browser.owner_hash(form.form_key.data))]
    _count(form)


def _sent_files(
    form: ReportForm | ProxyForm,
) -> Iterator[tuple[str, Callable[[FileStorage, str], CleanFile], FileStorage]]:
    if isinstance(form.voice.data, FileStorage) and form.voice.data.filename:
        yield "voice", clean_voice, form.voice.data
    pictures = [each for each in form.pictures.data or () if isinstance(each, FileStorage) and each.filename]
    for picture in pictures[:MOST_SENT]:
        yield "pictures", clean_picture, picture


def _throttle_files() -> None:
    throttle.hit("matter-files", browser.reporter_token(), FILES_PER_BROWSER)
    throttle.hit("matter-files-from", throttle.client_address(), FILES_PER_ADDRESS)


def _keep(clean: CleanFile, form_key: str) -> str:
    with transaction():
        upload = actions.keep_file(clean, browser.owner_hash(form_key))
    browser.remember_file(upload.id)
    return upload.key


def _count(form: ReportForm | ProxyForm) -> None:
    kinds = [file.kind for file in kept_files(form)]
    if kinds.count("picture") > MOST_PICTURES:
        form.blame(TooManyFiles("pictures"))
    if kinds.count("voice") > 1:
        form.blame(TooManyFiles("voice"))


def kept_files(form: ReportForm | ProxyForm) -> list[queries.FileLine]:
    """Return the files that *form* keeps."""
    if not form.kept.data or form.form_key.errors or not form.form_key.data:
        return []
    return queries.kept_files(list(form.kept.data), browser.owner_hash(form.form_key.data))


def throttle_reports() -> None:
    """Count one report sent from here; outside every transaction."""
    throttle.hit("matter-report", browser.reporter_token(), REPORTS_PER_BROWSER)
    throttle.hit("matter-report-from", throttle.client_address(), REPORTS_PER_ADDRESS)


def place_from(form: ReportForm | ProxyForm) -> actions.Where:
    """
    Return where the matter is: at the door that is named, or near it, in the reporter's own words.

    Raises:
        UnknownDoor: no door, or none of ours.
    """
    typed = form.door.data or ""
    door = find_door(typed) if typed else None
    if door is None:
        raise UnknownDoor()
    return where_of(door, form.place.data or "")


def where_of(door: DoorRef, words: str) -> actions.Where:
    """Return the place of a matter at *door*, or at the place that *words* name."""
    return actions.Where(
        door.village_code, door.county_code, door.grid_area, door.id, words or door_words(door), words
    )


def shown_door(text: str) -> tuple[str, str]:
    """Return a door's code as it is printed and the door's words, for a code that opens; else the text as it came."""
    door = find_door(text)
    return (text, "") if door is None else (format_code(door.code), door_words(door))


def pause_before(form: ReportForm) -> Pause | None:
    """Return what must be shown or asked before the report is sent; nothing once it was answered."""
    if form.answer.data in {"go", "cadres"}:
        return None
    words = f"{form.words.data or ''}\n{form.place.data or ''}"[: LONGEST_WORDS + 200]
    danger = CATEGORY_OF[form.category.data].is_dangerous or speaks_of_danger(words)
    cadres = form.category.data != CADRES and speaks_of_cadres(words)
    return Pause(danger, cadres) if danger or cadres else None


@may_see(actions.VISIBILITY)
def may_see_file(upload: Upload) -> bool:
    """A form's file is for the browser that sent it, a matter's for its reporter and for the officials in whose reach it is."""
    found = queries.file_row(upload.id)
    if found is None:
        return False
    row, number = found
    if number is None:
        return browser.has_file(upload.id)
    return may_follow(number) or queries.reached(number) is not None


def may_follow(number: str) -> bool:
    """Say whether the matter is of whoever is here: of this browser, or of the person signed in."""
    if browser.may_open(number):
        return True
    person_id = browser.person_here()
    return person_id is not None and queries.is_of_person(number, person_id)
