"""What happens to matters by themselves: files nobody sent go, telephones go when they are no longer needed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select, update

from commons import clock
from commons.db import db, locked_rows, transaction
from commons.outbox import job, listens
from commons.uploads import Upload, remove_upload
from village.matters.models import Matter, MatterFile, MatterReporter

KEEP_UNSENT = timedelta(days=1)
# After a matter is over its reporter may still ask; then the telephone has no more use.
KEEP_PHONES = timedelta(days=90)


@job("matter.sweep", every=timedelta(hours=6))
def sweep() -> None:
    """Remove files of forms that were never sent. Safe to repeat: what is removed is gone."""
    with transaction():
        unsent = select(MatterFile).where(
            MatterFile.matter_id.is_(None), MatterFile.kept_at < clock.now() - KEEP_UNSENT
        )
        for row in locked_rows(unsent.order_by(MatterFile.upload_id).limit(500)):
            upload = db.session.get(Upload, row.upload_id)
            if upload is not None:
                remove_upload(upload)
            db.session.delete(row)


@job("matter.forget_phones", every=timedelta(days=1), offset=timedelta(hours=19))
def forget_phones() -> None:
    """Erase the telephones of matters that were over long ago. Safe to repeat: an erased one stays erased."""
    long_ago = clock.now() - KEEP_PHONES
    over = select(Matter.id).where(or_(Matter.closed_at < long_ago, Matter.refused_at < long_ago))
    with transaction() as writing:
        writing.execute(
            update(MatterReporter).where(MatterReporter.matter_id.in_(over)).values(phone_sealed=None),
            execution_options={"synchronize_session": False},
        )


@listens("person.closed")
def forget_person(person_id: int) -> None:
    """Take a closed account off the matters it reported, with the telephones. Safe to repeat: the second time finds none."""
    with transaction() as writing:
        theirs = select(Matter.id).where(Matter.person_id == person_id)
        writing.execute(
            update(MatterReporter)
            .where(MatterReporter.matter_id.in_(theirs))
            .values(phone_sealed=None, name_sealed=None),
            execution_options={"synchronize_session": False},
        )
        writing.execute(update(Matter).where(Matter.person_id == person_id).values(person_id=None))
