"""
Money is whole fen, always an ``int``: to and from yuan text, and divided without losing any.

Nothing but the standard library is used, so that everything that handles money can stand on this file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

CURRENCY = "cny"
LARGEST_FEN = 100_000_000_00  # one hundred million yuan, the most that a payment may be
BASIS = 10_000  # shares are given in basis points: 300 of 10,000 is 3 of 100

_YUAN = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,2}))?", re.ASCII)


class BadMoneyError(ValueError):
    """The text is no amount in yuan, or the number no amount in fen."""


def yuan(amount_fen: int) -> str:
    """
    Return *amount_fen* as yuan with two decimals.

    >>> yuan(1230), yuan(-5)
    ('12.30', '-0.05')
    """
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"


def fen(text: str) -> int:
    """
    Read yuan text exactly; no float ever stands in between.

    >>> fen("12.3"), fen("0.05"), fen("-7")
    (1230, 5, -700)

    Raises:
        BadMoneyError: anything but digits with at most two decimals (no spaces, no separators, no exponent).
    """
    match = _YUAN.fullmatch(text)
    if match is None:
        raise BadMoneyError(f"{text[:40]!r} is not an amount in yuan")
    sign, whole, cents = match.groups()
    amount = int(whole) * 100 + int((cents or "").ljust(2, "0"))
    return -amount if sign else amount


def split(amount_fen: int, shares: Sequence[int]) -> list[int]:
    """
    Divide *amount_fen* in the proportion of *shares* so that the parts add up to it exactly.

    The fen that rounding leaves over go to the largest remainders, earlier parts first among equals.

    >>> split(100, [1, 1, 1])
    [34, 33, 33]

    Raises:
        BadMoneyError: a negative amount, a negative share, or shares that are all zero.
    """
    whole = sum(shares)
    if amount_fen < 0 or whole <= 0 or min(shares) < 0:
        raise BadMoneyError(f"cannot split {amount_fen} fen by {list(shares)}")
    parts = [amount_fen * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda at: -(amount_fen * shares[at] % whole))
    for at in by_remainder[: amount_fen - sum(parts)]:
        parts[at] += 1
    return parts


def share_of(amount_fen: int, basis_points: int) -> int:
    """
    Return the platform's share of a sale, rounded down: what rounding leaves over belongs to the seller.

    >>> share_of(9999, 300)
    299
    """
    if amount_fen < 0 or not 0 <= basis_points <= BASIS:
        raise BadMoneyError(f"no share of {basis_points} basis points in {amount_fen} fen")
    return amount_fen * basis_points // BASIS


def buyers_part(amount_fen: int, part: int, whole: int) -> int:
    """
    Return *part* of *whole* of *amount_fen* rounded in the buyer's favour: up, but never above the amount.

    >>> buyers_part(1000, 1, 3)
    334
    """
    if amount_fen < 0 or whole <= 0 or not 0 <= part <= whole:
        raise BadMoneyError(f"cannot give back {part} of {whole} of {amount_fen} fen")
    return -(-amount_fen * part // whole)


def take_back(
    refund_fen: int, before_fen: int, seller_before_fen: int, gross_fen: int, net_fen: int
) -> tuple[int, int]:
    """
    Say who pays for giving *refund_fen* back out of a sale that was already shared out: (seller, platform).

    Of *gross_fen* the seller received *net_fen*; *before_fen* were given back earlier, *seller_before_fen* of them
    by the seller. The buyer always gets the whole refund; the seller's part is the same proportion rounded down over
    all refunds together, and the remainder is the platform's. So when all has been given back, each returned what
    each received.

    >>> take_back(50, 0, 0, 101, 98), take_back(51, 50, 48, 101, 98)
    ((48, 2), (50, 1))
    """
    gone_fen = before_fen + refund_fen
    if min(refund_fen, before_fen, net_fen) < 0 or gone_fen > gross_fen or net_fen > gross_fen:
        raise BadMoneyError(
            f"cannot take {refund_fen} back from {gross_fen} fen of which {before_fen} are gone"
        )
    if refund_fen == 0:
        return 0, 0
    seller = min(max(gone_fen * net_fen // gross_fen - seller_before_fen, 0), refund_fen)
    return seller, refund_fen - seller
