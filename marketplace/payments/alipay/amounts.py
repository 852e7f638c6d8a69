"""Money and time as Alipay writes them: "12.30" yuan, and Beijing's clock."""

import re
from datetime import datetime, timedelta, timezone

# China has had one offset and no summer time since 1991, so a fixed offset needs no time zone files
# and cannot be moved by TZ.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")

LARGEST_FEN = 100_000_000_00  # Alipay's total_amount ends at one hundred million yuan
_YUAN = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,2}))?")
_TIME = "%Y-%m-%d %H:%M:%S"


class BadAmountError(ValueError):
    """The amount is not whole fen in Alipay's range, or its text is not yuan."""


def yuan_text(fen: int) -> str:
    """
    Write a positive amount of fen as Alipay wants it.

    >>> yuan_text(1230)
    '12.30'
    """
    if isinstance(fen, bool) or not isinstance(fen, int):
        raise BadAmountError(f"an amount is whole fen, not {fen!r}")
    if not 0 < fen <= LARGEST_FEN:
        raise BadAmountError(f"{fen} fen is outside what Alipay takes")
    return f"{fen // 100}.{fen % 100:02d}"


def fen_of(text: str) -> int:
    """
    Read yuan text exactly, without a float in between.

    >>> fen_of("12.3"), fen_of("-0.05")
    (1230, -5)
    """
    match = _YUAN.fullmatch(text)
    if match is None:
        raise BadAmountError(f"{text!r} is not an amount in yuan")
    sign, yuan, cents = match.groups()
    fen = int(yuan) * 100 + int((cents or "").ljust(2, "0"))
    return -fen if sign else fen


def beijing_text(moment: datetime) -> str:
    """Write an aware moment in Beijing time; a naive one has no meaning here and is refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be told to Alipay")
    return moment.astimezone(BEIJING).strftime(_TIME)


def beijing_moment(text: str) -> datetime:
    """Read Alipay's time text, with or without its milliseconds."""
    return datetime.strptime(text[:19], _TIME).replace(tzinfo=BEIJING)
