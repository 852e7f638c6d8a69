"""
From the gateway's bytes to an outcome.

An answer is ``{"<method>_response":{…},"alipay_cert_sn":"…","sign":"…"}`` where the signature covers the
exact characters of the first value. They are cut out by walking the outer object, so that neither a
certificate serial beside it nor a quotation of the same words inside it can move the cut.
"""

import json
from dataclasses import dataclass
from typing import Any

from marketplace.payments.alipay.config import Keyring
from marketplace.payments.alipay.keys import is_signed_by
from marketplace.payments.alipay.outcomes import DefinitelyNot, Done, Outcome, Unknown

SUCCESS = "10000"

# Errors of the way in (authorisation, arguments, signature, permission) are sometimes sent unsigned,
# because the gateway could not tell whose key to use. They say that nothing was done.
_WAY_IN = frozenset({"20001", "40001", "40002", "40003", "40005", "40006"})
_BUSINESS = "40004"

# Sub codes after which Alipay itself does not promise either way (payments.md section 4).
_UNCERTAIN_ENDINGS = ("SYSTEM_ERROR", "unknow-error", "unknown-error", "service-unavailable")

# Methods whose good answer has no code at all, and the member that proves it.
_WITHOUT_CODE = {"alipay.system.oauth.token": "access_token"}

# An amount that comes as a JSON number keeps its own digits: money never passes through a float.
_decoder = json.JSONDecoder(parse_float=str)


class BadAnswerError(ValueError):
    """The text does not have the shape of a gateway's answer."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An answer taken apart: the exact signed text, its parsed content, and what stands beside it."""

    content: dict[str, Any]
    signed: str
    signature: str
    cert_sn: str


def read_answer(method: str, body: bytes, keyring: Keyring) -> Outcome:
    """Judge one answer. Whatever is not provably Alipay's word becomes `Unknown`."""
    try:
        envelope = open_envelope(method, body.decode("utf-8"))
    except (BadAnswerError, UnicodeDecodeError) as error:
        return Unknown(f"unreadable answer: {error}")
    content = envelope.content
    code = str(content.get("code", ""))
    if not envelope.signature:
        return _refusal(content) if code in _WAY_IN else Unknown("an answer without signature")
    if envelope.cert_sn and keyring.alipay_cert_sn and envelope.cert_sn != keyring.alipay_cert_sn:
        return Unknown(f"signed with another Alipay certificate, {envelope.cert_sn}")
    if not is_signed_by(keyring.alipay, envelope.signed.encode(), envelope.signature):
        return Unknown("an answer with a bad signature")
    return _judge(method, content, code)


def open_envelope(method: str, text: str) -> Envelope:
    """Cut the answer of *method* (or the gateway's ``error_response``) out of *text*."""
    members = _members(text)
    for name in (method.replace(".", "_") + "_response", "error_response"):
        if name in members:
            content, signed = members[name]
            if not isinstance(content, dict):
                raise BadAnswerError(f"{name} is not an object")
            return Envelope(content, signed, _word(members, "sign"), _word(members, "alipay_cert_sn"))
    raise BadAnswerError("no response member")


def _judge(method: str, content: dict[str, Any], code: str) -> Outcome:
    sub_code = str(content.get("sub_code", ""))
    if code == SUCCESS or (not code and _WITHOUT_CODE.get(method) in content):
        return Done(content)
    if sub_code.endswith(_UNCERTAIN_ENDINGS):
        return Unknown(f"{code} {sub_code}")
    if code == _BUSINESS or code in _WAY_IN:
        return _refusal(content)
    return Unknown(f"code {code or 'missing'} {sub_code}".rstrip())


def _refusal(content: dict[str, Any]) -> DefinitelyNot:
    message = content.get("sub_msg") or content.get("msg") or ""
    return DefinitelyNot(str(content["code"]), str(content.get("sub_code", "")), str(message))


def _word(members: dict[str, tuple[Any, str]], name: str) -> str:
    value = members.get(name, ("", ""))[0]
    return value if isinstance(value, str) else ""


def _members(text: str) -> dict[str, tuple[Any, str]]:
    """Walk the outer object; give each member's value together with its exact text."""
    found: dict[str, tuple[Any, str]] = {}
    at = _expect(text, _space(text, 0), "{")
    while True:
        name, at = _value(text, _space(text, at))
        if not isinstance(name, str) or name in found:
            raise BadAnswerError("a member without a name, or one name twice")
        start = _space(text, _expect(text, _space(text, at), ":"))
        value, at = _value(text, start)
        found[name] = (value, text[start:at])
        at = _space(text, at)
        if text[at : at + 1] == "}":
            return found
        at = _expect(text, at, ",")


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _decoder.raw_decode(text, at)
    except (ValueError, RecursionError) as error:
        raise BadAnswerError(f"not JSON at character {at}") from error


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise BadAnswerError(f"no {sign} at character {at}")
    return at + 1


def _space(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\r", "\n"):
        at += 1
    return at
