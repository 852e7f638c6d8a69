"""Whoever reads English reads English: every text of a public page is in the catalogue and translated."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, meta
from jinja2.ext import babel_extract

from commons.settings import ROOT
from marketplace.artisans.rules import TRADES
from marketplace.produce.rules import CATEGORIES, UNITS, Entry
from village.notices.rules import LEAF_MEANINGS

FOLDERS = [ROOT / package / "templates" for package in ("commons", "village", "marketplace")]
CATALOGUE = ROOT / "commons" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
# What other features put on public pages; nothing names these but Python.
PIECES = (
    "/_own.html", "/_shop_foot.html", "/_shop_notes.html", "/_shop_rounds.html", "/_stall.html", "/_bar.html",
    "door_sections/artisans.html", "door_sections/produce.html",
)  # fmt: skip


@cache
def sources() -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in folder.rglob("*.html")
    }


def names_in(name: str) -> set[str]:
    """Return the templates that the template *name* extends, imports or includes."""
    environment = Environment(loader=FileSystemLoader(FOLDERS), extensions=["jinja2.ext.i18n"])  # noqa: S701 - only read
    return {each for each in meta.find_referenced_templates(environment.parse(sources()[name])) if each}


def public_templates() -> set[str]:
    """Return every template whose words stand on a page that is not the desk's."""
    found = {name for name, text in sources().items() if '{% extends "commons/base.html" %}' in text or name.endswith(PIECES)}
    found |= {name for name in sources() if names_in(name) & found}
    waiting = set(found)
    while waiting:
        new = names_in(waiting.pop()) - found
        found |= new
        waiting |= new
    return found


def texts_of(name: str) -> Iterator[str]:
    with next(folder / name for folder in FOLDERS if (folder / name).exists()).open("rb") as file:
        for _line, _function, words, _comments in babel_extract(file, ("_", "gettext"), [], {}):
            first = words if isinstance(words, str) else (words or [None])[0]
            if first:  # anything else is a word of our rules, listed for translators beside them
                yield first


def test_every_text_of_a_public_page_is_translated() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    missing = {
        words: name for name in sorted(public_templates()) for words in texts_of(name) if not (catalogue.get(words) and catalogue.get(words).string)
    }
    assert missing == {}


def test_words_of_rules_that_pages_show_are_translated() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    shown = [trade.words for trade in TRADES] + list(LEAF_MEANINGS) + list(UNITS.values())
    shown += [words for each in CATEGORIES if each.entry is not Entry.forbidden for words in (each.words, each.ready)]
    assert [words for words in shown if not (catalogue.get(words) and catalogue.get(words).string)] == []
