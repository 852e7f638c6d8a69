"""Make the keys, certificates and numbers of one gateway once, and write the merchant's side out."""

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509.oid import NameOID

from marketplace.payments.alipay.keys import (
    certificate_sn,
    load_private_key,
    load_public_key,
    public_text,
    root_certificate_sn,
)
from marketplace.payments.local_gateway.store import Store

APP_ID = "9021000100000001"
# Partner and user numbers have 16 digits from 2088; these ranges are plainly nobody's.
SELLER_ID = "2088900000000008"
BUYER_ID = "2088900000000016"
BUYER_OPEN_ID = "local-open-id-of-the-demonstration-buyer"
BUYER_LOGON_ID = "buy***@local.example"

_NAMES = (
    "gateway_private_key",
    "merchant_private_key",
    "merchant_public_key",
    "root_certificate",
    "alipay_certificate",
    "app_certificate",
)


@dataclass(frozen=True)
class Keys:
    """Everything the gateway knows of both sides. The merchant's private key is here only to be given out."""

    app_id: str
    seller_id: str
    gateway_private_key: str = field(repr=False)
    merchant_private_key: str = field(repr=False)
    merchant_public_key: str
    root_certificate: str
    alipay_certificate: str
    app_certificate: str

    @cached_property
    def private(self) -> RSAPrivateKey:
        return load_private_key(self.gateway_private_key)

    @cached_property
    def merchant(self) -> RSAPublicKey:
        return load_public_key(self.merchant_public_key)

    @cached_property
    def app_cert_sn(self) -> str:
        return certificate_sn(self.app_certificate)

    @cached_property
    def root_cert_sn(self) -> str:
        return root_certificate_sn(self.root_certificate)

    @cached_property
    def alipay_cert_sn(self) -> str:
        return certificate_sn(self.alipay_certificate)

    @property
    def alipay_public_key(self) -> str:
        return public_text(self.private.public_key())


def keys_in(store: Store) -> Keys:
    """Read the keys, or make them at the first start."""
    with store.writing():
        if not store.setting(_NAMES[0]):
            for name, text in _make_all(store.now()).items():
                store.keep(name, text)
        return Keys(APP_ID, SELLER_ID, **{name: store.setting(name) for name in _NAMES})


def accept_merchant_key(store: Store, text: str) -> Keys:
    """Take another public key from the merchant, as Alipay's console would, with a certificate for it."""
    with store.writing():
        root_key = load_private_key(store.setting("root_private_key"))
        merchant = load_public_key(text)
        store.keep("merchant_public_key", public_text(merchant))
        store.keep("merchant_private_key", "")
        store.keep("app_certificate", _certificate(APP_ID, merchant, root_key, store.now()))
        return keys_in(store)


def write_merchant_file(keys: Keys, base_url: str, path: Path) -> None:
    """Write the merchant's configuration (see `alipay.config.read_merchant_file`), for its owner alone."""
    told = {
        "app_id": keys.app_id,
        "gateway_url": f"{base_url}/gateway.do",
        "authorize_page": f"{base_url}/oauth2/publicAppAuthorize.htm",
        "app_private_key": keys.merchant_private_key,
        "alipay_public_key": keys.alipay_public_key,
        "app_certificate": keys.app_certificate,
        "alipay_certificate": keys.alipay_certificate,
        "alipay_root_certificate": keys.root_certificate,
        "seller_id": keys.seller_id,
    }
    beside = path.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(told, file, indent=2)
    beside.replace(path)


def _make_all(now: float) -> dict[str, str]:
    gateway, merchant, root = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    return {
        "gateway_private_key": _private_text(gateway),
        "merchant_private_key": _private_text(merchant),
        "merchant_public_key": public_text(merchant.public_key()),
        "root_private_key": _private_text(root),
        "root_certificate": _certificate("Local Gateway Root", root.public_key(), root, now),
        "alipay_certificate": _certificate("Local Gateway", gateway.public_key(), root, now),
        "app_certificate": _certificate(APP_ID, merchant.public_key(), root, now),
    }


def _private_text(key: RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Local Gateway"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Certification Authority"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(subject: str, public: RSAPublicKey, signer: RSAPrivateKey, now: float) -> str:
    today = datetime.fromtimestamp(now, UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name("Local Gateway Root"))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=3650))
        .sign(signer, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode("ascii")
