"""What changes an official's account and its sign-ins."""

from __future__ import annotations

import secrets

import pyotp
from sqlalchemy import delete, select

from commons import clock
from commons.accounts import actions
from commons.accounts.desk.passwords import hashed, is_outdated, is_right
from commons.accounts.errors import BadPassword, BadSignInName
from commons.accounts.models import Official, Person, RecoveryCode, SignIn
from commons.accounts.queries import official_of_name
from commons.accounts.rules import (
    SIGN_IN_NAME,
    new_recovery_code,
    normal_code,
    normal_recovery_code,
    password_fault,
    pin_fault,
)
from commons.audit import record
from commons.db import db, locked
from commons.errors import Missing
from commons.security import equal, keyed_hash, open_text, seal_text

STEP_SECONDS = 30
TEMPORARY = "abcdefghjkmnpqrstuvwxyz23456789"


def open_account(person: Person, sign_in_name: str, organisation: str = "") -> str:
    """
    Let *person* work at the desk as *sign_in_name*; return the temporary password, which the first sign-in replaces.

    Raises:
        BadSignInName: taken, of the wrong shape, or the person has an account already.
    """
    name = sign_in_name.lower()
    if not SIGN_IN_NAME.fullmatch(name):
        raise BadSignInName("登录名用 3 到 30 个小写字母、数字，以字母开头", field="sign_in_name")
    if official_of_name(name) is not None or db.session.get(Official, person.id) is not None:
        raise BadSignInName("这个登录名已经有人用，或者这个人已有工作账号", field="sign_in_name")
    temporary = _temporary_password()
    db.session.add(
        Official(
            person_id=person.id,
            sign_in_name=name,
            password_hash=hashed(temporary),
            organisation=organisation,
            created_at=clock.now(),
        )  # fmt: skip
    )
    record("official.opened", subject=f"person:{person.id}")
    return temporary


def reset_account(person_id: int) -> str:
    """Give a new temporary password and forget the second factor: both were lost. Ends every sign-in of the person."""
    official = _locked_official(person_id)
    temporary = _temporary_password()
    official.password_hash, official.must_change_password = hashed(temporary), True
    official.second_factor, official.totp_sealed, official.pin_hash = "", None, None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    actions.end_sign_ins(person_id)
    record("official.reset", subject=f"person:{person_id}")
    return temporary


def disable_account(person_id: int, reason: str = "") -> None:
    """Shut the desk for a person at once, in every browser; what they are appointed to stays. Harmless the second time."""
    official = _locked_official(person_id)
    if official.disabled_at is None:
        official.disabled_at = clock.now()
        actions.end_sign_ins(person_id)
        record("official.disabled", subject=f"person:{person_id}", reason=reason)


def enable_account(person_id: int) -> str:
    """
    Open the desk again, and return a temporary password.

    Nobody knows who learned the old one meanwhile, so the second factor is set anew as well.
    """
    official = _locked_official(person_id)
    if official.disabled_at is not None:
        official.disabled_at = None
        record("official.enabled", subject=f"person:{person_id}")
    return reset_account(person_id)


def _temporary_password() -> str:
    return "-".join("".join(secrets.choice(TEMPORARY) for _ in range(4)) for _ in range(4))


def _locked_official(person_id: int) -> Official:
    official = locked(Official, person_id)
    if official is None:
        raise Missing()
    return official


def official_with(name: str, password: str) -> int | None:
    """Return the number of the official who has this name and password; both the unknown name and the wrong password take as long."""
    official = official_of_name(name)
    usable = official is not None and official.disabled_at is None
    kept = official.password_hash if official is not None and usable else None
    is_theirs = is_right(password, kept)
    return official.person_id if official is not None and is_theirs else None


def begin_second_step(person_id: int, password: str) -> str:
    """Store that the password was right, and return the token with which the second factor may be given."""
    official = _locked_official(person_id)
    if is_outdated(official.password_hash):
        official.password_hash = hashed(password)
    return actions.begin_sign_in("second", person_id=person_id)


def send_second_code(person_id: int) -> None:
    """Send an official the code that is the second factor by SMS."""
    person = db.session.get(Person, person_id)
    if person is not None and person.phone is not None:
        actions.send_code(person.phone, "desk")


def prove_second(person_id: int, code: str) -> bool:
    """
    Say whether *code* is the official's second factor just now, and use it up.

    A TOTP code counts once, also within its half minute; one step to either side forgives clocks that disagree.
    """
    official = _locked_official(person_id)
    if official.second_factor == "sms":
        phone = official.person.phone
        return phone is not None and actions.redeem_code(phone, code, "desk")
    if official.second_factor != "totp" or official.totp_sealed is None:
        return False
    step = _matching_step(open_text(official.totp_sealed), code, after=official.totp_last_step)
    if step is None:
        return False
    official.totp_last_step = step
    return True


