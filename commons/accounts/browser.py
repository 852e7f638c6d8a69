"""What the browser's own session keeps of a sign-in: a random token, and, half way, the telephone, sealed."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from flask import g, request, session

from commons import drafts
from commons.accounts.models import SignIn
from commons.accounts.queries import TOKEN, current_sign_in, forget_sign_in, sign_in_of_token
from commons.accounts.rules import own_path
from commons.db import transaction
from commons.security import open_text, seal_text

HALF_WAY = "half_way"
PHONE = "phone"
NEXT = "next"
SHARED = "shared"


@dataclass(frozen=True, slots=True)
class WaitingPhone:
    """A telephone to which a code was sent, and where its owner was going."""

    phone: str
    next: str
    is_shared: bool


def remember_phone(phone: str, following: str, *, is_shared: bool) -> None:
    """Keep the telephone for the next step, sealed: somebody may look into the cookie of a shared phone."""
    session[PHONE] = urlsafe_b64encode(seal_text(phone)).decode()
    session[NEXT], session[SHARED] = following, is_shared
    session.pop(HALF_WAY, None)


def waiting_phone() -> WaitingPhone | None:
    """Return the telephone of the step before, or None if there was none."""
    sealed = session.get(PHONE)
    if not sealed:
        return None
    try:
        phone = open_text(urlsafe_b64decode(str(sealed)))
    except (InvalidTag, ValueError):
        return None
    return WaitingPhone(phone, own_path(session.get(NEXT)), bool(session.get(SHARED)))


def forget_phone() -> None:
    """Forget the telephone of the step before."""
    for name in (PHONE, NEXT, SHARED):
        session.pop(name, None)


def keep_half_way(token: str) -> None:
    """Keep the token of somebody who has proved one thing and not yet all."""
    session[HALF_WAY] = token


def half_way(*kinds: str) -> SignIn | None:
    """Return the half-way sign-in of this browser, if it is of one of *kinds* and still good."""
    token = session.get(HALF_WAY)
    return sign_in_of_token(str(token), *kinds) if token else None


def enter(token: str, *, is_shared: bool) -> None:
    """
    Let this browser be signed in by *token*.

    Whatever an attacker may have planted before loses its worth: the form token is made anew, an earlier sign-in of this browser
    ends, and the new token was never in any cookie before. What the session keeps for features, such as a cart, stays.
    """
    before = current_sign_in()
    for name in (HALF_WAY, PHONE, NEXT, SHARED, "csrf_token"):
        session.pop(name, None)
    g.pop("csrf_token", None)
    session[TOKEN] = token
    session.permanent = not is_shared
    forget_sign_in()
    _settle(token, before.id if before else None)


def _settle(token: str, before: int | None) -> None:
    row = sign_in_of_token(token, "person", "official")
    if row is None or row.person_id is None:
        return
    person_id, new_id, kind = row.person_id, row.id, row.kind
    with transaction() as writing:
        if before is not None and before != new_id and (old := writing.get(SignIn, before)) is not None:
            old.ended_at = old.ended_at or row.created_at
        if kind == "official":
            # An official at a shared desk ends with the browser, and with the day.
            session.permanent = False
        drafts.adopt(person_id)
    request.environ.pop("xiangqingma.held", None)


def leave() -> None:
    """Forget everything that this browser's session holds."""
    session.clear()
    g.pop("csrf_token", None)
    g.person_id = None
    forget_sign_in()
