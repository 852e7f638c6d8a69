"""The order of checks, and what each fault is called."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from marketplace.payments.alipay.keys import sign
from marketplace.payments.alipay.notifications import (
    Fault,
    Message,
    Notification,
    Recipient,
    Refused,
    StoredAttempt,
    TradeStatus,
    read_message,
    read_notification,
    sign_contents,
)

TEST_KEY = rsa.generate_private_key(65537, 2048)
LIVE_KEY = rsa.generate_private_key(65537, 2048)
TEST_APP, LIVE_APP = "9021000100000001", "2021000100000001"
SELLER = "2088900000000008"

ATTEMPTS = {
    "pi_test_1": StoredAttempt("pi_test_1", TEST_APP, False, 1230),
    "pi_live_1": StoredAttempt("pi_live_1", LIVE_APP, True, 1230),
}
RECIPIENTS = [
    Recipient(TEST_APP, SELLER, False, TEST_KEY.public_key()),
    Recipient(LIVE_APP, SELLER, True, LIVE_KEY.public_key()),
]


def recipient_of(app_id: str, livemode: bool | None) -> Recipient | None:
    found = [one for one in RECIPIENTS if one.app_id == app_id and livemode in (None, one.livemode)]
    return found[0] if found else None


def told(*, key: RSAPrivateKey = TEST_KEY, **changes: str) -> dict[str, str]:
    fields = {
        "notify_type": "trade_status_sync",
        "notify_id": "n1",
        "notify_time": "2026-03-02 09:00:00",
        "app_id": TEST_APP,
        "seller_id": SELLER,
        "trade_no": "2026030222001400000000000001",
        "out_trade_no": "pi_test_1",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "12.30",
        "gmt_payment": "2026-03-02 08:59:58",
        "buyer_id": "2088900000000016",
        "sign_type": "RSA2",
    } | changes
    content = next(sign_contents(fields, keeps_sign_type=False))
    return fields | {"sign": sign(key, content)}


def judged(fields: dict[str, str]) -> Notification | Refused:
    return read_notification(fields, ATTEMPTS.get, recipient_of)


def fault_of(fields: dict[str, str]) -> Fault | None:
    judgement = judged(fields)
    return judgement.fault if isinstance(judgement, Refused) else None


def test_a_good_notification_is_parsed_in_fen_and_aware_time() -> None:
    notification = judged(told(refund_fee="2.30", out_biz_no="re_1", gmt_refund="2026-03-02 09:00:00.123"))

    assert isinstance(notification, Notification)
    assert (notification.total_fen, notification.refunded_fen) == (1230, 230)
    assert notification.out_request_no == "re_1"
    assert notification.trade_status is TradeStatus.success
    assert notification.is_paid
    assert notification.paid_at is not None
    assert notification.paid_at.isoformat() == "2026-03-02T08:59:58+08:00"
    with pytest.raises(TypeError):
        notification.fields["total_amount"] = "0.01"  # type: ignore[index]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (lambda: told() | {"total_amount": "0.01"}, Fault.bad_signature),
        (lambda: told(key=LIVE_KEY), Fault.bad_signature),
        (lambda: told() | {"sign": ""}, Fault.bad_signature),
        (lambda: told(sign_type="RSA"), Fault.bad_signature),
        (lambda: told(app_id=LIVE_APP), Fault.wrong_app_id),
        (lambda: told(seller_id="2088999999999999"), Fault.wrong_seller_id),
        (lambda: told(out_trade_no="pi_other_1"), Fault.unknown_out_trade_no),
        (lambda: told(out_trade_no="pi_other_1", app_id="9021000999999999"), Fault.unknown_app),
        (lambda: told(total_amount="12.31"), Fault.wrong_amount),
        (lambda: told(total_amount="12.3"), None),
        (lambda: told(total_amount="-12.30"), Fault.malformed),
        (lambda: told(total_amount="12.300"), Fault.malformed),
        (lambda: told(refund_fee="99.00"), Fault.malformed),
        (lambda: told(trade_status="TRADE_PAID"), Fault.malformed),
        (lambda: told(notify_id=""), Fault.malformed),
        (lambda: told(gmt_payment="yesterday"), Fault.malformed),
        (dict, Fault.unknown_app),
        (lambda: told() | {"x": "y" * 10_000}, Fault.malformed),
        (lambda: told() | {str(number): "" for number in range(100)}, Fault.malformed),
        (lambda: told() | {"body": "\ud800"}, Fault.bad_signature),
    ],
)
def test_each_fault_has_its_name(fields: Callable[[], dict[str, str]], fault: Fault | None) -> None:
    assert fault_of(fields()) is fault


def test_the_first_fault_in_the_prescribed_order_is_named() -> None:
    """Everything wrong at once, mended one by one."""
    app_id, seller_id, number = LIVE_APP, "2088999999999999", "pi_test_1"

    def fault(key: RSAPrivateKey = TEST_KEY) -> Fault | None:
        return fault_of(
            told(key=key, total_amount="99.99", app_id=app_id, seller_id=seller_id, out_trade_no=number)
        )

    assert fault(LIVE_KEY) is Fault.bad_signature
    assert fault() is Fault.wrong_app_id
    app_id = TEST_APP
    assert fault() is Fault.wrong_seller_id
    seller_id = SELLER
    assert fault() is Fault.wrong_amount
    number = "pi_other_1"
    assert fault() is Fault.unknown_out_trade_no


def test_the_key_is_that_of_the_stored_attempt_so_test_and_live_cannot_settle_each_other() -> None:
    """Both messages are perfectly signed by their own application, but name the other's payment."""
    assert fault_of(told(key=TEST_KEY, out_trade_no="pi_live_1")) is Fault.bad_signature
    assert fault_of(told(key=LIVE_KEY, app_id=LIVE_APP)) is Fault.bad_signature
    assert fault_of(told(key=LIVE_KEY, app_id=LIVE_APP, out_trade_no="pi_live_1")) is None


