"""What may happen to an order, whatever is tried in whatever state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.orders.rules import (
    LETTERS,
    Act,
    Handover,
    OrderState,
    Way,
    new_number,
    new_pickup_code,
    next_state,
    settles_at,
    shares,
)

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize("act", [Act.ship, Act.receive, Act.settle, Act.give_back])
def test_nothing_leaves_the_village_and_no_money_moves_before_it_is_paid(act: Act) -> None:
    assert {next_state(state, act, is_paid=False) for state in OrderState} == {None}


@pytest.mark.parametrize("act", [Act.pay, Act.cancel, Act.revive])
def test_what_is_paid_is_neither_paid_again_nor_given_up(act: Act) -> None:
    assert {next_state(state, act, is_paid=True) for state in OrderState} == {None}


def test_to_be_paid_at_pickup_is_packed_before_the_money_comes() -> None:
    state = next_state(OrderState.reserved, Act.pack, is_paid=False)
    assert state is OrderState.packed
    assert next_state(state, Act.pay, is_paid=False) is OrderState.packed
    assert next_state(state, Act.receive, is_paid=True) is OrderState.received


def test_to_be_paid_online_is_never_packed_before_the_money_comes() -> None:
    assert next_state(OrderState.pending_payment, Act.pack, is_paid=False) is None


def test_what_is_refunded_stays_refunded() -> None:
    for act in Act:
        assert next_state(OrderState.refunded, act, is_paid=True) is None


@given(st.lists(st.sampled_from(list(Act)), max_size=12))
def test_whatever_is_tried_an_order_is_settled_only_after_money_and_receipt(acts: list[Act]) -> None:
    state, is_paid, done = OrderState.pending_payment, False, []
    for act in acts:
        following = next_state(state, act, is_paid=is_paid)
        if following is not None:
            state, is_paid = following, is_paid or act in {Act.pay, Act.revive}
            done.append(act)
    if state is OrderState.settled:
        assert is_paid
        assert Act.receive in done


def test_sellers_share_what_their_lines_came_to() -> None:
    parts = shares([(7, 1500), (3, 350), (7, 200), (9, 0)])

    assert [(each.seller, each.amount_fen) for each in parts] == [("3", 350), ("7", 1700)]


def test_a_refund_starts_the_clock_anew() -> None:
    later = NOON + timedelta(days=2)

    assert settles_at(NOON, []) == NOON + timedelta(hours=24)
    assert settles_at(NOON, [later]) == later + timedelta(hours=24)


def test_numbers_cannot_be_guessed_and_can_be_read_out() -> None:
    numbers = {new_number() for _ in range(200)}

    assert len(numbers) == 200
    assert set("".join(numbers)) <= set(LETTERS)
    assert not set("01IOLU") & set(LETTERS)
    assert all(len(new_pickup_code()) == 6 and new_pickup_code().isdigit() for _ in range(50))


def test_delivery_is_free_from_the_sum_that_was_set() -> None:
    way = Handover("d", Way.delivery, "快递", fee_fen=800, free_from_fen=9900)

    assert [way.fee_for(9899), way.fee_for(9900)] == [800, 0]
    assert Handover("d", Way.delivery, "快递", fee_fen=800).fee_for(10**6) == 800
