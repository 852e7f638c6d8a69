"""How a door's page is packed for what asks for it: small, at once, and not again."""

from __future__ import annotations

import gzip

import brotli
import pytest
from flask.testing import FlaskClient

from commons.assets import style_hash
from tests.make.doors import make_door, make_plate
from tests.make.notices import make_notice
from village.scan.memory import ScanMemory

PACKED = {"Accept-Encoding": "gzip"}


def test_the_page_fits_the_first_round_trip_in_every_encoding(
    client: FlaskClient, plate_code: str, scan: ScanMemory
) -> None:
    for number in range(3):
        make_notice(title=f"关于开展城乡居民基本医疗保险集中缴费工作的通知（第{number}号）")
    first = client.get(f"/D/{plate_code}", headers={"Accept-Encoding": "gzip, br"})
    client.get(
        f"/D/{plate_code}", headers={"Accept-Encoding": "gzip, br"}
    )  # asked for again, so worth more work
    scan.later.wait()
    second = client.get(f"/D/{plate_code}", headers={"Accept-Encoding": "gzip, br"})

    assert first.headers["Content-Encoding"] == "gzip"
    assert second.headers["Content-Encoding"] == "br"
    assert len(first.data) + len(str(first.headers)) <= 14_336
    assert len(second.data) <= 8_192
    assert brotli.decompress(second.data) == gzip.decompress(first.data)


def test_an_unchanged_page_is_not_sent_again(client: FlaskClient, plate_code: str, scan: ScanMemory) -> None:
    tag = client.get(f"/D/{plate_code}", headers=PACKED).headers["ETag"]
    scan.later.wait()
    again = client.get(
        f"/D/{plate_code}", headers={"Accept-Encoding": "br", "If-None-Match": f'W/{tag}, "other"'}
    )

    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "asked", ["identity", "", "gzip;q=0", "gzip;q=0.0, br; q=0", "*;q=0", "deflate", "gzip;q=0, *"]
)
def test_a_client_that_takes_no_compression_gets_the_page_without_pictures(
    client: FlaskClient, plate_code: str, asked: str
) -> None:
    for _ in range(2):
        answer = client.get(f"/D/{plate_code}", headers={"Accept-Encoding": asked})
        page = answer.get_data(as_text=True)
        assert "Content-Encoding" not in answer.headers
        assert "青石湾村" in page
        assert "<svg" not in page
        assert len(page.encode()) + len(str(answer.headers)) <= 14_336
        assert style_hash("lean") in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "asked", ["gzip", "*", "*;q=0.1, identity;q=0.5", "identity;q=0", "deflate, GZIP;q=0.3", "br, *"]
)
def test_a_client_that_takes_anything_gets_what_everybody_can_unpack(
    client: FlaskClient, plate_code: str, scan: ScanMemory, asked: str
) -> None:
    answer = client.get(f"/D/{plate_code}", headers={"Accept-Encoding": asked})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "青石湾村" in gzip.decompress(answer.data).decode()


@pytest.mark.parametrize("asked", ["br", "br;q=0.5, identity", "identity;q=0, br", "gzip;q=0, br"])
def test_a_client_that_takes_brotli_alone_gets_it_at_once(
    client: FlaskClient, plate_code: str, scan: ScanMemory, asked: str
) -> None:
    other = make_plate(door=make_door(label="13")).code
    for code in (plate_code, plate_code, other):
        answer = client.get(f"/D/{code}", headers={"Accept-Encoding": asked})
        assert answer.headers["Content-Encoding"] == "br"
        assert len(answer.data) <= 8_192
        assert "青石湾村" in brotli.decompress(answer.data).decode()


@pytest.mark.parametrize("asked", [{"Accept-Encoding": "gzip"}, {"Accept-Encoding": "br"}, {}])
def test_whoever_has_any_page_of_the_door_is_told_that_it_stands(
    client: FlaskClient, plate_code: str, asked: dict[str, str]
) -> None:
    answers = [client.get(f"/D/{plate_code}", headers={**asked, "If-None-Match": "*"}) for _ in range(2)]

    assert [(answer.status_code, answer.data) for answer in answers] == [(304, b"")] * 2


def test_head_sends_no_body(client: FlaskClient, plate_code: str) -> None:
    for _ in range(2):
        answer = client.head(f"/D/{plate_code}", headers=PACKED)
        assert (answer.status_code, answer.data) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 1000
