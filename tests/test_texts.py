"""Every visible text can be translated, the catalogue holds no word that nobody says, and a visitor meets English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask
from jinja2 import Environment, meta

from commons.reading import CATALOGUES
from commons.settings import ROOT

PACKAGES = ("commons", "village", "marketplace")
MARKS = {"_", "_l", "_n", "gettext", "lazy_gettext"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")

# Where anybody walks without an office: the code behind the public pages and the way from the shop to an order. Templates are found below.
PUBLIC = (
    "commons/error_pages.py", "commons/errors.py", "commons/forms.py", "commons/demonstration.py", "commons/uploads/errors.py",
    "commons/accounts/errors.py", "commons/accounts/pages.py", "commons/accounts/forms.py", "commons/accounts/me/", "village/scan/",
    "village/matters/errors.py", "village/matters/rules.py", "village/matters/category_rules.py", "village/matters/views.py",
    "village/matters/pages.py", "village/notices/pages.py", "village/notices/rules.py", "marketplace/artisans/pages.py",
    "marketplace/artisans/section.py", "marketplace/artisans/rules.py", "marketplace/artisans/errors.py", "marketplace/produce/rules.py",
    "marketplace/produce/pages.py", "marketplace/cart/", "marketplace/orders/", "marketplace/payments/actions.py",
    "marketplace/payments/refunds.py", "marketplace/payments/pages.py",
)  # fmt: skip
# What other features put on public pages; nothing names these but Python.
PIECES = (
    "/_own.html", "/_shop_foot.html", "/_shop_notes.html", "/_shop_rounds.html", "/_stall.html", "/_bar.html",
    "door_sections/artisans.html", "door_sections/produce.html",
)  # fmt: skip

# Words that are no text of a page: names of files and of keys in them, what officials' words are made of, what is stored as typed.
NO_TEXTS = {
    "commons/forms.py": "“元” is taken off what was typed",
    "commons/accounts/me/pages.py": "names and headings of the file with everything stored of a person",
    "village/doors/import_pages.py": "names of files",
    "village/households/desk_pages.py": "a village's own name, and the title of a paper",
    "village/matters/desk_pages.py": "tables that the pages translate where they show them",
    "village/matters/pages.py": "headings of the file with everything stored of a person",
    "village/notices/desk_pages.py": "a village's own name, as a signature",
}


@cache
def extracted() -> dict[str, set[str]]:
    """Every text of the sources with the files that say it, as ``make texts`` collects them."""
    with (CATALOGUES / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = dict.fromkeys(MARKS) | {"ngettext": (1, 2)}
    found: dict[str, set[str]] = {}
    for package in PACKAGES:
        methods_here = [
            (pattern.removeprefix(f"{package}/"), method)
            for pattern, method in methods
            if pattern.startswith(package)
        ]
        options_here = {
            pattern.removeprefix(f"{package}/"): said
            for pattern, said in options.items()
            if pattern.startswith(package)
        }
        for name, _, text, _, _ in extract_from_dir(ROOT / package, methods_here, options_here, keywords):
            found.setdefault(text if isinstance(text, str) else text[0], set()).add(f"{package}/{name}")
    return found


@cache
def english() -> Catalog:
    with (CATALOGUES / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


@cache
def templates() -> dict[str, tuple[str, set[str]]]:
    """Every template by its name: the file it lies in, and the templates that it extends, imports or includes."""
    folders = [ROOT / package / "templates" for package in PACKAGES]
    reader = Environment(extensions=["jinja2.ext.i18n"])  # noqa: S701 - only read
    found = {}
    for folder in folders:
        for path in folder.rglob("*.html"):
            named = meta.find_referenced_templates(reader.parse(path.read_text(encoding="utf-8")))
            found[path.relative_to(folder).as_posix()] = (
                path.relative_to(ROOT).as_posix(),
                {name for name in named if name},
            )
    return found


def public_templates() -> set[str]:
    """Return the files of every template whose words stand on a page that is not the desk's."""
    named = {name: names for name, (_file, names) in templates().items()}
    found = {name for name, names in named.items() if "commons/base.html" in names or name.endswith(PIECES)}
    found |= {name for name, names in named.items() if names & found}
    waiting = set(found)
    while waiting:
        new = named[waiting.pop()] - found
        found |= new
        waiting |= new
    return {templates()[name][0] for name in found}


def unmarked(path: Path) -> Iterator[str]:
    """Yield Chinese constants outside a call that marks them; docstrings are no texts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.add(id(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            left_out.update(map(id, ast.walk(node)))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in left_out
            and CHINESE.search(node.value)
        ):
            yield node.value


def test_forms_errors_and_pages_mark_every_text() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): words
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.stem.endswith(("forms", "errors", "pages"))
        and "local_gateway" not in path.parts
        and (words := list(unmarked(path)))
    }

    assert {path: words for path, words in found.items() if path not in NO_TEXTS} == {}
    assert set(NO_TEXTS) - set(found) == set()


def test_the_catalogue_holds_no_word_that_nobody_says() -> None:
    assert {str(message.id) for message in english() if message.id} - set(extracted()) == set()


def test_whoever_needs_no_office_finds_every_text_in_english() -> None:
    public = public_templates()
    said = {
        text
        for text, files in extracted().items()
        if any(name.startswith(PUBLIC) or name in public for name in files)
    }
    left = {text for text in said if not ((message := english().get(text)) and message.string)}

    assert len(public) > 100 and len(said) > 800
    assert left == set()


def test_both_languages_name_the_same_values() -> None:
    names = re.compile(r"%\((\w+)\)")
    for message in english():
        if message.id and message.string:
            assert set(names.findall(str(message.id))) == set(names.findall(str(message.string))), message.id


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("/find?lang=en", "Type the 10 characters"),
        ("/matters/new?lang=en", "Roads"),
        ("/notices/1?lang=en", "This notice is gone"),
    ],
)
def test_a_visitor_meets_english_in_what_forms_and_errors_say(app: Flask, page: str, words: str) -> None:
    client = app.test_client()
    answer = client.get(page)
    if page.startswith("/find"):
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/?lang=en").text)
        assert token is not None
        answer = client.post(page, data={"csrf_token": token[1], "code": ""})

    assert words in answer.get_data(as_text=True)
