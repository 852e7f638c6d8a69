"""Whatever is kept of a person is taken along by 我的资料, or stands here with the reason why it is not."""

from __future__ import annotations

import re

from flask import Flask

from commons.accounts.queries import exported_columns
from commons.db import Base

AN_ACT = "who did it, in office or for another: 办过的事 takes the record of one's acts along"
A_SECRET = "a secret or its hash: worth nothing to its owner, and dangerous in a file"
OF_A_PROGRAM = "a program's own data, which it reads by its key; it names no account of ours"
FOUND_OTHERWISE = "the same row is found by another column of its table"

REASONS = {
    "api_customer.sealed": OF_A_PROGRAM,
    "api_payment_method.sealed": OF_A_PROGRAM,
    "appointment.appointed_by": AN_ACT,
    "artisan.consent_recorded_by": AN_ACT,
    "artisan.verified_by": AN_ACT,
    "checkout_session.sealed": OF_A_PROGRAM,
    "door_import.made_by": AN_ACT,
    "household_change.by": AN_ACT,
    "household_member.confirmed_by": AN_ACT,
    "household_member.phone_hash": "what an officer wrote down; from the first sign-in on the account's own telephone counts",
    "household_member.phone_sealed": "what an officer wrote down; from the first sign-in on the account's own telephone counts",
    "household_request.answered_by": AN_ACT,
    "household_slip.issued_by": AN_ACT,
    "matter.sealed_village_code": "a matter about officials never names its reporter",
    "matter.taken_down_by": AN_ACT,
    "matter_reporter.name_sealed": "for whom an official reported, who has no account",
    "matter_reporter.phone_sealed": "the matter is taken along; its telephone is the account's own",
    "matter_step.person_id": AN_ACT,
    "notice.posted_by": AN_ACT,
    "notice.signed_by": "the office that signs, not a person",
    "notice.withdrawn_by": AN_ACT,
    "official.totp_sealed": A_SECRET,
    "one_time_code.made_by": AN_ACT,
    "one_time_code.phone_hash": "a hash that is gone within a day",
    "order_refund.decided_by": AN_ACT,
    "outgoing_message.values_sealed": A_SECRET,
    "payment_account.verified_by": AN_ACT,
    "payment_bank_list.made_by": AN_ACT,
    "payment_case.closed_by": AN_ACT,
    "payment_intent.sealed": OF_A_PROGRAM,
    "payment_payout.payee_sealed": FOUND_OTHERWISE,
    "plate_batch.made_by": AN_ACT,
    "plate_event.person_id": AN_ACT,
    "recovery_code.person_id": A_SECRET,
    "seller.verified_by": AN_ACT,
    "shop_order.buyer_hash": FOUND_OTHERWISE,
    "sign_in.phone_sealed": "a telephone that was proved and belongs to no account yet; gone in half an hour",
    "webhook_secret.sealed": A_SECRET,
}
PERSONAL = re.compile(r"person_id|on_behalf_of|.*_by|by|.*phone(_.+)?|.*sealed.*|buyer_hash")
# Numbers that villages print everywhere.
PUBLIC = {"village.duty_phone"}


def personal_columns() -> set[str]:
    """Return every column that refers to a person, by key or by name, or that is sealed."""
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if PERSONAL.fullmatch(column.name)
        or any(key.target_fullname == "person.id" for key in column.foreign_keys)
    } - PUBLIC


def test_every_reference_to_a_person_is_exported_or_has_a_reason(app: Flask) -> None:
    assert personal_columns() - exported_columns() - REASONS.keys() == set()


def test_no_export_and_no_reason_names_a_column_that_is_not_there(app: Flask) -> None:
    assert (exported_columns() | REASONS.keys()) - personal_columns() == set()
    assert exported_columns() & REASONS.keys() == set()
