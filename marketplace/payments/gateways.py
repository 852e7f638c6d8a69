"""Which gateways this deployment has: from the settings, or the local gateway's file on a machine of one's own."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from flask import Flask, current_app

from commons.marks import is_demonstration
from commons.settings import BadSettings, Settings
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import AlipayConfig, read_merchant_file
from marketplace.payments.alipay.doctor import plain_faults
from marketplace.payments.alipay.notifications import Recipient
from marketplace.payments.alipay_driver import AlipayGateway
from marketplace.payments.errors import NoOnlinePayment
from marketplace.payments.port import Gateway
from marketplace.payments.port_out import MoneyOut

LOCAL_FOLDER = "gateway"
MERCHANT_FILE = "merchant.json"


class ListeningGateway(Gateway, MoneyOut, Protocol):
    """A gateway that also pays out and sends notifications, and as whom we take them."""

    @property
    def recipient(self) -> Recipient:
        """Say as whom, and by which key, notifications are taken."""

    @property
    def config(self) -> AlipayConfig:
        """How this application is set up."""


@dataclass
class Gateways:
    """
    The gateways of one application, by number and world.

    What is kept here is only what was read from files; another process reads the same files.
    """

    settings: Settings
    fixed: list[ListeningGateway] = field(default_factory=list)
    _local: tuple[float, ListeningGateway] | None = None

    @property
    def livemode(self) -> bool:
        """Whether new payments are asked for in real money."""
        return self.settings.payments_live

    def all(self) -> list[ListeningGateway]:
        """Return every gateway whose word counts here."""
        local = self._local_gateway()
        return [*self.fixed, local] if local else list(self.fixed)

    def current(self, livemode: bool | None = None) -> ListeningGateway:
        """
        Return the gateway that new attempts go to; those of the world *livemode*, where it is given.

        Raises:
            NoOnlinePayment: there is none, or it is live and this is a demonstration.
        """
        wanted = self.livemode if livemode is None else livemode
        for gateway in self.all():
            if gateway.livemode == wanted and not (gateway.livemode and is_demonstration()):
                return gateway
        raise NoOnlinePayment()

    def of(self, app_id: str, livemode: bool | None) -> ListeningGateway | None:
        """Return the gateway of a stored attempt; with *livemode* None, of an application whose world is not told."""
        for gateway in self.all():
            if gateway.app_id == app_id and livemode in {None, gateway.livemode}:
                return gateway
        return None

    def _local_gateway(self) -> ListeningGateway | None:
        """Read the local gateway's file, again when it has changed; never beside a real application."""
        if self.settings.alipay_app_id or self.settings.payments_live or self.settings.mode != "private":
            return None
        path = self.settings.instance_dir / LOCAL_FOLDER / MERCHANT_FILE
        try:
            changed_at = path.stat().st_mtime
            if self._local is None or self._local[0] != changed_at:
                self._local = (changed_at, alipay_gateway(read_merchant_file(path), livemode=False))
        except (OSError, json.JSONDecodeError):
            return None
        return self._local[1]


def alipay_gateway(config: AlipayConfig, *, livemode: bool) -> AlipayGateway:
    """Make a gateway of an Alipay application."""
    return AlipayGateway(AlipayClient(config), livemode=livemode)


def config_from(settings: Settings) -> AlipayConfig:
    """Read the keys that *settings* name; certificates win where an application certificate is given."""
    from_alipay = _text(settings.alipay_public_key_file)
    certificate = _text(settings.alipay_app_cert_file)
    return AlipayConfig(
        app_id=settings.alipay_app_id,
        gateway_url=settings.alipay_gateway_url,
        seller_id=settings.alipay_seller_id,
        app_private_key=_text(settings.alipay_private_key_file),
        alipay_public_key="" if certificate else from_alipay,
        app_certificate=certificate,
        alipay_certificate=from_alipay if certificate else "",
        alipay_root_certificate=_text(settings.alipay_root_cert_file),
    )


def _text(path: str) -> str:
    """Read a key or certificate; what is no text is DER, whose base64 is read like any other."""
    if not path:
        return ""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise BadSettings([f"{path} 读不出来：{error.strerror}"]) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return base64.b64encode(data).decode("ascii")


def init_app(app: Flask, settings: Settings) -> None:
    """Give *app* its gateways; a wrong key stops the start rather than the first payment."""
    fixed: list[ListeningGateway] = []
    if settings.alipay_app_id:
        config = config_from(settings)
        faults = plain_faults(config)
        if faults:
            raise BadSettings(faults)
        fixed.append(alipay_gateway(config, livemode=settings.payments_live))
    app.extensions["payment_gateways"] = Gateways(settings, fixed)


def gateways() -> Gateways:
    """Return the gateways of the running application."""
    found: Gateways = current_app.extensions["payment_gateways"]
    return found
