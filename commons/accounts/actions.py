"""What changes accounts: proving a phone, signing in and out, consenting, correcting, closing, appointing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from commons import clock, drafts, messaging, slots
from commons.accounts.errors import PhoneTaken, StillAppointed
from commons.accounts.models import Appointment, Consent, OneTimeCode, Person, RecoveryCode, SignIn
from commons.accounts.queries import appointments_of, has_consented, not_taken_back, person_of_phone
from commons.accounts.rules import (
    CODE_LIFE,
    CODE_TRIES,
    CONSENT_VERSION,
    READ_OUT_LIFE,
    ROLES,
    SERVICE_CONSENT,
    Leaving,
    NewPhone,
    new_code,
    new_token,
    normal_code,
)
from commons.audit import record
from commons.db import db, locked, locked_rows
from commons.errors import Missing, SignInNeeded
from commons.outbox import enqueue
from commons.security import equal, keyed_hash, open_text, seal_text


def send_code(phone: str, purpose: str = "sign-in") -> None:
    """Make a one-time code for *phone* and send it there; earlier codes for the same purpose stop working."""
    code = _make_code(phone, purpose, CODE_LIFE, made_by=None)
    messaging.send(phone, "sign-in-code", {"code": code, "minutes": 5}, expires_at=clock.now() + CODE_LIFE)


def read_out_code(phone: str, official: Person, area: str = "") -> str:
    """Make a code that *official* reads out face to face; the phone is told that this happened."""
    code = _make_code(phone, "sign-in", READ_OUT_LIFE, made_by=official.id)
    messaging.send(phone, "code-read-out", {"who": official.name or "工作人员"})
    record("sign-in-code.read-out", subject=f"phone:{keyed_hash('phone', phone)[:24]}", area=area)
    return code


def _make_code(phone: str, purpose: str, life: timedelta, made_by: int | None) -> str:
    phone_hash, now, code = keyed_hash("phone", phone), clock.now(), new_code()
    unused = (
        OneTimeCode.phone_hash == phone_hash,
        OneTimeCode.purpose == purpose,
        OneTimeCode.used_at.is_(None),
    )
    db.session.execute(
        update(OneTimeCode).where(*unused, OneTimeCode.expires_at > now).values(expires_at=now)
    )
    db.session.add(
        OneTimeCode(
            phone_hash=phone_hash,
            purpose=purpose,
            code_hash=_code_hash(phone_hash, code),
            created_at=now,
            expires_at=now + life,
            made_by=made_by,
        )  # fmt: skip
    )
    return code


def _code_hash(phone_hash: str, code: str) -> str:
    # The phone is hashed in, so that a code proves the phone it was made for and no other.
    return keyed_hash("one-time-code", f"{phone_hash}:{code}")


def redeem_code(phone: str, code: str, purpose: str = "sign-in") -> bool:
    """
    Say whether *code* proves *phone*, and use it up. Every wrong try counts, so the caller commits also when it is wrong.

    The row is locked before it is looked at: of two who send the same code at once, one gets in.
    """
    phone_hash, now = keyed_hash("phone", phone), clock.now()
    newest = (
        select(OneTimeCode)
        .where(OneTimeCode.phone_hash == phone_hash, OneTimeCode.purpose == purpose)
        .order_by(OneTimeCode.id.desc())
        .limit(1)
    )
    rows = locked_rows(newest)
    if not rows or rows[0].used_at is not None or rows[0].expires_at <= now or rows[0].tries >= CODE_TRIES:
        return False
    rows[0].tries += 1
    if not equal(rows[0].code_hash, _code_hash(phone_hash, normal_code(code))):
        return False
    rows[0].used_at = now
    return True


def find_or_make_person(phone: str, *, name: str = "") -> Person:
    """Return the account of *phone* (11 digits), made now if there is none; two callers at once get the same one."""
    found = person_of_phone(phone)
    if found is not None:
        return found
    fresh = Person(
        phone_sealed=seal_text(phone),
        phone_hash=keyed_hash("phone", phone),
        name=name,
        created_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(fresh)
    except IntegrityError:
        found = person_of_phone(phone)
        if found is None:
            raise
        return found
    return fresh


def begin_sign_in(
    kind: str, *, person_id: int | None = None, phone: str | None = None, one_visit: bool = False
) -> str:
    """Store a new sign-in and return its token, which the browser keeps and the database does not."""
    token, now = new_token(), clock.now()
    db.session.add(
        SignIn(
            token_hash=keyed_hash("sign-in", token),
            kind=kind,
            person_id=person_id,
            phone_sealed=None if phone is None else seal_text(phone),
            one_visit=one_visit,
            created_at=now,
            last_seen_at=now,
        )  # fmt: skip
    )
    return token


def begin_with_phone(phone: str, one_visit: bool) -> tuple[str, str]:
    """
    Go on after *phone* was proved; return the kind of sign-in begun and its token.

    Whoever agreed to the present terms is in. For others there is not even an account before they agree.
    """
    person = person_of_phone(phone)
    if person is not None and has_consented(person.id):
        person.phone_confirmed_at = clock.now()
        return "person", begin_sign_in("person", person_id=person.id, one_visit=one_visit)
    return "consent", begin_sign_in("consent", phone=phone, one_visit=one_visit)


def accept_terms(half_way_id: int) -> tuple[str, bool]:
    """
    Record the consent of whoever proved a phone, make the account if there is none.

    Returns the real token, and whether the sign-in is for one visit only.

    Raises:
        SignInNeeded: the half-way sign-in has ended; a second press of the button comes here.
    """
    half_way = locked(SignIn, half_way_id)
    if half_way is None or half_way.ended_at is not None or half_way.phone_sealed is None:
        raise SignInNeeded()
    person = find_or_make_person(open_text(half_way.phone_sealed))
    person.phone_confirmed_at = clock.now()
    give_consent(person.id, SERVICE_CONSENT, CONSENT_VERSION)
    half_way.ended_at, half_way.phone_sealed = clock.now(), None
    return begin_sign_in("person", person_id=person.id, one_visit=half_way.one_visit), half_way.one_visit


def enter_to_leave(half_way_id: int) -> str:
    """
    Let somebody in who has an account and does not agree: for one visit, to take the own data along or to close the account.

    Raises:
        SignInNeeded: the half-way sign-in has ended, or there is no account to leave.
    """
    half_way = locked(SignIn, half_way_id)
    if half_way is None or half_way.ended_at is not None or half_way.phone_sealed is None:
        raise SignInNeeded()
    person = person_of_phone(open_text(half_way.phone_sealed))
    if person is None:
        raise SignInNeeded()
    half_way.ended_at, half_way.phone_sealed = clock.now(), None
    return begin_sign_in("person", person_id=person.id, one_visit=True)


def give_consent(person_id: int, kind: str, version: str) -> None:
    """Record that the person agreed to *kind* by the words of *version*; a second time changes nothing."""
    if not has_consented(person_id, kind, version):
        db.session.add(Consent(person_id=person_id, kind=kind, version=version, given_at=clock.now()))


def withdraw_consent(person_id: int, kind: str) -> None:
    """Record that the person takes back what they agreed to under *kind*."""
    db.session.execute(
        update(Consent).where(*not_taken_back(person_id, kind)).values(withdrawn_at=clock.now())
    )
    record("consent.withdrawn", subject=f"person:{person_id}", kind=kind)
    enqueue("consent.ended", person_id=person_id, consent=kind)


def withdraw_service_consent(person_id: int) -> None:
    """
    Take back what the account itself rests on: its pages are shut until the person agrees again.

    What is public of the person goes in this transaction, every sign-in ends, and what was left unsent is erased. The account, and
    what law asks to keep of it, stays until it is closed.
    """
    person = locked(Person, person_id)
    if person is None or person.closed_at is not None:
        raise Missing()
    slots.tell("withdrawing-consent", Leaving(person_id, person.phone_hash))
    withdraw_consent(person_id, SERVICE_CONSENT)
    drafts.forget_person(person_id)
    end_sign_ins(person_id)


def end_sign_in(sign_in_id: int) -> None:
    """End one sign-in; its cookie opens nothing from now on, in any process."""
    row = locked(SignIn, sign_in_id)
    if row is not None and row.ended_at is None:
        row.ended_at, row.phone_sealed = clock.now(), None


def end_sign_ins(person_id: int, *, but: int | None = None) -> None:
    """End every sign-in of a person, except the one numbered *but*."""
    open_ones = [SignIn.person_id == person_id, SignIn.ended_at.is_(None)]
    if but is not None:
        open_ones.append(SignIn.id != but)
    db.session.execute(update(SignIn).where(*open_ones).values(ended_at=clock.now()))


def correct_name(person: Person, name: str) -> None:
    """Let a person correct how they are called."""
    person.name = name
    record("person.corrected", subject=f"person:{person.id}", field="name")


def change_phone(person_id: int, phone: str) -> None:
    """
    Give the account another telephone, which was proved just now; other browsers must sign in anew.

    Raises:
        PhoneTaken: another account has it.
    """
    person = locked(Person, person_id)
    other = person_of_phone(phone)
    if person is None or (other is not None and other.id != person_id):
        raise PhoneTaken()
    if person.phone_hash is not None and other is None:
        slots.tell("changing-phone", NewPhone(person_id, person.phone_hash, phone))
    person.phone_sealed, person.phone_hash = seal_text(phone), keyed_hash("phone", phone)
    person.phone_confirmed_at = clock.now()
    record("person.corrected", subject=f"person:{person_id}", field="phone")
    enqueue("person.phone_changed", person_id=person_id)


def close_account(person_id: int) -> None:
    """
    Erase what is personal in the account, end its sign-ins, and let other features do the same with what they hold.

    What stays is what law asks for: that an account with this number existed, when, what it agreed to and did.
    """
    person = locked(Person, person_id)
    if person is None or person.closed_at is not None:
        raise Missing()
    if appointments_of(person_id):
        raise StillAppointed()
    now = clock.now()
    phone_hash = person.phone_hash
    # What is public of a person goes in this transaction; the rest follows by the fact, when a worker runs.
    slots.tell("leaving-person", Leaving(person_id, phone_hash))
    person.phone_sealed = person.phone_hash = person.phone_confirmed_at = None
    person.name, person.closed_at = "", now
    if phone_hash is not None:
        db.session.execute(delete(OneTimeCode).where(OneTimeCode.phone_hash == phone_hash))
        messaging.forget(phone_hash)
    drafts.forget_person(person_id)
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    if person.official is not None:
        db.session.delete(person.official)
    standing = (Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
    db.session.execute(update(Consent).where(*standing).values(withdrawn_at=now))
    end_sign_ins(person_id)
    record("person.closed", subject=f"person:{person_id}")
    enqueue("person.closed", person_id=person_id)


def open_record(person_id: int, reason: str, area: str = "") -> Person:
    """Return a person's record to an official who gave a *reason*; that person can see who looked, and why."""
    person = db.session.get(Person, person_id)
    if person is None or person.closed_at is not None:
        raise Missing()
    record("person.opened", subject=f"person:{person_id}", area=area, reason=reason)
    return person


