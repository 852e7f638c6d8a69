"""The sender for real use: one signed POST in JSON to the county's gateway, which knows its provider."""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import urlsplit

import requests

from commons import clock
from commons.messaging.protocol import Message, SendFailed

TIMEOUT = (3.05, 8)


class HttpSender:
    """
    Posts ``{"id", "phone", "template", "values"}`` with the headers X-Timestamp and X-Signature.

    The signature is HMAC-SHA256 under the shared key over the timestamp, a line feed and the body, in hex. Any 2xx means taken;
    the gateway must treat the same ``id`` as the same message.
    """

    keeps_words = False

    def __init__(self, endpoint: str, key: str) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("SMS_ENDPOINT must be https: it carries telephones")
        self.endpoint, self.key = endpoint, key

    def signature(self, timestamp: str, body: bytes) -> str:
        """Return the signature of *body* sent at *timestamp* (seconds since 1970)."""
        return hmac.new(self.key.encode(), timestamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()

    def deliver(self, message: Message) -> None:
        """Send *message*; a redirect is no delivery, since the signature was meant for one address."""
        about = {
            "id": message.number,
            "phone": message.phone,
            "template": message.template,
            "values": message.values,
        }
        body = json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = str(int(clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Timestamp": timestamp,
            "X-Signature": self.signature(timestamp, body),
        }
        try:
            answer = requests.post(
                self.endpoint, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            # The error's own text may carry the address and the body; its kind says enough.
            raise SendFailed(type(error).__name__) from None
        if not 200 <= answer.status_code < 300:
            raise SendFailed(f"status {answer.status_code}")
