"""
The business rules that this gateway plays by, each beside the place it was learnt from.

No machine that built this could reach Alipay. So every rule is named here once, and a run against the
real sandbox can correct it here. [S] was read in a published source, [K] is general knowledge that
nobody has checked yet; "payments.md" is the project's specification of payments.
"""

from datetime import datetime, time, timedelta

from marketplace.payments.alipay.amounts import BEIJING

MINUTE = 60.0
HOUR = 3600.0

# -- answering ------------------------------------------------------------------------------------

# [K] A request whose timestamp is far from the gateway's clock is refused. The width is a guess; that a
# clock eight hours off must not pass is what matters (payments.md 1.2, obstacle 10).
TIMESTAMP_TOLERANCE_S = 15 * MINUTE

# payments.md 0.2 [S yansongda/pay#325]: payouts without certificates get isv.missing-app-cert-sn.
CERTIFICATE_ONLY = frozenset({"alipay.fund.trans.uni.transfer", "alipay.fund.trans.common.query"})

# -- trades ---------------------------------------------------------------------------------------

# payments.md 1.4 [S CSDN 118962334]: page.pay and QR notify a success only, wap and app also the closing.
NOTIFIES_CLOSING = frozenset({"alipay.trade.wap.pay", "alipay.trade.app.pay", "alipay.trade.create"})

# [K] Without time_expire an unpaid trade is closed after fifteen days.
DEFAULT_LIFE_S = 15 * 24 * HOUR

# [K] What Alipay keeps of each payment, in ten-thousandths; given back in proportion with a refund.
FEE_PER_10000 = 60

# [K] Money in the merchant's account before the first sale, so that payouts can be tried.
OPENING_BALANCE_FEN = 100_000_00

# -- notifications --------------------------------------------------------------------------------

# payments.md 1.4 [S CSDN 75254860]: eight deliveries in about 25 hours. global.alipay.com/help/online/91
# has 4m, 10m, 15m, … instead.
RETRY_WAITS_S = (4 * MINUTE, 10 * MINUTE, 10 * MINUTE, 1 * HOUR, 2 * HOUR, 6 * HOUR, 15 * HOUR)

# [K] How long one delivery may take.
DELIVERY_TIMEOUT_S = 10.0

# -- sharing and paying out -----------------------------------------------------------------------

# payments.md 1.5 [S zhifubao.apifox.cn/doc-3273123]: the sum of all shares of one trade.
ROYALTY_CAP_PERCENT = 30
SYNC_RECEIVERS = 5
ASYNC_RECEIVERS = 50

# payments.md 1.3 [S]: receivers that may be bound.
BOUND_RECEIVERS = 20_000

# payments.md 1.5 [S CSDN 115575365]: the smallest transfer.
SMALLEST_TRANSFER_FEN = 10

# -- bills ----------------------------------------------------------------------------------------

# payments.md 1.5 [S aliyun 707638]: next day, ask after ten; the address lives 30 seconds.
BILL_READY_AT = time(10, 0)
BILL_URL_LIFE_S = 30.0

# -- people ---------------------------------------------------------------------------------------

# [K] A sign-in code is good once, for a day.
OAUTH_CODE_LIFE_S = 24 * HOUR
OAUTH_TOKEN_LIFE_S = 15 * 24 * HOUR


class RejectionError(Exception):
    """The gateway says no. The sub codes are Alipay's published ones unless a comment says otherwise."""

    def __init__(self, sub_code: str, sub_msg: str, code: str = "40004") -> None:
        super().__init__(sub_code)
        self.code = code
        self.sub_code = sub_code
        self.sub_msg = sub_msg


def fee_of(amount_fen: int) -> int:
    """Return Alipay's fee for a payment, half a fen rounded up [K]."""
    return (amount_fen * FEE_PER_10000 + 5000) // 10000


def fee_returned(total_fen: int, refunded_before: int, refund_fen: int) -> int:
    """Return the part of the fee that comes back; all parts together give the whole fee back [K]."""
    before = fee_of(total_fen) * refunded_before // total_fen
    after = fee_of(total_fen) * (refunded_before + refund_fen) // total_fen
    return after - before


def royalty_limit(total_fen: int) -> int:
    """Return the most that all shares of a trade may come to (payments.md 1.5)."""
    return total_fen * ROYALTY_CAP_PERCENT // 100


def bill_is_ready(day: datetime, now: datetime) -> bool:
    """Whether the bill of Beijing's *day* can be asked for at *now* (payments.md 1.5)."""
    ready = datetime.combine(day.date() + timedelta(days=1), BILL_READY_AT, BEIJING)
    return now >= ready


def common_message(code: str) -> str:
    """Return the ``msg`` that goes with a ``code`` [S opendocs, common error codes]."""
    return {
        "10000": "Success",
        "10003": "order success pay inprocess",
        "20000": "Service Currently Unavailable",
        "20001": "Insufficient Token Permissions",
        "40001": "Missing Required Arguments",
        "40002": "Invalid Arguments",
        "40004": "Business Failed",
        "40006": "Insufficient Permissions",
    }.get(code, "Business Failed")