def test_only_what_alipay_signed_for_us_comes_with_its_content() -> None:
    for fields, is_authentic in (
        (told(total_amount="12.31"), True),
        (told(out_trade_no="pi_other_1"), True),
        (told(seller_id="2088999999999999"), False),
        (told(key=LIVE_KEY), False),
    ):
        refused = judged(fields)
        assert isinstance(refused, Refused)
        assert refused.is_authentic is is_authentic
        assert (refused.notification is not None) is is_authentic


def test_empty_fields_may_be_signed_or_left_out_of_signing() -> None:
    with_empty = told(out_biz_no="")
    without = told() | {"out_biz_no": ""}

    assert fault_of(with_empty) is None
    assert fault_of(without) is None


def test_a_closed_trade_was_paid_only_if_it_says_when() -> None:
    refunded = judged(told(trade_status="TRADE_CLOSED", refund_fee="12.30"))
    never_paid = judged(told(trade_status="TRADE_CLOSED", gmt_payment=""))

    assert isinstance(refunded, Notification)
    assert isinstance(never_paid, Notification)
    assert refunded.is_paid
    assert not never_paid.is_paid


def message(*, key: RSAPrivateKey = TEST_KEY, keeps_sign_type: bool = True, **changes: str) -> dict[str, str]:
    fields = {
        "notify_id": "m1",
        "utc_timestamp": "1772413200000",
        "msg_method": "alipay.fund.trans.order.changed",
        "app_id": TEST_APP,
        "version": "1.1",
        "charset": "utf-8",
        "biz_content": '{"out_biz_no":"po_1","status":"SUCCESS"}',
        "sign_type": "RSA2",
    } | changes
    content = next(sign_contents(fields, keeps_sign_type=keeps_sign_type))
    return fields | {"sign": sign(key, content)}


def test_a_message_to_the_application_is_signed_with_its_sign_type() -> None:
    read = read_message(message(), recipient_of)

    assert isinstance(read, Message)
    assert read.method == "alipay.fund.trans.order.changed"
    assert read.biz == {"out_biz_no": "po_1", "status": "SUCCESS"}
    assert read_message(message(keeps_sign_type=False), recipient_of) == Refused(Fault.bad_signature)
    assert read_message(message(key=LIVE_KEY), recipient_of) == Refused(Fault.bad_signature)
    assert read_message(message(app_id="9021000999999999"), recipient_of) == Refused(Fault.unknown_app)
    assert read_message(message(biz_content="[]"), recipient_of) == Refused(Fault.malformed)
    assert read_message(message(biz_content="{"), recipient_of) == Refused(Fault.malformed)


def test_a_message_cannot_pass_for_a_notification_nor_the_other_way_round() -> None:
    assert isinstance(read_message(told(), recipient_of), Refused)
    assert isinstance(read_notification(message(), ATTEMPTS.get, recipient_of), Refused)
