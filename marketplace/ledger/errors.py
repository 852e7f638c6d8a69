"""What the ledger refuses. All of these are faults of a program, never of a person at a page."""

from __future__ import annotations


class LedgerError(Exception):
    """Something was asked of the ledger that would make the books wrong."""


class DifferentPostingError(LedgerError):
    """The posting exists already, with another amount or other accounts."""


class NoSuchPostingError(LedgerError):
    """A posting is to be undone that was never made."""
