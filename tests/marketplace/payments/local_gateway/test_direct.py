"""The same gateway without threads and HTTP, on a clock that only moves when told."""

import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from marketplace.payments.alipay.amounts import BEIJING
from marketplace.payments.alipay.client import AlipayClient, RefundRequest
from marketplace.payments.alipay.config import read_merchant_file
from marketplace.payments.alipay.outcomes import Done, Unknown
from marketplace.payments.local_gateway.courier import Courier
from marketplace.payments.local_gateway.direct import BASE_URL, DirectTransport, gateway_over
from marketplace.payments.local_gateway.faults import FaultKind, FaultOrder, order_fault
from marketplace.payments.local_gateway.keys_on_disk import write_merchant_file
from marketplace.payments.local_gateway.rules import RETRY_WAITS_S, RejectionError
from marketplace.payments.local_gateway.steering import pay_trade
from marketplace.payments.local_gateway.store import Store
from tests.marketplace.payments.buying import make_purchase


class World:
    """A gateway, a client and a shop's letter box in one thread."""

    def __init__(self, home: Path) -> None:
        self.at = datetime(2026, 3, 2, 9, tzinfo=BEIJING).timestamp()
        self.gateway = gateway_over(Store(home / "gateway.sqlite3", lambda: self.at))
        write_merchant_file(self.gateway.keys, BASE_URL, home / "merchant.json")
        self.transport = DirectTransport(self.gateway, lambda: self.at)
        self.alipay = AlipayClient(
            read_merchant_file(home / "merchant.json"), transport=self.transport, now=self.now
        )
        self.letters: list[dict[str, str]] = []
        self.word = "success"
        self.courier = Courier(self.gateway, self.take)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, BEIJING)

    def take(self, url: str, fields: dict[str, str]) -> tuple[int | None, str]:
        self.letters.append(fields)
        return 200, self.word


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_whole_payment_passes_in_one_thread_on_a_clock_of_its_own(world: World) -> None:
    purchase = replace(
        make_purchase(notify_url="http://shop/notify"), expires_at=world.now() + timedelta(minutes=5)
    )
    url = world.alipay.wap_pay_url(purchase, return_url="", quit_url="")

    world.transport.open_cashier(url)
    pay_trade(world.gateway, purchase.out_trade_no)
    order_fault(world.gateway.store, FaultOrder(FaultKind.drop_after, "alipay.trade.refund"))
    refund = RefundRequest(purchase.out_trade_no, "re_1", 100)
    assert isinstance(world.alipay.refund(refund), Unknown)
    assert isinstance(world.alipay.refund(refund), Done)

    while world.courier.deliver_next():
        pass
    assert [letter.get("out_biz_no", "paid") for letter in world.letters] == ["paid", "re_1"]
    assert world.letters[0]["gmt_payment"] == "2026-03-02 09:00:00"


def test_deliveries_come_at_alipays_own_times(world: World) -> None:
    world.word = "fail"
    purchase = replace(
        make_purchase(notify_url="http://shop/notify"), expires_at=world.now() + timedelta(minutes=5)
    )
    world.transport.open_cashier(world.alipay.wap_pay_url(purchase, return_url="", quit_url=""))
    pay_trade(world.gateway, purchase.out_trade_no)

    for wait_s in (0.0, *RETRY_WAITS_S):
        world.at += wait_s - 1
        assert not world.courier.deliver_next() or wait_s == 0.0
        world.at += 1
        world.courier.deliver_next()
    world.at += 10 * 86400

    assert not world.courier.deliver_next()
    assert len(world.letters) == 8


def test_what_was_on_its_way_when_everything_was_forgotten_settles_nothing_of_what_came_after(
    world: World,
) -> None:
    def pay() -> None:
        purchase = replace(
            make_purchase(notify_url="http://shop/notify"), expires_at=world.now() + timedelta(minutes=5)
        )
        world.transport.open_cashier(world.alipay.wap_pay_url(purchase, return_url="", quit_url=""))
        pay_trade(world.gateway, purchase.out_trade_no)

    def forget(url: str, fields: dict[str, str]) -> tuple[int | None, str]:
        world.gateway.store.forget_everything()
        pay()
        return world.take(url, fields)

    pay()
    Courier(world.gateway, forget).deliver_next()
    present = world.gateway.store.row("SELECT id, state, attempts FROM notification")

    assert present is not None and tuple(present) == (1, "waiting", 0)
    assert world.gateway.store.rows("SELECT * FROM delivery") == []
    assert world.courier.deliver_next()
    assert len({letter["out_trade_no"] for letter in world.letters}) == 2


def test_an_address_opened_after_its_time_begins_nothing(world: World) -> None:
    purchase = replace(make_purchase(), expires_at=world.now() + timedelta(minutes=5))
    url = world.alipay.wap_pay_url(purchase, return_url="", quit_url="")
    world.at += 301

    with pytest.raises(RejectionError, match=r"ACQ\.TRADE_HAS_CLOSE"):
        world.transport.open_cashier(url)


def test_who_holds_the_store_may_ring_the_courier_while_it_reckons_its_nap(world: World) -> None:
    with world.gateway.store.writing():
        napping = threading.Thread(target=world.courier._sleep, daemon=True)
        napping.start()  # it waits for the store before it can lie down
        time.sleep(0.1)
        ringing = threading.Thread(target=world.courier.wake, daemon=True)
        ringing.start()
        ringing.join(30)
        assert not ringing.is_alive()
    napping.join(30)
    assert not napping.is_alive()  # the ring was not lost
