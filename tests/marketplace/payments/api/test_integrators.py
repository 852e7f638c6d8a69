"""What a program written for Stripe meets here, called by Stripe's own client: filters, pages, limits, and words of refusal."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe
from flask import Flask, current_app

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.worker import run_due
from marketplace.payments.api.keys import make_key
from marketplace.payments.connect.actions import mark_verified
from marketplace.payments.connect.payouts import finish_payout
from marketplace.payments.models import PaymentIntent
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import make_paid_payment, use_fake_gateway
from tests.make.webhooks import allow_private_webhooks
from tests.marketplace.payments.webhooks.receiver import Receiver, answer

BANK = {
    "object": "bank_account", "country": "CN", "currency": "cny", "account_holder_name": "王秀兰",
    "account_number": "6200000000000000012", "routing_number": "示范农商行",
}  # fmt: skip


class InProcess(stripe.HTTPClient):
    """Carries the client's calls to the application under test without a network."""

    name = "in-process"

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **_: Any) -> Any:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        said = current_app.test_client().open(path, method=method.upper(), headers=headers, data=post_data)
        return said.get_data(as_text=True), said.status_code, said.headers

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


@pytest.fixture
def client(gateway: FakeGateway) -> Any:
    with transaction():
        _, key = make_key("sk", livemode=False)
    return stripe.StripeClient(key, http_client=InProcess(), max_network_retries=0).v1


def refusal(call: Any, *args: Any) -> Any:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        call(*args)
    return refused.value


def seller_of(client: Any) -> Any:
    account = client.accounts.create({"type": "custom", "country": "CN", "external_account": BANK})
    with transaction():
        mark_verified(account.id, "person:1")
    return account


def test_lists_are_paged_in_both_directions_to_their_ends(client: Any, clock: FrozenClock) -> None:
    made = []
    for number in range(7):
        clock.move(seconds=number % 2)  # some of them in the same second
        made.append(client.customers.create({"name": f"{number}"}).id)
    newest = [each.id for each in client.customers.list({"limit": 3}).auto_paging_iter()]
    assert sorted(newest) == sorted(made) and len(set(newest)) == 7
    back = client.customers.list({"limit": 3, "ending_before": newest[-1]})
    assert [each.id for each in back.auto_paging_iter()] == newest[-2::-1]
    first = client.customers.list({"limit": 3})
    assert first.has_more and not client.customers.list({"limit": 7}).has_more
    following = first.next_page()
    assert [each.id for each in following.data] == newest[3:6]


