"""The official SDK's own client, set up as its manual says, to show what it does wrong."""

import base64
import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.util import WebUtils
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from marketplace.payments.alipay.config import AlipayConfig
from marketplace.payments.alipay.keys import load_private_key


def stock_client(merchant: AlipayConfig, **changes: Any) -> Any:
    """A stock client in key mode with the only private key form it can read."""
    settings: Any = AlipayClientConfig()
    settings.app_id = merchant.app_id
    settings.server_url = merchant.gateway_url
    settings.app_private_key = pkcs1_text(load_private_key(merchant.app_private_key))
    settings.alipay_public_key = merchant.alipay_public_key
    for name, value in changes.items():
        setattr(settings, name, value)
    return DefaultAlipayClient(settings)


def teach_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mend the stock client's first fault, so that the faults behind it can be seen at all."""

    def connection(url: str, query: str, timeout: float) -> tuple[str, http.client.HTTPConnection]:
        address = urlsplit(url)
        assert address.hostname is not None
        made = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)
        return f"{address.path}?{query}", made

    monkeypatch.setattr(WebUtils, "get_http_connection", connection)


def pkcs1_text(key: RSAPrivateKey) -> str:
    """Bare base64 of PKCS#1."""
    return _bare(key, serialization.PrivateFormat.TraditionalOpenSSL)


def pkcs8_text(key: RSAPrivateKey) -> str:
    """Bare base64 of PKCS#8, what Alipay's key tool makes for Java."""
    return _bare(key, serialization.PrivateFormat.PKCS8)


def pem(key: RSAPrivateKey, form: serialization.PrivateFormat) -> str:
    """PEM of either form."""
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _bare(key: RSAPrivateKey, form: serialization.PrivateFormat) -> str:
    der = key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
    return base64.b64encode(der).decode()
