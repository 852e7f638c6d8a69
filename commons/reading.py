"""
How a person reads: large type or not, Chinese or English.

On a door's page both stand in the address alone, since that page is the same for every stranger and sets no cookie. On other
pages a choice made by a link is kept in a cookie. Standard type and Chinese are what a door's address says by saying nothing, so
whoever goes back to them there passes :data:`KEEPER`, which keeps the choice: a cookie would undo it on the next page.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, g, request
from flask_babel import Babel, get_locale

from commons.marks import is_demonstration
from commons.settings import ROOT, Settings

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
HTML_LANG = {"zh": "zh-Hans", "en": "en"}
YEAR = 365 * 24 * 3600
KEEPER = "/reading/"  # and a door's code: keeps what the address chooses, and leads to the door
CATALOGUES = ROOT / "commons" / "translations"


@dataclass(frozen=True, slots=True)
class Site:
    """What every page says of the site: who runs it, under which records, and whether it is a demonstration."""

    name: str
    organiser: str
    icp: str
    police_record: str
    host: str

    @property
    def is_demonstration(self) -> bool:
        """Say whether the mark stands; asked once per request, by the pages that show it."""
        if "is_demonstration" not in g:
            g.is_demonstration = is_demonstration()
        return bool(g.is_demonstration)


def init_app(app: Flask, settings: Settings) -> None:
    """Set up languages and large type for every page of *app*."""
    compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    Babel(app, locale_selector=lambda: LANGUAGES[language()])
    app.before_request(_read_choice)
    app.after_request(_keep_choice)
    site = Site(
        name=settings.site_name,
        organiser=settings.organiser,
        icp=settings.icp_record,
        police_record=settings.police_record,
        host=settings.public_base_url.split("://", 1)[-1].rstrip("/"),
    )
    app.context_processor(lambda: _for_templates(site))


def language() -> str:
    """Return ``zh`` or ``en`` for the request under way."""
    return str(g.get("language", "zh"))


def compile_catalogues() -> None:
    """Make the machine form of every catalogue that changed since it was last made."""
    for source in CATALOGUES.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3])
            # Processes that start at once each write a file of their own: with one name the second would find none to rename.
            fresh = target.with_suffix(f".{os.getpid()}.new")
            with fresh.open("wb") as file:
                write_mo(file, catalogue)
            fresh.replace(target)


def _is_scan_page() -> bool:
    return request.path[:3].upper() == "/D/"


def _read_choice() -> None:
    cookies = {} if _is_scan_page() else request.cookies
    chosen = request.args.get("lang") or cookies.get("lang", "")
    g.language = chosen if chosen in LANGUAGES else "zh"
    g.big = (request.args.get("big") or cookies.get("big", "")) == "1"


def _keep_choice(response: Response) -> Response:
    if _is_scan_page() or request.method != "GET":
        return response
    for name in ("big", "lang"):
        value = request.args.get(name)
        if value in {"0", "1", "zh", "en"} and value != request.cookies.get(name):
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True)
    return response


def address_with(**changes: str) -> str:
    """Return the address of the page under way with some of its query changed; empty values are left out."""
    query = {**request.args.to_dict(), **changes}
    kept = {name: value for name, value in query.items() if value}
    return request.path + (f"?{urlencode(kept)}" if kept else "")


def reading_query(*, big: bool, language: str) -> str:
    """Return the end of an address that is read so; standard type and Chinese need none."""
    chosen = {"big": "1"} if big else {}
    if language != "zh":
        chosen["lang"] = language
    return f"?{urlencode(chosen)}" if chosen else ""


def door_switches(code: str, *, big: bool, language: str) -> tuple[str, str]:
    """Return where 大字 or 标准字, and where English or 中文 lead from the page of a door, read so; *code* is ready for an address."""
    to_big = "/D/" + code + reading_query(big=True, language=language)
    to_standard = KEEPER + code + ("?big=0" if language == "zh" else f"?big=0&lang={language}")
    to_english = "/D/" + code + reading_query(big=big, language="en")
    to_chinese = KEEPER + code + ("?big=1&lang=zh" if big else "?lang=zh")
    return to_standard if big else to_big, to_chinese if language != "zh" else to_english


def read_so() -> str:
    """Return the end of an address of a door's page that is read as this page is: no cookie counts there."""
    return reading_query(big=bool(g.get("big", False)), language=language())


def _for_templates(site: Site) -> dict[str, object]:
    big = bool(g.get("big", False))
    if _is_scan_page():
        code = quote(request.path[3:], safe="")
        big_url, language_url = door_switches(code, big=big, language=language())
    else:
        big_url = address_with(big="0" if big else "1")
        language_url = address_with(lang="en" if language() == "zh" else "zh")
    return {
        "site": site,
        "big": big,
        "big_url": big_url,
        "read_so": read_so(),
        "language": language(),
        "language_url": language_url,
        "html_lang": HTML_LANG[language()],
        "locale": get_locale(),
    }
