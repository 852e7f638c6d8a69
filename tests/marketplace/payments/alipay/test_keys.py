"""Keys in every shape, and the serial texts of certificates."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID

from marketplace.payments.alipay.keys import (
    BadKeyError,
    certificate_sn,
    is_signed_by,
    load_private_key,
    load_public_key,
    public_text,
    root_certificate_sn,
    sign,
)
from tests.marketplace.payments.alipay.stock_client import pem, pkcs1_text, pkcs8_text

PKCS1, PKCS8 = serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8
KEY = rsa.generate_private_key(65537, 2048)
ANT_R1 = ("CN", "Ant Financial", "Certification Authority", "Ant Financial Certification Authority R1")
ITRUS_G3 = ("CN", "iTrusChina", "China Trust Network", "iTrusChina Class 2 Root CA - G3")


def made_certificate(
    named: tuple[str, str, str, str], serial: int, key: CertificateIssuerPrivateKeyTypes = KEY
) -> str:
    oids = (
        NameOID.COUNTRY_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.COMMON_NAME,
    )
    name = x509.Name([x509.NameAttribute(oid, text) for oid, text in zip(oids, named, strict=True)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2050, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize(
    "text",
    [
        pem(KEY, PKCS1),
        pem(KEY, PKCS8),
        pkcs1_text(KEY),
        pkcs8_text(KEY),
        f"  {pkcs8_text(KEY)[:64]}\r\n{pkcs8_text(KEY)[64:]}\n",
    ],
)
def test_a_private_key_is_read_in_every_shape(text: str) -> None:
    assert load_private_key(text).private_numbers() == KEY.private_numbers()


def test_a_public_key_is_read_as_spki_as_pkcs1_and_out_of_a_certificate() -> None:
    public = KEY.public_key()
    pkcs1 = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1).decode()
    spki = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()

    for text in (pkcs1, spki, public_text(public), made_certificate(ANT_R1, 7)):
        assert load_public_key(text).public_numbers() == public.public_numbers()


@pytest.mark.parametrize(
    "text", ["", "not base64 at all!", base64.b64encode(b"\x30\x03\x02\x01\x01").decode()]
)
def test_what_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    for load in (load_private_key, load_public_key, certificate_sn, root_certificate_sn):
        with pytest.raises(BadKeyError) as refused:
            load(text)
        assert not text or text not in str(refused.value)


def test_other_kinds_and_short_keys_are_refused() -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    short = rsa.generate_private_key(65537, 1024)

    with pytest.raises(BadKeyError, match="not an RSA one"):
        load_private_key(
            curve.private_bytes(serialization.Encoding.PEM, PKCS8, serialization.NoEncryption()).decode()
        )
    with pytest.raises(BadKeyError, match="too short"):
        load_private_key(pkcs8_text(short))


def test_a_signature_holds_for_its_content_and_key_only() -> None:
    signature = sign(KEY, "中文".encode())
    other = rsa.generate_private_key(65537, 2048).public_key()

    assert is_signed_by(KEY.public_key(), "中文".encode(), signature)
    assert not is_signed_by(KEY.public_key(), "中文 ".encode(), signature)
    assert not is_signed_by(other, "中文".encode(), signature)
    assert not is_signed_by(KEY.public_key(), "中文".encode(), "not base64")
    assert not is_signed_by(KEY.public_key(), "中文".encode(), "")


def test_serial_texts_agree_with_the_published_ones_of_alipays_roots() -> None:
    """Issuer and serial number of the two RSA roots in Alipay's file; every library knows these texts."""
    ant = made_certificate(ANT_R1, 0x1FCFA18D6A480D11)
    itrus = made_certificate(ITRUS_G3, 0x10C764E9D560384212D9C08FD10E373FDD0FB396)

    assert certificate_sn(ant) == "687b59193f3f462dd5336e5abf83c5d8"
    assert (
        root_certificate_sn(ant + itrus)
        == "687b59193f3f462dd5336e5abf83c5d8_02941eef3187dddf3d3b83462e1dfcf6"
    )


def test_roots_that_are_not_rsa_do_not_count_even_if_they_cannot_be_read() -> None:
    ant = made_certificate(ANT_R1, 7)
    curve = made_certificate(ANT_R1, 8, ec.generate_private_key(ec.SECP384R1()))
    unreadable = (
        f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(b'0?').decode()}\n-----END CERTIFICATE-----\n"
    )

    assert root_certificate_sn(unreadable + curve + ant) == certificate_sn(ant)
    with pytest.raises(BadKeyError, match="no RSA certificate"):
        root_certificate_sn(curve)


def test_a_damaged_rsa_root_is_not_passed_over() -> None:
    lines = made_certificate(ANT_R1, 7).splitlines()
    damaged = "\n".join([lines[0], *lines[1:-2], lines[-1]])

    with pytest.raises(BadKeyError):
        root_certificate_sn(made_certificate(ITRUS_G3, 9) + damaged)
