"""What buyers, farmers, the keeper, the operator and a forger do: each deed is one request, and may die anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from commons.accounts.permissions import acting_as
from commons.db import db, end_read, transaction
from commons.errors import Missing
from marketplace.fulfilment import actions as counter
from marketplace.ledger.queries import balance_fen
from marketplace.orders import moves, refunds
from marketplace.orders.actions import NewOrder, cancel_order, place_order
from marketplace.orders.models import Order
from marketplace.orders.queries import order_of_form
from marketplace.orders.rules import Address, RefundReason, RefundState, Way
from marketplace.payments.actions import request_refund
from marketplace.payments.cash import hand_over_cash
from marketplace.payments.flows import ask_about_payment
from marketplace.payments.local_gateway.notices import Forgery
from marketplace.payments.local_gateway.rules import RejectionError
from marketplace.payments.local_gateway.steering import finish_trade, forge_notification, pay_trade
from marketplace.payments.local_gateway.trade_rows import trade_by
from marketplace.payments.models import PaymentIntent
from marketplace.payments.notify import receive
from marketplace.payments.opening import cashier_address
from marketplace.payments.queries import refunds_of
from marketplace.payments.rules import IntentStatus, Method, Product
from tests.make.divisions import VILLAGE
from tests.simulator.gateway import LocalAlipay
from tests.simulator.ground import PRICES, Ground

Deed = Callable[[], object]


@dataclass
class Basket:
    """One order as its buyer's browser knows it: what was wanted, the form's key, and the addresses it was led to."""

    slot: int
    buyer: int
    quantities: tuple[int, ...]
    method: Method
    way: Way
    form_key: str
    addresses: list[str] = field(default_factory=list)
    number: str = ""
    payment_id: str = ""


class People:
    """Every deed that a schedule can plan, for the baskets of one schedule."""

    def __init__(self, ground: Ground, alipay: LocalAlipay) -> None:
        self._ground = ground
        self._alipay = alipay
        self.letters: list[dict[str, str]] = []

    def _order(self, basket: Basket) -> Order:
        found = order_of_form(basket.buyer, basket.form_key)
        if found is None:
            raise Missing("nothing was ordered")
        return found

    def _number(self, basket: Basket) -> str:
        """The order's number, which its page's address has told the browser once."""
        if not basket.number:
            order = self._order(basket)
            basket.number, basket.payment_id = order.number, order.payment_id
        return basket.number

    def _payment(self, basket: Basket) -> str:
        self._number(basket)
        return basket.payment_id

    # -- the buyer --------------------------------------------------------------------------------------

    def place(self, basket: Basket) -> None:
        """Send the checkout's form."""
        handover = self._ground.ways()[basket.way]
        pairs = [pair for pair in zip(self._ground.lots, basket.quantities, strict=True) if pair[1]]
        goods_fen = sum(price * quantity for price, quantity in zip(PRICES, basket.quantities, strict=True))
        address = (
            Address("王秀兰", "10012345678", "江汉市示例路 2 号") if basket.way is Way.delivery else None
        )
        new = NewOrder(
            VILLAGE, dict(pairs), goods_fen + handover.fee_for(goods_fen), handover, basket.method, basket.form_key, address
        )  # fmt: skip
        with transaction():
            place_order(basket.buyer, new)

    def click(self, basket: Basket, product: Product) -> None:
        """Press the way to the cashier, on the telephone or at a desk."""
        payment_id = self._payment(basket)
        basket.addresses.append(cashier_address(payment_id, product))

    def open_cashier(self, basket: Basket) -> None:
        """Follow every address that the browser was given."""
        for address in basket.addresses:
            try:
                self._alipay.line.open_cashier(address)
            except RejectionError:
                continue

    def pay(self, basket: Basket, dice: Random, *, is_forced: bool = False) -> None:
        """Press pay at one of the open cashiers; forced, also where the merchant has just closed."""
        self.open_cashier(basket)
        for number in dice.sample(range(1, 4), 3):
            out_trade_no = f"{self._payment(basket)}_{number}"
            end_read()
            try:
                if trade_by(self._alipay.gateway.store, "out_trade_no", out_trade_no) is not None:
                    pay_trade(self._alipay.gateway, out_trade_no, is_forced=is_forced)
                    return
            except RejectionError:
                continue

    def come_back(self, basket: Basket) -> None:
        """Return from the cashier: the gateway is asked."""
        payment_id = self._payment(basket)
        if IntentStatus(db.session.get_one(PaymentIntent, payment_id).status).is_open:
            ask_about_payment(payment_id)

    def cancel(self, basket: Basket) -> None:
        """Give the order up."""
        number = self._number(basket)
        with transaction():
            cancel_order(number)

    def want_money_back(self, basket: Basket, *, whole: bool) -> None:
        """Ask for the money of the first line, or of everything."""
        order = self._order(basket)
        number, line_id = order.number, None if whole else order.lines[0].id
        with transaction():
            refunds.ask_refund(number, basket.buyer, RefundReason.not_good, "", line_id)

    def receive(self, basket: Basket) -> None:
        """The parcel has come."""
        number = self._number(basket)
        with transaction():
            moves.confirm_receipt(number)

    # -- farmer, keeper, clerk, operator --------------------------------------------------------------------

    def pack(self, basket: Basket, seller: int) -> None:
        """One farmer packs the own lines."""
        number = self._number(basket)
        with transaction():
            moves.pack(number, {self._ground.sellers[seller]})

    def ship(self, basket: Basket) -> None:
        """The keeper sends the parcel."""
        number = self._number(basket)
        with acting_as(self._ground.keeper), transaction():
            counter.ship(number, "示例单号")

    def take_money(self, basket: Basket) -> None:
        """The keeper takes the money by hand."""
        number = self._number(basket)
        with acting_as(self._ground.keeper), transaction():
            counter.take_money(number, self._ground.keeper)

    def hand_over(self, basket: Basket, *, with_money: bool) -> None:
        """The buyer says the code and fetches the goods."""
        order = self._order(basket)
        number, code = order.number, order.pickup_code
        with acting_as(self._ground.keeper), transaction():
            counter.hand_over(number, code, self._ground.keeper, with_money=with_money)

    def decide(self, basket: Basket, *, agrees: bool) -> None:
        """The clerk answers every request for money of this order."""
        order = self._order(basket)
        number, asked = order.number, [back.id for back in order.refunds if back.state != RefundState.done]
        for refund_id in asked:
            with transaction():
                if agrees:
                    refunds.agree(number, refund_id, self._ground.clerk)
                else:
                    refunds.refuse(number, refund_id, self._ground.clerk, "不行")

    def give_back_by_hand(self, basket: Basket) -> None:
        """The keeper gives the money of every agreed refund back by hand."""
        order = self._order(basket)
        number, agreed = order.number, [back.id for back in order.refunds if back.payment_refund_id]
        for refund_id in agreed:
            with acting_as(self._ground.keeper), transaction():
                counter.give_back_by_hand(number, refund_id, self._ground.keeper)

    def refund_from_outside(self, basket: Basket, part: float) -> None:
        """Somebody gives a part back past the order, as the payments' own interface allows."""
        payment_id = self._payment(basket)
        asked = max(1, int(db.session.get_one(PaymentIntent, payment_id).amount_fen * part))
        reference = f"outside-{basket.slot}-{len(refunds_of(payment_id))}"
        with transaction():
            request_refund(payment_id, asked, reason="直接退款", reference=reference)

    def count_cash(self, difference: int) -> None:
        """The office counts the keeper's box, and may find another sum than the books say."""
        keeper = str(self._ground.keeper)
        with transaction():
            expected = balance_fen(f"cash:{keeper}", livemode=False)
            hand_over_cash(keeper, max(0, expected + difference), expected)

    # -- Alipay, and people who would like to be Alipay --------------------------------------------------------

    def finish(self, basket: Basket) -> None:
        """The refund period of the trade ends early."""
        try:
            finish_trade(self._alipay.gateway, f"{self._payment(basket)}_1")
        except (RejectionError, LookupError):
            return

    def forge(self, basket: Basket, forgery: Forgery) -> None:
        """Send a notification that no honest gateway would."""
        try:
            forge_notification(self._alipay.gateway, f"{self._payment(basket)}_1", forgery)
        except LookupError:
            return

    def replay(self, dice: Random) -> None:
        """Send an old notification again, whole, cut short or changed."""
        if not self.letters:
            return
        letter = dict(dice.choice(self.letters))
        manner = dice.randrange(4)
        if manner == 1:
            letter.pop(
                dice.choice(sorted(set(letter) - {"sign_type"}))
            )  # which is not part of what is signed
        elif manner == 2:
            letter["total_amount"] = "0.01"
        elif manner == 3:
            letter["out_trade_no"] = dice.choice(self.letters)["out_trade_no"]
        answer = receive(letter)
        genuine = letter in self.letters
        if not genuine and answer == b"success":
            raise AssertionError(f"a changed notification was believed: {letter}")
