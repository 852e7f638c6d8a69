"""How sellers are paid: the three means, the two kinds of settlement, and the pure rules about them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum

# payments.md 1.5 [S CSDN 115575365]: the smallest transfer Alipay makes.
SMALLEST_ALIPAY_FEN = 10
# payments.md 1.5 [S zhifubao.apifox.cn/doc-3273123]: all shares of one trade together, unless a contract says more.
ROYALTY_CAP_POINTS = 3000
LINK_LIFE = timedelta(hours=24)

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "兆")


class Means(StrEnum):
    """How the money reaches the seller."""

    alipay = "alipay"
    bank = "bank"
    cash = "cash"


class Settlement(StrEnum):
    """Who holds the money until the buyer has the goods: we (the co-op is the seller), or Alipay for a sub-merchant."""

    coop = "coop"
    direct = "direct"


class PayoutStatus(StrEnum):
    """Where a payout stands, in Stripe's words."""

    pending = "pending"  # approved; nothing has left yet
    in_transit = "in_transit"  # told to Alipay, or on a list that the bank has
    paid = "paid"
    failed = "failed"
    canceled = "canceled"

    @property
    def is_open(self) -> bool:
        """Its money is neither with the seller nor back among what is owed."""
        return self in {PayoutStatus.pending, PayoutStatus.in_transit}


@dataclass(frozen=True, slots=True)
class Payee:
    """
    Where a seller's money goes. *holder* is the real name there.

    For Alipay *account* is a sign-in name or a user's number; for a bank the card's number and *bank* its name.
    """

    means: Means
    holder: str = field(repr=False)
    account: str = field(default="", repr=False)
    bank: str = ""

    @property
    def hint(self) -> str:
        """Return what a page may show: never the whole of it."""
        if self.means is Means.cash:
            return "现金"
        last = self.account[-4:]
        return f"{self.bank or '支付宝'} ····{last}"[:40]

    def as_dict(self) -> dict[str, str]:
        """Return plain values, to be sealed."""
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, values: dict[str, str]) -> Payee:
        """Read what :meth:`as_dict` wrote."""
        return cls(Means(values["means"]), values["holder"], values["account"], values["bank"])


def alipay_identity_type(account: str) -> str:
    """
    Say which kind of name an Alipay account was given by.

    People know their sign-in name, an address or a telephone; an application knows a user's number, or an open id.

    >>> alipay_identity_type("2088900000000016"), alipay_identity_type("a@example.cn"), alipay_identity_type("074a1CcTG1Lel")
    ('ALIPAY_USER_ID', 'ALIPAY_LOGON_ID', 'ALIPAY_OPEN_ID')
    """
    is_number = account.isascii() and account.isdigit()
    if is_number and len(account) == 16 and account.startswith("2088"):
        return "ALIPAY_USER_ID"
    return "ALIPAY_LOGON_ID" if "@" in account or is_number else "ALIPAY_OPEN_ID"


def gross_for(seller_fen: int, gross_fen: int, net_fen: int, before_fen: int, seller_before_fen: int) -> int:
    """
    Return how much of a release to take back so that exactly *seller_fen* of it come from the seller.

    Of *gross_fen* the seller got *net_fen*; *before_fen* are taken back already, *seller_before_fen* of them the
    seller's. It is the inverse of :func:`marketplace.money.take_back`.

    >>> gross_for(98, 101, 98, 0, 0), gross_for(50, 101, 98, 0, 0)
    (101, 52)
    """
    wanted = seller_before_fen + seller_fen
    gone = gross_fen if wanted == net_fen else -(-wanted * gross_fen // net_fen)
    return gone - before_fen


def capital_yuan(amount_fen: int) -> str:
    """
    Write an amount in the numerals that cannot be altered with a pen (大写金额).

    >>> capital_yuan(1_000_50), capital_yuan(10_030_00), capital_yuan(5)
    ('壹仟元伍角整', '壹万零叁拾元整', '伍分')
    """
    yuan, jiao, fen = amount_fen // 100, amount_fen // 10 % 10, amount_fen % 10
    words = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif yuan and fen:
        words += "零"
    if fen:
        return f"{words}{_DIGITS[fen]}分"
    return f"{words}整" if words else "零元整"


def _whole(number: int) -> str:
    groups: list[int] = []
    while number:
        number, rest = divmod(number, 10_000)
        groups.append(rest)
    words = ""
    for at in reversed(range(len(groups))):
        value = groups[at]
        if not value:
            continue
        if words and (value < 1000 or not groups[at + 1]):
            words += "零"
        words += _four(value) + _GROUPS[at]
    return words


def _four(number: int) -> str:
    words, owes_zero = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            words += ("零" if owes_zero else "") + _DIGITS[digit] + _PLACES[place]
            owes_zero = False
        else:
            owes_zero = bool(words)
    return words
