"""The page of a door as it is sent: what it says, and how little of it there is."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import brotli
import pytest
from flask import Flask, render_template

from commons import assets
from tests.face import face_app
from tests.village.scan import door_examples as examples
from village.scan.lean import lean
from village.scan.views import OldPlate

VARIANTS = ["", "?big=1", "?lang=en", "?big=1&lang=en"]


@pytest.fixture
def face() -> Flask:
    return face_app({})


def sent(face: Flask, make: str, query: str = "") -> str:
    with face.test_request_context(f"/D/7K3M9QX2HD{query}"):
        face.preprocess_request()
        return examples.door_html(getattr(examples, make)())


@pytest.fixture
def full(face: Flask) -> Iterator[str]:
    yield sent(face, "full_door")


@pytest.mark.parametrize("query", VARIANTS)
@pytest.mark.parametrize("make", ["full_door", "longest_door", "bare_door"])
def test_a_door_page_fits_into_eight_kilobytes_with_brotli_and_fourteen_in_any_encoding(
    face: Flask, make: str, query: str
) -> None:
    page = sent(face, make, query).encode()

    assert len(brotli.compress(page, quality=5)) <= 8_192
    assert len(gzip.compress(page, 6)) <= 14_336
    assert len(lean(page)) <= 14_336


@pytest.mark.parametrize("query", VARIANTS)
def test_a_lean_page_says_and_links_what_the_whole_one_does_without_pictures(face: Flask, query: str) -> None:
    whole = sent(face, "longest_door", query)
    small = lean(whole.encode()).decode()

    assert words_and_links(small) == words_and_links(whole)
    assert not re.findall(r"<svg|<script|<use|\.icon|\.drawing", small)
    assert re.findall(r"<style>(.*?)</style>", small, re.DOTALL) == [assets.style("lean")]


def test_a_lean_page_is_dressed_like_the_whole_one_where_it_has_the_same() -> None:
    rules = [set(re.findall(r"[^{}]+{[^}]*}", assets.style(kind))) for kind in ("lean", "door")]

    assert {rule.partition("{")[0] for rule in rules[0] - rules[1]} == {".door-head-bar", ".door-plate"}


def words_and_links(page: str) -> tuple[list[str], list[str]]:
    """Return what a page says and where it leads, in order."""
    words = re.sub(r"<(style|script|svg)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return words.split(), re.findall(r'href="([^"#][^"]*)"', page)


def test_a_door_page_asks_for_nothing_more(full: str) -> None:
    assert not re.findall(r"<(?:img|iframe|audio|video)\b|<script[^>]+src=|url\(|@import|@font-face", full)
    assert re.findall(r"<link[^>]*>", full) == ['<link rel="icon" href="data:,">']


def test_a_door_page_holds_no_form_and_no_token(full: str) -> None:
    assert "<form" not in full
    assert "csrf" not in full


def test_a_door_page_styles_and_scripts_nothing_but_what_its_hashes_let_through(full: str) -> None:
    assert not re.findall(r"<[^>]*\s(?:style|on\w+)=", full)
    assert re.findall(r"<style>(.*?)</style>", full, re.DOTALL) == [assets.style("door")]
    assert len(re.findall(r"<script\b", full)) == 1
    assert assets.script_hash().startswith("'sha256-")


def test_the_inline_script_stays_small() -> None:
    assert len(assets.inline_script()) <= 1_100


def test_a_door_page_shows_the_plate_the_four_affairs_and_the_two_acts(full: str) -> None:
    for words in (
        "柳河镇",
        "青石湾村",
        "三组",
        "12",
        "7K3M9-QX2HD",
        "第 4 网格",
        "党务",
        "政务",
        "村务",
        "商务",
    ):
        assert words in full
    assert f'href="{examples.LINKS.report}"' in full
    assert f'href="tel:{examples.DUTY}"' in full


def test_a_door_page_in_a_new_village_says_that_there_is_no_notice(face: Flask) -> None:
    assert "最近没有通知" in sent(face, "bare_door")


def test_a_recorded_notice_carries_the_clerks_voice(face: Flask) -> None:
    assert 'data-audio="/media/notices/1204.opus"' in sent(face, "longest_door")


def test_an_artisan_passed_on_by_the_village_shows_no_name(full: str) -> None:
    row = re.search(r'<li class="artisan-row">(?:(?!</li>).)*水电维修.*?</li>', full, re.DOTALL)

    assert row is not None
    assert "由村里转" in row[0]
    assert "师傅" not in row[0]


def test_large_type_is_one_class_and_the_switch_leads_back(face: Flask) -> None:
    big = sent(face, "full_door", "?big=1")

    assert '<html lang="zh-Hans" class="big">' in big
    assert "标准字" in big
    assert 'href="/reading/7K3M9QX2HD?big=0"' in big


def test_the_english_page_has_no_chinese_of_ours_left(face: Flask) -> None:
    page = sent(face, "bare_door", "?lang=en")
    words = re.sub(r"<(style|script|symbol)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    left = set(re.findall(r"[\u4e00-\u9fff]+", words))

    names = {
        "柳河镇",
        "青石湾村",
        "三组",
        "号",
        "第",
        "网格",
        "乡情码",
        "柳河镇人民政府",
        "中文",
        "鄂",
        "备",
        "鄂公网安备",
    }
    assert {each for each in left if each not in names} <= {"青石湾村三组", "鄂ICP备", "号"}


def test_names_are_escaped(face: Flask) -> None:
    with face.test_request_context("/D/7K3M9QX2HD"):
        face.preprocess_request()
        plate = examples.plate(village="<b>村</b>&")
        page = render_template("village/components_probe.html", plate=plate)

    assert "<b>村" not in page
    assert "&lt;b&gt;村&lt;/b&gt;&amp;" in page


@pytest.mark.parametrize("name", ["not_ours", "unknown"])
def test_a_code_that_opens_no_door_says_so_and_repeats_the_code(face: Flask, name: str) -> None:
    with face.test_request_context("/D/7K3M9QX2HE"):
        face.preprocess_request()
        page = render_template(f"village/scan/{name}.html", code_text="7K3M9-QX2HE")

    assert "7K3M9-QX2HE" in page
    assert 'href="/"' in page


@pytest.mark.parametrize("name", ["replaced", "revoked"])
def test_an_old_plate_gives_the_duty_telephone_and_sends_nobody_to_another_door(
    face: Flask, name: str
) -> None:
    with face.test_request_context("/D/7K3M9QX2HD"):
        face.preprocess_request()
        page = render_template(
            f"village/scan/{name}.html", old=OldPlate("7K3M9-QX2HD", "青石湾村", examples.DUTY)
        )

    assert f'href="tel:{examples.DUTY}"' in page
    assert not [link for link in re.findall(r'href="(/D/[^"?]+)', page) if link != "/D/7K3M9QX2HD"]
