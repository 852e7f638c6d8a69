"""Settlement for programs: accounts, transfers, payouts, balance. Each module registers its endpoints when imported."""

from __future__ import annotations

from marketplace.payments.connect.api import accounts, balance, entries, payouts, transfers

__all__ = ["accounts", "balance", "entries", "payouts", "transfers"]
