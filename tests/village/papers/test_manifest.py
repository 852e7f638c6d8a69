"""The manifest answers, years later, what was printed; and shows when somebody has been at it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commons.fonts import BUNDLED_BOLD
from tests.make.plates import make_batch, make_faces
from village.papers.manifest import digest_of, verify
from village.papers.qr import plate_url

BATCH = make_batch(make_faces(7))


def content_of(manifest: bytes) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(manifest)
    return loaded


def sealed(content: dict[str, Any]) -> bytes:
    """What a careful forger writes: canonical, with its own digest made anew."""

    def canonical(part: dict[str, Any]) -> bytes:
        return (json.dumps(part, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()

    body = {key: value for key, value in content.items() if key != "digest"}
    return canonical({**body, "digest": hashlib.sha256(canonical(body)).hexdigest()})


def codes(manifest: bytes, **known: Any) -> list[str]:
    return [fault.code for fault in verify(manifest, **known)]


def test_a_whole_manifest_has_no_fault() -> None:
    assert verify(BATCH.manifest, BATCH.pdf, digest_of(BATCH.manifest)) == ()


def test_the_manifest_tells_host_sizes_font_and_file() -> None:
    content = content_of(BATCH.manifest)

    assert content["public_host"] == BATCH.public_host == "XQ.GOV.CN"
    assert (content["plate_mm"], content["symbol_mm"], content["patch_mm"]) == ([150, 90], 40, 51.034)
    assert content["font"]["sha256"] == hashlib.sha256(BUNDLED_BOLD.read_bytes()).hexdigest()
    assert content["pdf"] == {"sha256": hashlib.sha256(BATCH.pdf).hexdigest(), "bytes": len(BATCH.pdf)}
    assert content["made_at"] == "2026-11-22T01:00:00+00:00"


def test_every_plate_has_a_line_with_its_place_on_the_sheets() -> None:
    lines = content_of(BATCH.manifest)["plates"]

    assert [(line["sheet"], line["position"]) for line in lines] == [(1, n) for n in range(1, 7)] + [(2, 1)]
    assert all(line["read_back"] == line["url"] and line["read_level"] == "H" for line in lines)
    assert BATCH.sheets == 2


@settings(deadline=None)
@given(st.integers(0, len(BATCH.manifest) - 1), st.integers(1, 255))
def test_any_changed_byte_is_found(place: int, change: int) -> None:
    changed = bytearray(BATCH.manifest)
    changed[place] ^= change

    assert verify(bytes(changed))


def test_a_changed_name_breaks_the_digest() -> None:
    content = content_of(BATCH.manifest)
    content["plates"][0]["number"] = "999"
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"

    assert codes(text.encode()) == ["digest_differs"]


def test_a_forgery_with_a_new_digest_is_not_the_recorded_manifest() -> None:
    content = content_of(BATCH.manifest)
    content["plates"][0]["number"] = "999"

    assert codes(sealed(content)) == []
    assert codes(sealed(content), digest=digest_of(BATCH.manifest)) == ["not_the_recorded_one"]


@pytest.mark.parametrize("front", ["@ttps:", "h" * 60])
def test_an_address_that_no_symbol_can_say_is_found(front: str) -> None:
    content = content_of(BATCH.manifest)
    content["plates"][0]["url"] = content["plates"][0]["url"].replace("HTTPS:", front)

    assert codes(sealed(content)) == ["symbol_differs"]


def test_another_doors_address_in_a_line_is_found() -> None:
    content = content_of(BATCH.manifest)
    line = content["plates"][0]
    line["code"], line["url"] = "ABCDE2345E", plate_url("xq.gov.cn", "ABCDE2345E")

    assert codes(sealed(content)) == ["symbol_differs"]

    line["url"] = plate_url("evil.example.cn", "ABCDE2345E")
    assert codes(sealed(content)) == ["url_differs"]


def test_a_code_standing_twice_is_found() -> None:
    content = content_of(BATCH.manifest)
    content["plates"].append(content["plates"][0])

    assert codes(sealed(content)) == ["code_twice"]


def test_another_pdf_is_found() -> None:
    assert codes(BATCH.manifest, pdf=BATCH.pdf + b"\n") == ["pdf_differs"]


def test_a_manifest_that_was_only_reformatted_is_found() -> None:
    assert codes(json.dumps(content_of(BATCH.manifest)).encode()) == ["not_canonical"]


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "unreadable"),
        (b"\xff\xfe", "unreadable"),
        (b"[]", "unknown_format"),
        (b'{"format":"x"}', "unknown_format"),
    ],
)
def test_what_is_no_manifest_is_said_to_be_none(raw: bytes, fault: str) -> None:
    assert codes(raw) == [fault]


@pytest.mark.parametrize("left_out", ["plates", "pdf", "public_host", "digest"])
def test_a_manifest_with_a_part_missing_is_incomplete_or_differs(left_out: str) -> None:
    content = {key: value for key, value in content_of(BATCH.manifest).items() if key != left_out}

    assert verify(json.dumps(content).encode(), BATCH.pdf)
