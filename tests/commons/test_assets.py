"""Styles and scripts: joined, small, kept for ever, and let through the content policy by their hash."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re

import brotli
import pytest
from flask import Flask

from commons import assets
from commons.settings import ROOT


@pytest.fixture
def face() -> Flask:
    app = Flask("assets", root_path=str(ROOT), static_folder=None)
    assets.init_app(app)
    return app


def test_small_css_keeps_the_meaning() -> None:
    source = 'a > b, c :hover {\n  width : calc(1px + 2px) ; /* why */\n color: red;\n}\n@media (max-width: 9px) { d::before { content: ": "; } }'

    assert assets.small_css(source) == (
        'a > b,c :hover{width:calc(1px + 2px);color:red}@media (max-width:9px){d::before{content:": "}}'
    )


def test_every_style_sheet_belongs_to_a_page_type() -> None:
    used = {name for names in assets.PAGE_TYPES.values() for name in names}
    there = {path.stem for path in (ROOT / "static" / "css" / "components").glob("*.css")}

    assert there - used == set()


@pytest.mark.parametrize("path", sorted((ROOT / "static" / "css").rglob("*.css")), ids=lambda path: path.stem)
def test_a_style_sheet_keeps_the_rules_for_old_browsers(path: object) -> None:
    source = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)  # type: ignore[attr-defined]

    assert not re.findall(r"@layer|@container|@import|:has\(|!important|(?<![\w-])&|url\(", source)
    assert not re.findall(r"(?:^|[},\s])#[a-zA-Z][\w-]*[\s,{:.]", re.sub(r"\{[^{}]*\}", "{}", source))


def test_the_hash_in_the_policy_is_the_hash_of_what_is_sent() -> None:
    sent = str(assets.inline_style("door")).removeprefix("<style>").removesuffix("</style>")
    digest = base64.b64encode(hashlib.sha256(sent.encode()).digest()).decode()

    assert assets.style_hash("door") == f"'sha256-{digest}'"


@pytest.mark.parametrize("name", ["public.css", "desk.css", "main.js", "modules/quantity.js"])
def test_a_linked_file_is_kept_for_ever_and_comes_compressed(face: Flask, name: str) -> None:
    client = face.test_client()
    plain = client.get(assets.asset(name))
    small = client.get(assets.asset(name), headers={"Accept-Encoding": "gzip, br"})
    zipped = client.get(assets.asset(name), headers={"Accept-Encoding": "gzip"})

    assert plain.status_code == 200
    assert "immutable" in plain.headers["Cache-Control"]
    assert small.headers["Content-Encoding"] == "br"
    assert brotli.decompress(small.data) == plain.data
    assert gzip.decompress(zipped.data) == plain.data


def test_a_file_of_another_version_is_not_answered_with_this_one(face: Flask) -> None:
    client = face.test_client()

    assert client.get("/static/css/public-000000000000.css").status_code == 404
    assert client.get("/static/js-000000000000/main.js").status_code == 404
    assert client.get("/static/css/tokens.css").status_code == 404


def test_every_module_that_a_template_names_exists() -> None:
    folders = [ROOT / package / "templates" for package in ("commons", "village", "marketplace")]
    named = {
        name
        for folder in folders
        for path in folder.rglob("*.html")
        for name in re.findall(r'data-module="([\w-]+)"', path.read_text(encoding="utf-8"))
    }

    assert named
    assert [
        name for name in sorted(named) if not (ROOT / "static" / "js" / "modules" / f"{name}.js").exists()
    ] == []


def test_nothing_is_compressed_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brotli, "compress", lambda *_, **__: pytest.fail("compressed at start"))
    assets._assets.cache_clear()
    assets.init_app(Flask("assets", root_path=str(ROOT), static_folder=None))