def _matching_step(secret: str, code: str, *, after: int) -> int | None:
    totp, now = pyotp.TOTP(secret), int(clock.now().timestamp()) // STEP_SECONDS
    found = None
    for step in (now - 1, now, now + 1):
        if equal(totp.generate_otp(step), normal_code(code)) and step > after:
            found = step
    return found


def use_recovery_code(person_id: int, code: str) -> bool:
    """Say whether *code* is one of the official's unused paper codes, and use it up."""
    _locked_official(person_id)
    wanted = _recovery_hash(person_id, code)
    row = db.session.scalar(
        select(RecoveryCode).where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == wanted,
            RecoveryCode.used_at.is_(None),
        )
    )
    if row is None:
        return False
    row.used_at = clock.now()
    record("official.recovery-code-used", subject=f"person:{person_id}")
    return True


def _recovery_hash(person_id: int, code: str) -> str:
    return keyed_hash("recovery-code", f"{person_id}:{normal_recovery_code(code)}")


def new_totp_secret() -> str:
    """Return a fresh secret for an authenticator app."""
    return pyotp.random_base32()


def totp_address(secret: str, name: str, site: str) -> str:
    """Return the address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=site)


def enrol_totp(person_id: int, secret: str, code: str, sms: str) -> str:
    """
    Make an authenticator app the second factor, if *code* shows that the app has *secret*; return the field that is wrong, or nothing.

    *sms* came to the official's telephone: whoever gave out the temporary password knows that too, and must not become this person
    by it, whose household and orders a sign-in opens.
    """
    official = _locked_official(person_id)
    step = _matching_step(secret, code, after=0)
    if step is None:
        return "code"
    phone = official.person.phone
    if phone is not None and not actions.redeem_code(phone, sms, "desk"):
        return "sms"
    official.second_factor, official.totp_sealed, official.totp_last_step = "totp", seal_text(secret), step
    record("official.second-factor", subject=f"person:{person_id}", factor="totp")
    return ""


def enrol_sms(person_id: int, code: str) -> bool:
    """Make messages to the official's telephone the second factor, if *code* shows that they arrive."""
    official = _locked_official(person_id)
    phone = official.person.phone
    if phone is None or not actions.redeem_code(phone, code, "desk"):
        return False
    official.second_factor, official.totp_sealed = "sms", None
    record("official.second-factor", subject=f"person:{person_id}", factor="sms")
    return True


def fresh_recovery_codes(person_id: int) -> list[str]:
    """Replace the official's paper codes by ten new ones and return them: they are shown once."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = [new_recovery_code() for _ in range(10)]
    db.session.add_all(
        RecoveryCode(person_id=person_id, code_hash=_recovery_hash(person_id, code)) for code in codes
    )
    return codes


def go_on(half_way_id: int, kind: str) -> str:
    """End a half-way sign-in and begin the next *kind* for the same person under a new token."""
    row = locked(SignIn, half_way_id)
    if row is None or row.ended_at is not None or row.person_id is None:
        raise Missing()
    row.ended_at = clock.now()
    if kind == "official":
        record("official.signed-in", subject=f"person:{row.person_id}")
    return actions.begin_sign_in(kind, person_id=row.person_id)


def set_password(person_id: int, new: str) -> None:
    """
    Give an official a new password of their own.

    Raises:
        BadPassword: too short, too easy, or the same as before.
    """
    official = _locked_official(person_id)
    fault = password_fault(new, official.sign_in_name)
    if not fault and is_right(new, official.password_hash):
        fault = "新密码不能和原来的一样"
    if fault:
        raise BadPassword(fault, field="new_password")
    official.password_hash, official.must_change_password = hashed(new), False
    record("official.password-changed", subject=f"person:{person_id}")


def set_pin(person_id: int, pin: str) -> None:
    """Give an official a short PIN that unlocks a desk signed in already, and nothing else; an empty one takes it away."""
    fault = pin_fault(pin) if pin else ""
    if fault:
        raise BadPassword(fault, field="pin")
    _locked_official(person_id).pin_hash = hashed(pin) if pin else None


def lock_sign_in(sign_in_id: int) -> None:
    """Lock a desk now."""
    row = locked(SignIn, sign_in_id)
    if row is not None and row.locked_at is None:
        row.locked_at = clock.now()


def unlock_sign_in(sign_in_id: int) -> None:
    """Open a locked desk again, after the password or PIN was right."""
    row = locked(SignIn, sign_in_id)
    if row is not None and row.ended_at is None:
        row.locked_at, row.last_seen_at = None, clock.now()


def opens_lock(person_id: int, secret: str) -> bool:
    """Say whether *secret* is the password or the PIN of the official who locked the desk."""
    official = db.session.get(Official, person_id)
    if official is None or official.disabled_at is not None:
        return is_right(secret, None)
    if official.pin_hash is not None and len(secret) <= 8:
        return is_right(secret, official.pin_hash)
    return is_right(secret, official.password_hash)
