"""One letter on its way: to the public internet only, to the very address that was looked at, within bounds."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from marketplace.payments.webhooks.courier import KEPT_ANSWER, Courier, Letter
from marketplace.payments.webhooks.guard import RefusedAddressError, check_url
from marketplace.payments.webhooks.rules import Trouble
from tests.marketplace.payments.webhooks.receiver import Receiver, answer

INSIDE = [
    "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/", "http://0177.0.0.1/",
    "http://0.0.0.0/", "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.1/", "http://169.254.169.254/latest",
    "http://100.64.0.1/", "http://198.18.0.1/", "http://224.0.0.1/", "http://255.255.255.255/", "http://localhost/",
    "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:a00:1]/", "http://[fc00::1]/",
    "http://[fe80::1]/", "http://[2002:7f00:1::]/", "http://[64:ff9b::7f00:1]/", "http://[2001:0:4136:e378::1]/",
    "https://[ff02::1]/", "http://xq.localhost/", "http://[fec0::1]/", "http://[3fff::1]/", "http://[5f00::1]/",
    "http://localhost./", "http://metadata.google.internal./", "http://127.0.0.1./", "http://0x7f000001/",
]  # fmt: skip
NEVER = [
    "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/", "example.com", "http://",
    "http://user:word@example.com/", "http://@example.com/", "http://example.com:99999/", "http://example.com:0/",
    "http://exa mple.com/", "http://example.com/\r\nX: y", "http://例子.测试/", "",
]  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_nothing_inside_the_house_is_connected_to(url: str) -> None:
    assert Courier().carry(Letter(url, b"{}", {})).trouble is Trouble.refused_address
    with pytest.raises(RefusedAddressError):  # already when a program names it
        check_url(url, livemode=False, may_be_private=False)


@pytest.mark.parametrize("url", NEVER)
def test_what_can_never_be_right_is_refused_even_where_private_addresses_are_allowed(url: str) -> None:
    with pytest.raises(RefusedAddressError):
        check_url(url, livemode=False, may_be_private=True)


@pytest.mark.parametrize(
    "name", ["1.1.1.1", "16843009", "cafe.example", "fee.de", "0xbadcafe.example", "example.com."]
)
def test_what_only_looks_like_a_number_or_is_a_public_one_may_be_named(name: str) -> None:
    check_url(f"http://{name}/hooks", livemode=False, may_be_private=False)


def test_live_events_go_out_by_https_alone() -> None:
    check_url("https://example.com/hooks", livemode=True, may_be_private=False)
    with pytest.raises(RefusedAddressError):
        check_url("http://example.com/hooks", livemode=True, may_be_private=False)


def test_a_name_that_leads_inside_as_well_is_refused_and_its_address_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Receiver() as inside:
        _resolve_to(monkeypatch, "1.1.1.1", "127.0.0.1")

        receipt = Courier().carry(Letter(f"http://hooks.example.com:{inside.port}/", b"{}", {}))

    assert receipt.trouble is Trouble.refused_address and inside.heard == []


def test_the_name_is_looked_up_once_and_kept_for_the_host_and_the_handshake(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server, trusting = _certificate_for("hooks.example.com", tmp_path)
    with Receiver(tls=server) as shop:
        # Whoever asks a second time is sent somewhere else.
        asked = _resolve_to(monkeypatch, "127.0.0.1", then="192.0.2.1")
        letter = Letter(
            f"https://hooks.example.com:{shop.port}/in?a=1&b=%20#not-sent", b"{}", {"X-Mark": "1"}
        )

        receipt = Courier(may_be_private=True, tls=trusting).carry(letter)
        stranger = Courier(may_be_private=True).carry(Letter(f"https://127.0.0.1:{shop.port}/", b"{}", {}))

    assert receipt.is_delivered and asked == ["hooks.example.com", "127.0.0.1"]
    assert shop.heard[0].line == "POST /in?a=1&b=%20 HTTP/1.1" and shop.heard[0].headers["X-Mark"] == "1"
    assert shop.heard[0].headers["Host"] == f"hooks.example.com:{shop.port}"
    assert shop.names_asked_for[0] == "hooks.example.com"
    assert stranger.trouble is Trouble.bad_certificate and len(shop.heard) == 1


def test_a_redirect_is_a_failure_and_is_not_followed() -> None:
    with Receiver() as elsewhere, Receiver() as shop:
        shop.answers.append(answer("302 Found", b"", f"Location: {elsewhere.url}"))

        receipt = Courier(may_be_private=True).carry(Letter(shop.url, b"{}", {}))

    assert (receipt.trouble, receipt.status_code) == (Trouble.redirected, 302)
    assert elsewhere.heard == []


def test_an_answer_that_drips_is_cut_off_and_a_huge_one_is_not_read() -> None:
    with Receiver(drips=True) as slow, Receiver() as loud:
        slow.answers.extend([answer("200 OK", b"x" * 6_000)] * 2)  # for five minutes each
        loud.answers.append(answer("500 No", b"\x00no " * 500_000))
        began = time.monotonic()

        dripped = Courier(may_be_private=True, patience_s=0.4).carry(Letter(slow.url, b"{}", {}))
        took = time.monotonic() - began
        # Its first line says 200 by now, and the rest never comes: that is no receipt.
        half = Courier(may_be_private=True, patience_s=1.3).carry(Letter(slow.url, b"{}", {}))
        shouted = Courier(may_be_private=True).carry(Letter(loud.url, b"{}", {}))

    assert dripped.trouble is half.trouble is Trouble.too_slow and took < 60
    assert (shouted.trouble, shouted.status_code) == (Trouble.not_accepted, 500)
    assert shouted.answer.startswith("no no ") and len(shouted.answer) <= KEPT_ANSWER


def test_every_other_fault_has_a_name() -> None:
    with socket.socket() as closed, Receiver() as shop:
        closed.bind(("127.0.0.1", 0))  # held, so that it is nobody else's, and not listened on
        port = closed.getsockname()[1]
        shop.answers.append(b"what?\r\n\r\n")
        courier = Courier(may_be_private=True)
        found = [
            courier.carry(Letter(url, b"{}", {})).trouble
            for url in (f"http://127.0.0.1:{port}/", "http://no-such-host.invalid/", shop.url)
        ]

    assert found == [Trouble.no_connection, Trouble.no_such_host, Trouble.broken_answer]


def _resolve_to(monkeypatch: pytest.MonkeyPatch, *numbers: str, then: str = "") -> list[str]:
    """Let the outside world's names lead to *numbers*, and from the second look on to *then*."""
    asked: list[str] = []
    look_up_really, me = socket.getaddrinfo, threading.get_ident()

    def look_up(host: str, port: int, *how: Any, **named: Any) -> list[Any]:
        if threading.get_ident() != me:  # a server of another test, which is still closing its doors
            return look_up_really(host, port, *how, **named)
        asked.append(host)
        found = [then] if then and len(asked) > 1 and host != "127.0.0.1" else list(numbers)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr("marketplace.payments.webhooks.guard.socket.getaddrinfo", look_up, raising=True)
    connect = socket.socket.connect

    def create(address: tuple[str, int], timeout: float) -> socket.socket:
        line = socket.socket()
        line.settimeout(timeout)
        connect(line, address)
        return line

    monkeypatch.setattr("marketplace.payments.webhooks.courier.socket.create_connection", create)
    return asked


def _certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own for *name*, and a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    file = folder / "server.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        pem + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=pem.decode())