def appoint(
    person: Person, role: str, area: str, *, until_at: datetime | None = None, by: Person | None = None
) -> Appointment:
    """Give *person* the official *role* over *area* from now on; holding it already changes nothing."""
    if role not in ROLES:
        raise ValueError(f"no such role: {role}")
    for held in appointments_of(person):
        if (held.role, held.area) == (role, area):
            return held
    fresh = Appointment(
        person_id=person.id, role=role, area=area, from_at=clock.now(), until_at=until_at,
        appointed_by=by.id if by else None,
    )  # fmt: skip
    db.session.add(fresh)
    db.session.flush()  # the audit names its number
    record("appointment.made", subject=f"appointment:{fresh.id}", area=area, role=role, holder=person.id)
    enqueue("appointment.started", appointment_id=fresh.id)
    return fresh


def end_appointment(appointment: Appointment) -> None:
    """End an appointment at this moment; the next request of its holder is refused already. One that is over stays as it was."""
    now = clock.now()
    if appointment.until_at is not None and appointment.until_at <= now:
        return
    appointment.until_at = now
    record(
        "appointment.ended",
        subject=f"appointment:{appointment.id}",
        area=appointment.area,
        role=appointment.role,
    )
    enqueue("appointment.ended", appointment_id=appointment.id)
