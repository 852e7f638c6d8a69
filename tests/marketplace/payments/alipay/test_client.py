"""Three outcomes for everything the network and the gateway can do."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from marketplace.payments.alipay import transport
from marketplace.payments.alipay.amounts import BadAmountError
from marketplace.payments.alipay.client import AlipayClient, Purchase, RefundRequest, refund_happened
from marketplace.payments.alipay.config import AlipayConfig
from marketplace.payments.alipay.outcomes import NOT_SENT, DefinitelyNot, Done, Unknown
from marketplace.payments.alipay.sdk import STEMS, BadCallError, request_of
from marketplace.payments.alipay.sdk import Call as SdkCall
from tests.marketplace.payments.buying import make_purchase, pay
from tests.marketplace.payments.gateway_control import GatewayControl


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does to one connection whatever it is told, for answers no proper server gives."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(60)

    def work() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            serve(connection)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/gateway.do"
    finally:
        thread.join(60)
        listening.close()


def queried(merchant: AlipayConfig, url: str, timeout_s: float = 30.0) -> object:
    return AlipayClient(replace(merchant, gateway_url=url, timeout_s=timeout_s)).query("pi_any_1")


def test_a_refused_connection_is_definitely_not_and_may_be_repeated(merchant: AlipayConfig) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # held, so that it is nobody else's, and not listened on
        port = taken.getsockname()[1]

        told = queried(merchant, f"http://127.0.0.1:{port}/gateway.do")

    assert isinstance(told, DefinitelyNot)
    assert told.code == NOT_SENT
    assert told.may_repeat


def test_a_name_that_does_not_resolve_is_definitely_not(merchant: AlipayConfig) -> None:
    told = queried(merchant, "http://gateway.invalid/gateway.do")

    assert isinstance(told, DefinitelyNot)
    assert told.may_repeat


def test_a_connection_closed_without_a_byte_is_unknown(merchant: AlipayConfig) -> None:
    with raw_server(lambda connection: None) as url:
        assert isinstance(queried(merchant, url), Unknown)


def test_half_an_answer_is_unknown(merchant: AlipayConfig) -> None:
    with raw_server(lambda one: one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")) as url:
        assert isinstance(queried(merchant, url), Unknown)


def test_an_answer_that_drips_is_given_up_in_the_whole_time(merchant: AlipayConfig) -> None:
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n")
        while not stop.wait(0.05):
            try:
                connection.sendall(b"x" * 70_000)
            except OSError:
                return

    with raw_server(drip) as url:
        told = queried(merchant, url, timeout_s=1.5)
        stop.set()
    assert told == Unknown("the answer came too slowly")


def test_a_redirect_is_not_followed(merchant: AlipayConfig) -> None:
    with raw_server(
        lambda one: one.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        )
    ) as url:
        assert queried(merchant, url) == Unknown("HTTP status 302")


def test_an_endless_answer_is_cut_off(merchant: AlipayConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 1000)
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000
    with raw_server(lambda connection: connection.sendall(body)) as url:
        assert queried(merchant, url) == Unknown("an answer of more than 1000 bytes")


@pytest.mark.parametrize(
    ("kind", "happened"),
    [
        ("drop_request", False),
        ("drop_after", True),
        ("http_502", False),
        ("http_502_after", True),
        ("system_error", False),
        ("system_error_after", True),
        ("code_20000", False),
        ("code_20000_after", True),
        ("bad_signature", True),
    ],
)
def test_after_an_unknown_refund_the_query_says_what_happened_and_repeating_harms_nothing(
    kind: str, happened: bool, alipay: AlipayClient, control: GatewayControl
) -> None:
    purchase = make_purchase()
    pay(alipay, purchase)
    refund = RefundRequest(purchase.out_trade_no, "re_1", 500, "少了一斤")
    control.fault(kind, method="alipay.trade.refund", number=purchase.out_trade_no)

    assert isinstance(alipay.refund(refund), Unknown)

    asked = alipay.refund_query(purchase.out_trade_no, "re_1")
    assert isinstance(asked, Done)
    assert refund_happened(asked.answer) is happened
    again = alipay.refund(refund)
    assert isinstance(again, Done)
    assert again.answer["fund_change"] == ("N" if happened else "Y")
    assert again.answer["refund_fee"] == "5.00"


def test_a_named_refusal_is_definite(alipay: AlipayClient, control: GatewayControl) -> None:
    control.fault("refuse", method="alipay.trade.refund", sub_code="ACQ.SELLER_BALANCE_NOT_ENOUGH")

    told = alipay.refund(RefundRequest("pi_x_1", "re_1", 500))

    assert isinstance(told, DefinitelyNot)
    assert told.sub_code == "ACQ.SELLER_BALANCE_NOT_ENOUGH"


def test_a_wrong_key_is_told_as_configuration(merchant: AlipayConfig, control: GatewayControl) -> None:
    stranger = AlipayClient(replace(merchant, app_id="9021000999999999"))

    told = stranger.query("pi_any_1")

    assert isinstance(told, DefinitelyNot)
    assert told.is_configuration
    assert told.sub_code == "isv.invalid-app-id"


def test_time_is_beijings_in_every_signed_text(merchant: AlipayConfig) -> None:
    moment = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
    client = AlipayClient(merchant, now=lambda: moment)
    purchase = Purchase("pi_1_1", 1230, "a/b=c&d", moment, "http://shop/notify")

    told = parse_qs(urlsplit(client.page_pay_url(purchase, return_url="http://shop/back")).query)

    assert told["timestamp"] == ["2026-03-02 04:00:00"]
    assert '"time_expire":"2026-03-02 04:00:00"' in told["biz_content"][0]
    assert '"subject":"abcd"' in told["biz_content"][0]
    assert told["notify_url"] == ["http://shop/notify"]
    assert told["return_url"] == ["http://shop/back"]


def test_an_impossible_amount_is_our_own_mistake(alipay: AlipayClient) -> None:
    with pytest.raises(BadAmountError):
        alipay.wap_pay_url(make_purchase(amount_fen=0), return_url="", quit_url="")
    with pytest.raises(BadAmountError):
        alipay.refund(RefundRequest("pi_1_1", "re_1", -5))


def test_what_the_sdk_would_drop_in_silence_is_refused() -> None:
    with pytest.raises(BadCallError, match="does not know total_ammount"):
        request_of(SdkCall("alipay.trade.wap.pay", {"total_ammount": "1.00"}))
    with pytest.raises(BadCallError, match="does not know rolayty_type"):
        shares = [{"rolayty_type": "transfer", "amount": "1.00"}]
        request_of(SdkCall("alipay.trade.order.settle", {"royalty_parameters": shares}))
    with pytest.raises(BadCallError, match="not in the table"):
        request_of(SdkCall("alipay.trade.unheard.of"))


@pytest.mark.parametrize("method", sorted(STEMS))
def test_every_method_of_the_table_is_in_the_sdk_under_its_own_name(method: str) -> None:
    assert request_of(SdkCall(method)).get_params()["method"] == method


def test_one_client_serves_many_threads(alipay: AlipayClient) -> None:
    purchase = make_purchase()
    pay(alipay, purchase)
    told: list[object] = []

    def ask() -> None:
        told.extend(alipay.query(purchase.out_trade_no) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told) == 40
    assert all(isinstance(one, Done) for one in told)
