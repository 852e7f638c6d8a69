"""What holds for accounts whoever stores them: lifetimes, shapes of codes and names, and where one may be sent on to."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

# The text people agree to at first sign-in. A new version asks everybody again.
CONSENT_VERSION = "2026-11"
SERVICE_CONSENT = "service"

CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
# A code handed over face to face is typed by slow hands on an unknown phone.
READ_OUT_LIFE = timedelta(minutes=10)

PHONE_FRESH_FOR = timedelta(days=90)

DESK_IDLE = timedelta(minutes=10)
SECOND_STEP_LIFE = timedelta(minutes=10)
LIFE = {
    "person": timedelta(days=90),
    "one-visit": timedelta(hours=2),
    "official": timedelta(hours=12),
    "consent": timedelta(minutes=30),
    "second": SECOND_STEP_LIFE,
    "change": SECOND_STEP_LIFE,
}
# How old `last_seen` may grow before it is written again: a write per page would be a needless lock.
TOUCH_AFTER = {"person": timedelta(hours=1), "official": timedelta(seconds=30)}
ONE_VISIT_IDLE = timedelta(minutes=20)

ROLES = {
    "officer": "网格员",
    "clerk": "村文书",
    "town": "乡镇工作人员",
    "discipline": "乡镇纪检",
    "county": "县级工作人员",
    "keeper": "自提点管理员",
    "operator": "系统与资金管理员",
}

PIN = re.compile(r"[0-9]{4,8}")
SIGN_IN_NAME = re.compile(r"[a-z][a-z0-9._-]{2,29}")
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200


def new_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**6):06d}"


def normal_code(text: str | None) -> str:
    """Return the digits of a code as somebody typed it: spaces, hyphens and full-width digits are accepted."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text or ""))[:20]


def new_token() -> str:
    """Return a secret that nobody can guess, safe in an address and in a cookie."""
    return secrets.token_urlsafe(32)


def new_recovery_code() -> str:
    """Return ten characters in two groups, without letters and digits that look alike."""
    alphabet = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
    text = "".join(secrets.choice(alphabet) for _ in range(10))
    return f"{text[:5]}-{text[5:]}"


def normal_recovery_code(text: str | None) -> str:
    """Return a recovery code as it was given out, however it was typed."""
    letters = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", text or "").upper())
    return f"{letters[:5]}-{letters[5:]}"


def masked_phone(phone: str) -> str:
    """
    Return *phone* with its middle hidden.

    >>> masked_phone("10000001234")
    '100****1234'
    """
    return f"{phone[:3]}****{phone[-4:]}"


def own_path(address: str | None, default: str = "/") -> str:
    """
    Return *address* if it leads to a page of ours by a path alone, else *default*.

    Browsers read a backslash as a slash and drop tabs and line ends, so such an address may lead anywhere.
    """
    text = address or ""
    if not text.startswith("/") or text.startswith("//") or len(text) > 2000:
        return default
    if "\\" in text or any(ord(sign) <= 32 or ord(sign) == 127 for sign in text):
        return default
    try:
        parts = urlsplit(text)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else text


def password_fault(password: str, name: str) -> str:
    """Return what is wrong with a new password as a Chinese sentence, or nothing."""
    if len(password) < SHORTEST_PASSWORD:
        return f"密码至少要 {SHORTEST_PASSWORD} 个字符"
    if len(password) > LONGEST_PASSWORD:
        return "密码太长了"
    low = password.lower()
    if name and name in low:
        return "密码里不要带登录名"
    if len(set(low)) < 5 or low in {"1234567890", "0123456789", "qwertyuiop", "password123", "1q2w3e4r5t"}:
        return "这个密码太容易猜到，请换一个"
    return ""


def pin_fault(pin: str) -> str:
    """Return what is wrong with a new unlocking PIN, or nothing."""
    if not PIN.fullmatch(pin):
        return "解锁码是 4 到 8 位数字"
    steps = {ord(b) - ord(a) for a, b in zip(pin, pin[1:], strict=False)}
    return "这个解锁码太容易猜到，请换一个" if steps in ({0}, {1}, {-1}) else ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One sign-in as a request sees it: plain values, good across transactions."""

    id: int
    person_id: int
    kind: str
    is_one_visit: bool
    is_locked: bool

    @property
    def is_official(self) -> bool:
        """Say whether this sign-in opens the desk: an official, two factors given, not locked."""
        return self.kind == "official" and not self.is_locked


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who takes back the consent or closes the account, with the telephone's keyed hash; a closed account forgets that in the same transaction."""

    person_id: int
    phone_hash: str | None


@dataclass(frozen=True, slots=True)
class NewPhone:
    """Whose telephone changes: the old one by its keyed hash, the new one as it was proved."""

    person_id: int
    old_hash: str
    phone: str


def is_over(kind: str, one_visit: bool, created_at: datetime, last_seen_at: datetime, now: datetime) -> bool:
    """Say whether a sign-in has come to its natural end."""
    if one_visit and (now - last_seen_at > ONE_VISIT_IDLE or now - created_at > LIFE["one-visit"]):
        return True
    return now - created_at > LIFE[kind]


def is_idle(kind: str, last_seen_at: datetime, now: datetime) -> bool:
    """Say whether a desk has been left alone for so long that it locks."""
    return kind == "official" and now - last_seen_at >= DESK_IDLE


def is_phone_fresh(confirmed_at: datetime | None, now: datetime) -> bool:
    """Say whether a phone was proved recently enough to open household data."""
    return confirmed_at is not None and now - confirmed_at <= PHONE_FRESH_FOR
