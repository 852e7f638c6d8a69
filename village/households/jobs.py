"""What follows for households when something happens elsewhere, and what the clock asks of them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from commons import clock
from commons.accounts.queries import has_consented
from commons.accounts.rules import SERVICE_CONSENT
from commons.db import transaction
from commons.outbox import job, listens
from village.households.actions import forget_person, forget_requests
from village.households.models import JoinRequest, Member


@listens("person.closed")
def leave_with_account(person_id: int) -> None:
    """End the memberships of a closed account. Safe to repeat: what has ended stays as it is."""
    with transaction():
        forget_person(person_id, clock.now())


@listens("consent.ended")
def take_requests_back(person_id: int, consent: str) -> None:
    """Take back what a person who withdrew the consent still asked of households. Safe to repeat: an answered request stays so."""
    if consent == SERVICE_CONSENT and not has_consented(person_id):
        with transaction():
            forget_requests(person_id, clock.now())


@job("household.sweep", every=timedelta(hours=6))
def sweep() -> None:
    """Close requests and claims that ran out, and erase the names on old requests. Safe to repeat: what is erased stays so."""
    now = clock.now()
    with transaction() as writing:
        over = (JoinRequest.answer == "waiting", JoinRequest.expires_at <= now)
        writing.execute(
            update(JoinRequest).where(*over).values(answer="withdrawn", answered_at=now, waiting_key=None)
        )
        answered = (JoinRequest.answer != "waiting", JoinRequest.answered_at <= now - timedelta(days=30))
        writing.execute(update(JoinRequest).where(*answered).values(name_sealed=None))
        unclaimed = (Member.claim_until <= now, Member.person_id.is_(None))
        writing.execute(update(Member).where(*unclaimed).values(claim_until=None))
