"""Orders to misbehave: kept in the file, taken one at a time by the request or notification they name."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from marketplace.payments.local_gateway.store import Store


class FaultKind(StrEnum):
    """
    Ways to misbehave. ``…_after`` does the work first, its twin without the ending does not.

    Answering: the first eleven. Notifying (method ``notify``): the last five.
    """

    drop_request = "drop_request"
    drop_after = "drop_after"
    http_502 = "http_502"
    http_502_after = "http_502_after"
    system_error = "system_error"
    system_error_after = "system_error_after"
    code_20000 = "code_20000"
    code_20000_after = "code_20000_after"
    bad_signature = "bad_signature"
    slow = "slow"
    refuse = "refuse"
    notify_lost = "notify_lost"
    notify_twice = "notify_twice"
    notify_late = "notify_late"
    notify_held = "notify_held"
    notify_swapped = "notify_swapped"


# The handler does not run for these: nothing happened, whatever the answer says.
UNDONE = frozenset(
    {
        FaultKind.drop_request,
        FaultKind.http_502,
        FaultKind.system_error,
        FaultKind.code_20000,
        FaultKind.refuse,
    }
)
NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class FaultOrder:
    """One order: *method* and *number* empty mean any; *sub_code* is for refuse, *seconds* for slow and late."""

    kind: FaultKind
    method: str = ""
    number: str = ""
    times: int = 1
    sub_code: str = ""
    seconds: float = 0.0


def order_fault(store: Store, order: FaultOrder) -> int:
    """Keep an order until it was used *times* times."""
    return store.insert(
        "fault",
        kind=order.kind.value,
        method=order.method,
        number=order.number,
        times_left=order.times,
        sub_code=order.sub_code,
        seconds=order.seconds,
    )


def take_fault(store: Store, method: str, numbers: Iterable[str]) -> FaultOrder | None:
    """Use up one turn of the oldest order that names this method and one of these numbers."""
    wanted = {"", *numbers}
    with store.writing():
        for row in store.rows("SELECT * FROM fault WHERE times_left > 0 ORDER BY id"):
            is_for_notify = row["kind"].startswith("notify_")
            names_it = row["method"] in ("", method) and is_for_notify == (method == NOTIFY)
            if names_it and row["number"] in wanted:
                store.update("fault", "id", row["id"], times_left=row["times_left"] - 1)
                return FaultOrder(
                    FaultKind(row["kind"]),
                    row["method"],
                    row["number"],
                    1,
                    row["sub_code"],
                    row["seconds"],
                )
    return None
