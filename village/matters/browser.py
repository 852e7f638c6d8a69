"""
What a reporter's browser keeps: a random token, and the numbers of the matters it may open.

The token goes into keyed hashes only, together with the key of one form, so that nothing in the database ties two matters of
one browser together.
"""

from __future__ import annotations

import secrets

from flask import session

from commons import clock
from commons.accounts.queries import current_sign_in, has_agreed_now
from commons.security import keyed_hash

TOKEN = "reporter"  # noqa: S105 - the name under which the session keeps its token
OPENED = "matters"
FILES = "matter_files"
MOST_KEPT = 20
# A matter opened by number and 查询码 stays open this long: the phone may be somebody else's.
OPEN_SECONDS = 2 * 3600
OWN = 0


def reporter_token() -> str:
    """Return this browser's token, made at first need."""
    if TOKEN not in session:
        session[TOKEN] = secrets.token_urlsafe(24)
    return str(session[TOKEN])


def owner_hash(form_key: str) -> str:
    """Return what ties the form *form_key* to this browser."""
    return keyed_hash("matter-owner", f"{form_key}:{reporter_token()}")


def code_of_form(form_key: str) -> str:
    """
    Return the 查询码 of the matter that this browser sends with *form_key*: the same each time, known to no database.

    It needs the browser's token and the deployment's key; what is stored is a keyed hash of it.
    """
    return f"{int(keyed_hash('matter-code', f'{form_key}:{reporter_token()}'), 16) % 10_000:04d}"


def keys_of(form_key: str) -> tuple[str, str, str]:
    """Return a form's key, what ties it to this browser, and the 查询码 of what is sent with it."""
    return form_key, owner_hash(form_key), code_of_form(form_key)


def remember_own(number: str) -> None:
    """Let this browser open a matter it has just reported, until its session ends."""
    _remember(number, OWN)


def remember_opened(number: str) -> None:
    """Let this browser open a matter whose 查询码 was given, for a while."""
    if _opened().get(number) != OWN:
        _remember(number, int(clock.now().timestamp()))


def _remember(number: str, since: int) -> None:
    others = [(key, value) for key, value in _opened().items() if key != number]
    session[OPENED] = dict([*others, (number, since)][-MOST_KEPT:])


def _opened() -> dict[str, int]:
    kept = session.get(OPENED)
    return kept if isinstance(kept, dict) else {}


def may_open(number: str) -> bool:
    """Say whether this browser reported the matter, or gave its 查询码 a short while ago."""
    since = _opened().get(number)
    return since == OWN or (since is not None and clock.now().timestamp() - since < OPEN_SECONDS)


def open_numbers() -> list[str]:
    """Return the matters that this browser may open, the latest first."""
    return [number for number in reversed(_opened()) if may_open(number)]


def remember_file(upload_id: int) -> None:
    """Let this browser see a file it has just sent, before its report is sent."""
    session[FILES] = [*session.get(FILES, []), upload_id][-MOST_KEPT:]


def has_file(upload_id: int) -> bool:
    """Say whether this browser sent the file."""
    return upload_id in session.get(FILES, [])


def person_here() -> int | None:
    """Return who is signed in by telephone and has agreed; an official at the desk reports in nobody's name."""
    here = current_sign_in()
    is_person = here is not None and here.kind == "person" and has_agreed_now(here.person_id)
    return here.person_id if here is not None and is_person else None


def forget_all() -> None:
    """Let this browser know of no matter any more: it is somebody else's phone."""
    for name in (TOKEN, OPENED, FILES):
        session.pop(name, None)
