"""What a deployment must say before it can speak with Alipay, checked as a whole and then frozen."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from marketplace.payments.alipay.keys import (
    BadKeyError,
    certificate_sn,
    load_certificate,
    load_private_key,
    load_public_key,
    root_certificate_sn,
)

LIVE_GATEWAY = "https://openapi.alipay.com/gateway.do"
# The address inside the SDK, openapi.alipaydev.com, has been dead since 2023 (smartwalle/alipay#157).
SANDBOX_GATEWAY = "https://openapi-sandbox.dl.alipaydev.com/gateway.do"


# Where a person agrees to sign in with Alipay; the sandbox has openauth-sandbox.dl.alipaydev.com [K].
LIVE_AUTHORIZE_PAGE = "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm"


class BadAlipayConfigError(ValueError):
    """The configuration cannot work; the message lists every fault."""


@dataclass(frozen=True, slots=True)
class AlipayConfig:
    """
    One application at one gateway.

    Either *alipay_public_key* (key mode) or all three certificates (certificate mode, which payouts
    demand) are given; with both, certificates win. *alipay_public_key* is Alipay's key, not the
    application's own public half, which is the commonest mistake with these settings.
    """

    app_id: str
    gateway_url: str
    app_private_key: str = field(repr=False)
    alipay_public_key: str = field(default="", repr=False)
    app_certificate: str = field(default="", repr=False)
    alipay_certificate: str = field(default="", repr=False)
    alipay_root_certificate: str = field(default="", repr=False)
    seller_id: str = ""
    timeout_s: float = 15.0
    authorize_page: str = LIVE_AUTHORIZE_PAGE
    proxy_url: str = field(default="", repr=False)

    @property
    def has_certificates(self) -> bool:
        """Whether requests go out in certificate mode."""
        return bool(self.app_certificate or self.alipay_certificate or self.alipay_root_certificate)

    def faults(self) -> Iterator[str]:
        """Say everything that is wrong, not only the first thing. Secrets are never repeated."""
        if not (self.app_id.isascii() and self.app_id.isdigit() and len(self.app_id) == 16):
            yield "app_id must be the 16 digits shown in Alipay's console"
        for name in ("gateway_url", "authorize_page"):
            address = urlsplit(getattr(self, name))
            if address.scheme not in ("http", "https") or not address.hostname:
                yield f"{name} must be a full http or https address"
        if self.seller_id and not (self.seller_id.startswith("2088") and len(self.seller_id) == 16):
            yield "seller_id must be a 16-digit partner id beginning 2088"
        if not 0 < self.timeout_s <= 120:
            yield "timeout_s must lie between 0 and 120 seconds"
        yield from _fault("app_private_key", load_private_key, self.app_private_key)
        if self.has_certificates:
            yield from self._certificate_faults()
        else:
            yield from _fault("alipay_public_key", load_public_key, self.alipay_public_key)
            yield from self._swapped_key()

    def _certificate_faults(self) -> Iterator[str]:
        found = [
            *_fault("app_certificate", load_certificate, self.app_certificate),
            *_fault("alipay_certificate", load_public_key, self.alipay_certificate),
            *_fault("alipay_root_certificate", root_certificate_sn, self.alipay_root_certificate),
        ]
        yield from found
        if not found and not self._holds_own_public_half(self.app_certificate):
            yield "app_certificate does not belong to app_private_key"

    def _swapped_key(self) -> Iterator[str]:
        if self._holds_own_public_half(self.alipay_public_key):
            yield "alipay_public_key is the application's own public key; paste Alipay's instead"

    def _holds_own_public_half(self, text: str) -> bool:
        try:
            own = load_private_key(self.app_private_key).public_key()
            return own.public_numbers() == load_public_key(text).public_numbers()
        except BadKeyError:
            return False


def _fault(name: str, load: Callable[[str], object], text: str) -> Iterator[str]:
    if not text.strip():
        yield f"{name} is missing"
        return
    try:
        load(text)
    except BadKeyError as error:
        yield f"{name}: {error}"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The configuration's keys, parsed once: parsing costs more than signing."""

    private: RSAPrivateKey = field(repr=False)
    alipay: RSAPublicKey = field(repr=False)
    app_cert_sn: str = ""
    alipay_root_cert_sn: str = ""
    alipay_cert_sn: str = ""


def keyring_of(config: AlipayConfig) -> Keyring:
    """Parse every key of a faultless configuration; raise `BadAlipayConfigError` otherwise."""
    faults = list(config.faults())
    if faults:
        raise BadAlipayConfigError("; ".join(faults))
    private = load_private_key(config.app_private_key)
    if not config.has_certificates:
        return Keyring(private, load_public_key(config.alipay_public_key))
    return Keyring(
        private,
        load_public_key(config.alipay_certificate),
        certificate_sn(config.app_certificate),
        root_certificate_sn(config.alipay_root_certificate),
        certificate_sn(config.alipay_certificate),
    )


def read_merchant_file(path: Path) -> AlipayConfig:
    """Read the ``merchant.json`` that the local gateway writes; unknown entries are left aside."""
    told = json.loads(path.read_text(encoding="utf-8"))
    known = {one.name for one in fields(AlipayConfig)}
    return AlipayConfig(**{name: value for name, value in told.items() if name in known})
