"""The life of a plate: which state may follow which, and what a scan of it opens. Pure."""

from __future__ import annotations

from enum import StrEnum

# Codes of demonstration plates begin so, and real ones never do.
DEMONSTRATION_MARK = "DEM"


class PlateState(StrEnum):
    """Where a plate is in its life."""

    batch = "batch"
    printed = "printed"
    mounted = "mounted"
    damaged = "damaged"
    covered = "covered"
    stolen = "stolen"
    revoked = "revoked"
    reissued = "reissued"


class Standing(StrEnum):
    """What a scan of a plate meets."""

    open = "open"
    withdrawn = "withdrawn"
    replaced = "replaced"


STATE_WORDS = {
    PlateState.batch: "在制",
    PlateState.printed: "已印",
    PlateState.mounted: "已挂",
    PlateState.damaged: "损坏",
    PlateState.covered: "被遮盖",
    PlateState.stolen: "丢失",
    PlateState.revoked: "已作废",
    PlateState.reissued: "已换新",
}

NEXT = {
    PlateState.batch: {PlateState.printed, PlateState.revoked},
    PlateState.printed: {
        PlateState.mounted,
        PlateState.damaged,
        PlateState.stolen,
        PlateState.revoked,
        PlateState.reissued,
    },
    PlateState.mounted: {
        PlateState.mounted,  # seen again, still there
        PlateState.damaged,
        PlateState.covered,
        PlateState.stolen,
        PlateState.revoked,
        PlateState.reissued,
    },
    PlateState.damaged: {
        PlateState.mounted,
        PlateState.covered,
        PlateState.stolen,
        PlateState.revoked,
        PlateState.reissued,
    },
    PlateState.covered: {
        PlateState.mounted,
        PlateState.damaged,
        PlateState.stolen,
        PlateState.revoked,
        PlateState.reissued,
    },
    # A plate that turns up again may be hung again, as long as the door has no newer one.
    PlateState.stolen: {PlateState.mounted, PlateState.revoked, PlateState.reissued},
    PlateState.revoked: set(),
    PlateState.reissued: set(),
}

ENDED = frozenset({PlateState.revoked, PlateState.reissued})
_STANDING = {
    PlateState.printed: Standing.open,
    PlateState.mounted: Standing.open,
    PlateState.damaged: Standing.open,
    PlateState.covered: Standing.open,
    PlateState.stolen: Standing.withdrawn,
    PlateState.revoked: Standing.withdrawn,
    PlateState.reissued: Standing.replaced,
}


def may_become(now: PlateState, then: PlateState) -> bool:
    """Say whether a plate in state *now* may go on to *then*."""
    return then in NEXT[now]


def standing_of(state: PlateState) -> Standing | None:
    """Return what a scan meets; None while the plate has not left the house and nobody can hold it."""
    return _STANDING.get(state)
