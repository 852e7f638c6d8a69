"""What the documents say of the code is true of the code."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

from commons.settings import ROOT, Settings

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")])
CAPABILITIES = [f"C{number}" for number in range(1, 58)] + [f"M{number}" for number in range(1, 26)]
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]

    assert [link for link in targets if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_says_of_every_capability_whether_it_is_built(name: str) -> None:
    said = re.findall(r"\b[CM]\d{1,2}\b", text(name))

    assert sorted(said) == sorted(CAPABILITIES)


def test_both_readmes_agree_on_what_is_built() -> None:
    english = dict(re.findall(r"^\| ([CM]\d+) \| (built|partly) \|", text("README.md"), re.M))
    chinese = dict(re.findall(r"^\| ([CM]\d+) \| (已有|部分) \|", text("README.zh.md"), re.M))

    assert english == {name: {"已有": "built", "部分": "partly"}[word] for name, word in chinese.items()}


def test_the_first_line_names_what_a_machine_needs() -> None:
    for name in ("README.md", "README.zh.md"):
        first = text(name).splitlines()[0]
        assert all(word in first for word in ("Debian", "Python 3.11", "git", "make", "python3-venv"))


def test_every_slot_is_described(app: Flask) -> None:
    described = set(re.findall(r"^\| `([a-z-]+)` \|", text("docs/slots.md"), re.M))

    assert described == set(app.extensions["slots"].guests)


def test_every_slot_is_asked_by_a_page(app: Flask) -> None:
    files = [path for name in ("commons", "village", "marketplace") for path in (ROOT / name).rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    asked = set(re.findall(r'^SLOT = "([a-z-]+)"|\b(?:pieces|tell)\("([a-z-]+)"', code, re.M))

    assert {one or other for one, other in asked} == set(app.extensions["slots"].guests)


def test_every_setting_is_described() -> None:
    table = text("docs/running.md").partition("## Settings")[2].partition("## ")[0]

    described = {
        name
        for line in table.splitlines()
        for name in re.findall(r"`([A-Z_]+)`", line.split("|")[1] if "|" in line else "")
    }
    assert described == {item.name.upper() for item in fields(Settings)}


def test_every_command_that_is_shown_exists(app: Flask) -> None:
    shown = re.findall(r"\bflask (?:--app wsgi )?([a-z]+)(?: ([a-z]+))?", text("docs/running.md"))

    for group, name in shown:
        assert group in app.cli.commands, group
        inner = getattr(app.cli.commands[group], "commands", None)
        assert inner is None or name in inner, f"{group} {name}"


DECISIONS = sorted((ROOT / "docs/decisions").iterdir())


def test_decisions_are_numbered_in_one_line() -> None:
    names = [page.name for page in DECISIONS]

    assert [name for name in names if not re.fullmatch(r"\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.md", name)] == []
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    for page in DECISIONS:
        assert page.read_text(encoding="utf-8").startswith(f"# {int(page.name[:4])}. "), page.name


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_a_decision_is_short(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 60