def test_lists_expand_what_is_inside_and_narrow_by_moment(
    client: Any, gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_paid_payment(gateway=gateway)
    shown = client.payment_intents.list({"expand": ["data.latest_charge.balance_transaction"]}).data[0]
    assert shown.latest_charge.payment_intent == payment.id
    assert shown.latest_charge.balance_transaction.source == shown.latest_charge.id
    now = int(clock().timestamp())
    for span, count in (({"gte": now}, 1), ({"gt": now}, 0), ({"lte": now}, 1), ({"lt": now}, 0), (now, 1)):
        assert len(client.charges.list({"created": span}).data) == count


@pytest.mark.parametrize(
    ("source", "kind"),
    [("ch", "charge"), ("re", "refund"), ("tr", "transfer"), ("trr", "transfer_reversal"), ("po", "payout")],
)
def test_whatever_caused_a_balance_transaction_is_expanded(
    client: Any, gateway: FakeGateway, source: str, kind: str
) -> None:
    account = seller_of(client)
    charge = client.payment_intents.retrieve(make_paid_payment(gateway=gateway).id).latest_charge
    told = {"amount": 1000, "currency": "cny", "destination": account.id, "source_transaction": charge}
    transfer = client.transfers.create(told)
    client.transfers.reversals.create(transfer.id, {"amount": 100})
    client.refunds.create({"charge": charge, "amount": 50})
    run_due()
    here = {"stripe_account": account.id} if kind == "payout" else {}
    if kind == "payout":
        client.payouts.create({"amount": 500, "currency": "cny"}, here)
    lines = client.balance_transactions.list({"expand": ["data.source"], "limit": 100}, here).data
    assert [each.source.object for each in lines if each.source.id.startswith(f"{source}_")] == [kind]


def test_balance_transactions_take_every_type_that_stripe_has(client: Any, gateway: FakeGateway) -> None:
    make_paid_payment(gateway=gateway)
    assert len(client.balance_transactions.list({"type": "charge"}).data) == 1
    assert client.balance_transactions.list({"type": "stripe_fee"}).data == []
    assert client.balance_transactions.list({"type": "payment"}).data == []
    assert refusal(client.balance_transactions.list, {"type": "tea"}).param == "type"


def test_payouts_are_found_by_the_day_they_arrive(
    client: Any, gateway: FakeGateway, clock: FrozenClock
) -> None:
    account = seller_of(client)
    here = {"stripe_account": account.id}
    charge = client.payment_intents.retrieve(make_paid_payment(gateway=gateway).id).latest_charge
    told = {"amount": 1000, "currency": "cny", "destination": account.id, "source_transaction": charge}
    client.transfers.create(told)
    payout = client.payouts.create({"amount": 500, "currency": "cny"}, here)
    began = payout.arrival_date
    clock.move(hours=5)
    with transaction():
        finish_payout(payout.id)
    arrived = client.payouts.retrieve(payout.id, options=here).arrival_date
    assert arrived == began + 5 * 3600
    for span, count in (
        ({"gte": arrived}, 1),
        ({"gt": arrived}, 0),
        ({"lt": arrived}, 0),
        (arrived, 1),
        (began, 0),
    ):
        assert len(client.payouts.list({"arrival_date": span}, here).data) == count


def test_charges_are_found_by_their_transfer_group(client: Any, gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway)
    client.payment_intents.create({"amount": 100, "currency": "cny", "transfer_group": "g-1"})
    with transaction():
        row = db.session.get_one(PaymentIntent, payment.id)
        row.said = (row.said or {}) | {"transfer_group": "g-1"}
    make_paid_payment(gateway=gateway)
    found = client.charges.list({"transfer_group": "g-1"}).data
    assert [each.payment_intent for each in found] == [payment.id] and found[0].transfer_group == "g-1"
    assert client.charges.list({"transfer_group": "g-2"}).data == []


def test_transfers_are_found_by_the_group_that_they_show(client: Any, gateway: FakeGateway) -> None:
    account = seller_of(client)
    charge = client.payment_intents.retrieve(make_paid_payment(gateway=gateway).id).latest_charge
    told = {"amount": 100, "currency": "cny", "destination": account.id, "source_transaction": charge}
    made = [client.transfers.create(told), client.transfers.create(told | {"transfer_group": "g-1"})]
    for each in made:
        assert [one.id for one in client.transfers.list({"transfer_group": each.transfer_group}).data] == [
            each.id
        ]


def test_events_are_found_by_how_their_delivery_went(
    client: Any, gateway: FakeGateway, clock: FrozenClock
) -> None:
    allow_private_webhooks()
    with Receiver() as shop:
        shop.answers.append(answer("500 Sorry"))
        client.webhook_endpoints.create({"url": shop.url, "enabled_events": ["charge.succeeded"]})
        make_paid_payment(gateway=gateway)
        run_due()
        failing = client.events.list({"delivery_success": False}).data
        assert [each.type for each in failing] == ["charge.succeeded"]
        assert "charge.succeeded" not in {
            each.type for each in client.events.list({"delivery_success": True}).data
        }
        clock.move(seconds=10)
        run_due()
    assert client.events.list({"delivery_success": False}).data == []
    assert "charge.succeeded" in {each.type for each in client.events.list({"delivery_success": True}).data}
    both = {"type": "charge.succeeded", "types": ["charge.refunded"]}
    assert "only specify one" in str(refusal(client.events.list, both))
    assert len(client.events.list({"types": ["charge.succeeded", "payment_intent.succeeded"]}).data) == 2


def test_refusals_speak_as_stripe_does(client: Any) -> None:
    create = client.payment_intents.create
    good = {"amount": 100, "currency": "cny"}
    for told, param, code in (
        ({"currency": "cny"}, "amount", "parameter_missing"),
        (good | {"amount": "12.5"}, "amount", "parameter_invalid_integer"),
        (good | {"amount": 0}, "amount", "parameter_invalid_integer"),
        (good | {"amount": 10**13}, "amount", "amount_too_large"),
        (good | {"amount": 10**30}, "amount", "amount_too_large"),
        (good | {"tea": "green"}, "tea", "parameter_unknown"),
        (good | {"shipping": {"tea": "green"}}, "shipping[tea]", "parameter_unknown"),
        (good | {"shipping": {"address": {"line9": "x"}}}, "shipping[address][line9]", "parameter_unknown"),
        (good | {"currency": ""}, "currency", "parameter_invalid_empty"),
        (good | {"confirm": "yes"}, "confirm", None),
        (good | {"payment_method_types": ["alipay", "tea"]}, "payment_method_types[1]", None),
        (good | {"payment_method_data": {"type": "tea"}}, "payment_method_data[type]", None),
        (good | {"capture_method": "manual"}, "capture_method", None),
        (
            good | {"confirm": True, "payment_method_data": {"type": "alipay"}},
            "return_url",
            "parameter_missing",
        ),
    ):
        error = refusal(create, told)
        assert (error.http_status, error.param, error.code) == (400, param, code), (told, str(error))
    assert create({"amount": "100", "currency": "CNY", "confirm": "false"}).amount == 100
    reasons = refusal(client.refunds.create, {"charge": "ch_x", "reason": "bored"})
    assert "must be one of duplicate, fraudulent, or requested_by_customer" in str(reasons)
    kept = client.customers.list({"limit": 1})
    assert (
        kept.data == []
        and refusal(client.customers.list, {"starting_after": "cus_x"}).param == "starting_after"
    )
    assert "No such customer: 'cus_x'" in str(refusal(client.customers.list, {"starting_after": "cus_x"}))
    for limit in (0, 101, "many"):
        assert refusal(client.customers.list, {"limit": limit}).param == "limit"


def test_a_payment_is_given_up_from_every_state_that_is_open_and_from_no_other(
    client: Any, gateway: FakeGateway
) -> None:
    new = {"amount": 100, "currency": "cny"}
    alipay = {"payment_method_data": {"type": "alipay"}}
    confirmed = alipay | {"confirm": True, "return_url": "https://shop.example.cn/back"}
    for status, more in (
        ("requires_payment_method", {}),
        ("requires_confirmation", alipay),
        ("requires_action", confirmed),
    ):
        made = client.payment_intents.create(new | more)
        assert made.status == status
        ended = client.payment_intents.cancel(made.id, {"cancellation_reason": "abandoned"})
        assert (ended.status, ended.cancellation_reason) == ("canceled", "abandoned")
        again = refusal(client.payment_intents.cancel, made.id)
        assert again.code == "payment_intent_unexpected_state" and again.error.payment_intent.id == made.id
    paid = make_paid_payment(gateway=gateway)
    refused = refusal(client.payment_intents.cancel, paid.id)
    assert refused.code == "payment_intent_unexpected_state" and "status of succeeded" in str(refused)


def test_a_charge_is_given_back_in_parts_and_no_further(client: Any, gateway: FakeGateway) -> None:
    charge = client.payment_intents.retrieve(make_paid_payment(gateway=gateway).id).latest_charge
    client.refunds.create({"charge": charge, "amount": 1000})
    over = refusal(client.refunds.create, {"charge": charge, "amount": 231})
    assert over.param == "amount" and "greater than unrefunded amount" in str(over)
    rest = client.refunds.create({"charge": charge})
    assert rest.amount == 230
    assert refusal(client.refunds.create, {"charge": charge}).code == "charge_already_refunded"
    run_due()
    assert client.charges.retrieve(charge).refunded
    assert refusal(client.refunds.create, {}).http_status == 400
    unpaid = client.payment_intents.create({"amount": 100, "currency": "cny"})
    assert "does not have a successful charge to refund" in str(
        refusal(client.refunds.create, {"payment_intent": unpaid.id})
    )


def test_a_first_answer_is_given_again_for_its_key_refusals_too(client: Any) -> None:
    once = {"idempotency_key": "k-1"}
    error = refusal(client.refunds.create, {"payment_intent": "pi_none"}, once)
    again = refusal(client.refunds.create, {"payment_intent": "pi_none"}, once)
    assert error.user_message == again.user_message and again.headers["Idempotent-Replayed"] == "true"
    made = client.webhook_endpoints.create(
        {"url": "https://example.com/x", "enabled_events": ["*"]}, {"idempotency_key": "k-2"}
    )
    assert client.webhook_endpoints.create(
        {"url": "https://example.com/x", "enabled_events": ["*"]}, {"idempotency_key": "k-2"}
    ).secret == made.secret  # fmt: skip
    client.webhook_endpoints.delete(made.id)
    for call in (
        client.webhook_endpoints.retrieve,
        client.webhook_endpoints.update,
        client.webhook_endpoints.delete,
    ):
        gone = refusal(call, made.id)
        assert (gone.http_status, gone.code) == (404, "resource_missing")


def test_the_lines_of_a_checkout_are_paged_and_sessions_are_found(client: Any, clock: FrozenClock) -> None:
    lines = [
        {
            "price_data": {"currency": "cny", "unit_amount": 100 + n, "product_data": {"name": f"{n}"}},
            "quantity": 1,
        }
        for n in range(5)
    ]
    told = {"mode": "payment", "success_url": "https://shop.example.cn/ok", "line_items": lines}
    session = client.checkout.sessions.create(told)
    pages = client.checkout.sessions.line_items.list(session.id, {"limit": 2})
    assert [each.description for each in pages.auto_paging_iter()] == ["0", "1", "2", "3", "4"]
    last = pages.next_page().next_page()
    assert not last.has_more and [each.description for each in last.data] == ["4"]
    before = client.checkout.sessions.line_items.list(
        session.id, {"limit": 2, "ending_before": last.data[0].id}
    )
    assert [each.description for each in before.auto_paging_iter()] == ["3", "2", "1", "0"]
    clock.move(seconds=1)
    client.checkout.sessions.create(told)
    client.checkout.sessions.expire(session.id)
    assert [each.id for each in client.checkout.sessions.list({"status": "expired"}).data] == [session.id]
    early = client.checkout.sessions.list({"created": {"lt": int(clock().timestamp())}}).data
    assert [each.id for each in early] == [session.id]
    assert refusal(client.checkout.sessions.list, {"status": "tea"}).param == "status"


def test_metadata_is_merged_and_an_empty_text_takes_a_key_away(client: Any) -> None:
    made = client.customers.create({"metadata": {"a": "1", "b": "2", "n": 3}})
    assert made.metadata.to_dict() == {"a": "1", "b": "2", "n": "3"}
    assert client.customers.update(made.id, {"metadata": {"a": "", "c": "4"}}).metadata.to_dict() == {
        "b": "2",
        "c": "4",
        "n": "3",
    }
    assert client.customers.update(made.id, {"metadata": ""}).metadata.to_dict() == {}
    many = {f"k{n}": "v" for n in range(51)}
    assert refusal(client.customers.update, made.id, {"metadata": many}).param == "metadata"


def test_a_checkout_may_say_what_it_does_not_want(client: Any) -> None:
    line = {
        "price_data": {"currency": "cny", "unit_amount": 100, "product_data": {"name": "谷子"}},
        "quantity": 1,
    }
    told = {"mode": "payment", "success_url": "https://shop.example.cn/ok", "line_items": [line]}
    names = ("automatic_tax", "invoice_creation", "phone_number_collection", "tax_id_collection")
    unwanted = {name: {"enabled": False} for name in names} | {"allow_promotion_codes": False}
    session = client.checkout.sessions.create(told | unwanted)
    assert session.status == "open" and session.automatic_tax.enabled is False
    for name in names:
        assert (
            refusal(client.checkout.sessions.create, told | {name: {"enabled": True}}).param
            == f"{name}[enabled]"
        )
    assert (
        refusal(client.checkout.sessions.create, told | {"allow_promotion_codes": True}).param
        == "allow_promotion_codes"
    )
    cards = refusal(client.checkout.sessions.create, told | {"payment_method_types": ["alipay", "card"]})
    assert cards.param == "payment_method_types[1]" and "must be one of alipay" in str(cards)
    customer = client.customers.create({"email": "a@example.cn"}).id
    both = told | {"customer": customer, "customer_email": "a@example.cn"}
    assert "only specify one" in str(refusal(client.checkout.sessions.create, both))


def test_accounts_are_opened_by_what_controls_them_too(client: Any) -> None:
    ours = {
        "fees": {"payer": "application"}, "losses": {"payments": "application"},
        "requirement_collection": "application", "stripe_dashboard": {"type": "none"},
    }  # fmt: skip
    assert client.accounts.create({"controller": ours}).controller.stripe_dashboard.type == "none"
    wrong = refusal(client.accounts.create, {"controller": ours | {"stripe_dashboard": {"type": "full"}}})
    assert wrong.param == "controller[stripe_dashboard][type]"


def test_what_a_parameter_names_and_nobody_has_is_a_fault_of_the_call(
    client: Any, gateway: FakeGateway
) -> None:
    charge = client.payment_intents.retrieve(make_paid_payment(gateway=gateway).id).latest_charge
    told = {"amount": 5, "currency": "cny", "destination": "acct_none", "source_transaction": charge}
    error = refusal(client.transfers.create, told)
    assert (error.http_status, error.code, error.param) == (400, "resource_missing", "destination")
    assert client.balance_transactions.list({"currency": "usd"}).data == []
    assert len(client.balance_transactions.list({"currency": "CNY"}).data) == 1
