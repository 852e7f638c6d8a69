"""Everything that proves the books: the ledger's own sums, and what other features can say against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from marketplace.ledger.queries import Fault, faults

Proof = Callable[[], Iterable[Fault]]

# The ledger knows no payments; a feature that posts gives its own proof here when it is imported.
PROOFS: dict[str, Proof] = {}


def proves(proof: Proof) -> Proof:
    """Let ``ledger check`` ask *proof* as well."""
    PROOFS[f"{proof.__module__}:{proof.__qualname__}"] = proof
    return proof


def all_faults() -> Iterator[Fault]:
    """Name everything that is wrong, in the ledger and between it and the features that post to it."""
    yield from faults()
    for proof in PROOFS.values():
        yield from proof()
