"""Faces that must never become metal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.make.plates import make_face, make_faces
from village.papers.errors import BadPlate, MissingGlyphs
from village.papers.fonts import paper_font
from village.papers.plate_face import require_printable
from village.papers.qr import plate_url


def test_sound_faces_pass() -> None:
    require_printable(make_faces(3), paper_font())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "ABCDE2345F"}, "码 'ABCDE2345F' 不对"),
        ({"code": "abcde2345e"}, "不对"),
        ({"url": plate_url("xq.gov.cn", "23456789AD")}, "和印出的码不一致"),
        ({"url": "HTTPS://XQ.GOV.CN/X/ABCDE2345E"}, "不一致"),
        ({"url": "nonsense"}, "不一致"),
        ({"host_text": "other.gov.cn"}, "和二维码里的主机名 XQ.GOV.CN 不一致"),
        ({"village": ""}, "缺村名"),
        ({"number": ""}, "缺门牌号"),
        ({"number": "12号"}, "不要带“号”字"),
        ({"number": "1" * 13}, "门牌号超过 12 个字"),
        ({"village": "青石湾村\n"}, "看不见的字符"),
        ({"town": "柳河\u200b镇"}, "看不见的字符"),
        ({"duty_phone": "找老王"}, "不像电话号码"),
    ],
)
def test_a_face_that_is_wrong_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadPlate) as refused:
        require_printable([replace(make_face(), **changes)], paper_font())

    assert said in refused.value.sentence


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "xq.gov.cn:8443"])
def test_a_host_that_only_works_at_home_is_for_demonstration_plates(host: str) -> None:
    with pytest.raises(BadPlate, match="只能用来印演示牌"):
        require_printable([make_face(host=host)], paper_font())

    require_printable([make_face(host=host, demo=True)], paper_font())


def test_a_plain_http_address_never_becomes_a_real_plate() -> None:
    plain = plate_url("xq.gov.cn", "ABCDE2345E", scheme="HTTP")

    with pytest.raises(BadPlate, match="HTTPS"):
        require_printable([make_face(url=plain)], paper_font())

    require_printable([make_face(url=plain, demo=True)], paper_font())


def test_one_code_on_two_plates_is_refused_with_both_names() -> None:
    with pytest.raises(BadPlate, match="青石湾村三组 13 号 和 青石湾村三组 12 号 用了同一个码 ABCDE-2345E"):
        require_printable([make_face(), make_face(number="13")], paper_font())


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(BadPlate, match="没有门牌"):
        require_printable([], paper_font())


def test_a_rare_character_is_reported_with_its_plate() -> None:
    with pytest.raises(MissingGlyphs, match="㙓（U\\+3653）在㙓家村三组 12 号（ABCDE-2345E）"):
        require_printable([make_face(village="㙓家村")], paper_font())
