"""What the office does with sellers' money, and what programs, the bank and Alipay do to it; each deed may die anywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from sqlalchemy import select

from commons import clock
from commons.db import db, end_read, transaction
from commons.errors import Missing
from commons.outbox import TIMED, enqueue
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import (
    PaymentAsk,
    confirm_offline,
    confirm_offline_refund,
    open_intent,
    release_to_seller,
    request_refund,
)
from marketplace.payments.cash import hand_over_cash
from marketplace.payments.connect import messages
from marketplace.payments.connect.actions import set_payee, settle_directly
from marketplace.payments.connect.lists import make_bank_list, payouts_on, recent_lists, take_results
from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.owed import account_owed_fen
from marketplace.payments.connect.payouts import (
    PayoutAsk,
    cancel_payout,
    pay_everybody,
    pay_in_cash,
    request_payout,
)
from marketplace.payments.connect.reversals import reverse_transfer
from marketplace.payments.connect.rules import Payee, PayoutStatus
from marketplace.payments.connect.sheets import read_results
from marketplace.payments.flows import ask_about_payment
from marketplace.payments.local_gateway.account import post_movement
from marketplace.payments.local_gateway.notices import APPLICATION_URL
from marketplace.payments.local_gateway.refunds import give_back
from marketplace.payments.local_gateway.rules import RejectionError
from marketplace.payments.local_gateway.steering import pay_trade, trade_named
from marketplace.payments.local_gateway.trade_rows import SUCCESS
from marketplace.payments.local_gateway.transfers import TRANSFERS_WAIT, decide, send_back
from marketplace.payments.models import PaymentIntent, SellerTransfer
from marketplace.payments.opening import cashier_address
from marketplace.payments.queries import escrow_left, the_payment
from marketplace.payments.reconcile.flows import reconcile
from marketplace.payments.rules import Method, Product
from tests.make.divisions import VILLAGE
from tests.make.sellers import PAYEES
from tests.simulator.gateway import LocalAlipay
from tests.simulator.ground import Ground
from tests.simulator.stories import Story, Subject

MESSAGES_URL = f"http://127.0.0.1:0{messages.PATH}"
# How what was given back at Alipay's own desk is called there, and what nobody can explain.
DESK, RIDDLE = "desk", "红包"
FIFTEEN_MINUTES = timedelta(minutes=15)


@dataclass
class Sale:
    """One sale by a program, without an order: what it asks for, for which seller, and its payment once there is one."""

    number: int
    seller: int
    amount_fen: int
    method: Method = Method.alipay
    payment_id: str = ""


@dataclass
class Bank:
    """The co-op's bank: what became of every line of a sheet that it was given."""

    paid: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    sent_back: set[str] = field(default_factory=set)

    def words(self, payout_id: str) -> str:
        return "成功" if payout_id in self.paid - self.sent_back else "失败"


class Office:
    """Every deed about sellers' money that a schedule can plan."""

    def __init__(self, ground: Ground, alipay: LocalAlipay, story: Story) -> None:
        self._ground = ground
        self._alipay = alipay
        self._story = story
        self.bank = Bank()

    def set_up(self) -> None:
        """Let the sellers be paid as this story has it, before anything happens."""
        self._alipay.gateway.store.keep(APPLICATION_URL, MESSAGES_URL)
        if self._story.subject is Subject.shop:
            return
        with transaction():
            for account_id, means in zip(self._ground.accounts, self._story.means, strict=True):
                if self._story.subject is Subject.direct:
                    settle_directly(account_id, f"2088{account_id[-8:]}")
                else:
                    set_payee(account_id, PAYEES[means])

    def take_time_over_transfers(self, *, takes_time: bool) -> None:
        """From now on Alipay takes its time over transfers, or does not any more."""
        self._alipay.gateway.store.keep(TRANSFERS_WAIT, "1" if takes_time else "0")

    def _seller(self, sale: Sale) -> str:
        return str(self._ground.sellers[sale.seller])

    # -- programs that sell --------------------------------------------------------------------------------------

    def _payment(self, sale: Sale) -> str:
        """The payment of a sale, which the program knows by its own number."""
        if not sale.payment_id:
            named = select(PaymentIntent.id).where(PaymentIntent.reference == f"sale:{sale.number}")
            sale.payment_id = db.session.scalar(named) or ""
        return sale.payment_id

    def _known(self, sale: Sale) -> str:
        if not self._payment(sale):
            raise Missing("nothing was sold")
        return sale.payment_id

    def sell(self, sale: Sale) -> None:
        """A program asks for money, and the buyer pays at once."""
        if not self._payment(sale):
            is_direct = self._story.subject is Subject.direct and sale.method is Method.alipay
            with transaction():
                ends = clock.now() + FIFTEEN_MINUTES
                account = self._ground.accounts[sale.seller] if is_direct else ""
                ask = PaymentAsk(
                    sale.amount_fen,
                    sale.method,
                    "示例",
                    ends,
                    f"sale:{sale.number}",
                    area=VILLAGE,
                    account=account,
                )
                sale.payment_id = open_intent(ask).id
        if sale.method is Method.offline:
            with transaction():
                confirm_offline(sale.payment_id, str(self._ground.keeper))
            return
        self._pay(sale.payment_id)
        ask_about_payment(sale.payment_id)

    def _pay(self, payment_id: str) -> None:
        try:
            self._alipay.line.open_cashier(cashier_address(payment_id, Product.page))
            pay_trade(self._alipay.gateway, f"{payment_id}_1")
        except RejectionError:
            return  # it was paid before somebody died

    def release(self, sale: Sale, *, whole: bool = True) -> None:
        """The goods are there: the seller may have the money, or the half of it."""
        payment = the_payment(self._known(sale))
        left = escrow_left(payment)
        fen = left if whole else left // 2
        with transaction():
            release_to_seller(payment.id, self._seller(sale), fen, f"sale:{sale.number}:{whole}")

    def give_back(self, sale: Sale, part: float, reference: str) -> None:
        """A program gives a part back, out of what its seller got where it can."""
        payment_id = self._known(sale)
        fen = max(1, int(sale.amount_fen * part))
        with transaction():
            refund = request_refund(payment_id, fen, reference=reference, seller=self._seller(sale))
        if sale.method is Method.offline:
            with transaction():
                confirm_offline_refund(refund.id, str(self._ground.keeper))

    def reverse(self, sale: Sale, part: float) -> None:
        """A program takes a part of a release back from its seller."""
        payment_id = self._known(sale)
        found = db.session.execute(
            select(SellerTransfer.id, SellerTransfer.net_fen)
            .where(SellerTransfer.intent_id == payment_id)
            .limit(1)
        ).first()
        if found is None:
            raise Missing("nothing was released")
        with transaction():
            reverse_transfer(found.id, max(1, int(found.net_fen * part)))

    def collect_cash(self) -> None:
        """The office counts the keeper's box and takes the money."""
        keeper = str(self._ground.keeper)
        expected = balance_fen(f"cash:{keeper}", livemode=False)
        with transaction():
            hand_over_cash(keeper, expected, expected)

    # -- paying sellers ---------------------------------------------------------------------------------------------

    def pay_out(self, seller: int, part: float, reference: str) -> None:
        """The office pays a seller a part of what the page says is owed."""
        account_id = self._ground.accounts[seller]
        fen = int(account_owed_fen(account_id) * part)
        with transaction():
            request_payout(PayoutAsk(account_id, fen, reference))

    def pay_everybody(self, once: str) -> None:
        """The office pays everybody all that is owed, with one press."""
        with transaction():
            pay_everybody(once, livemode=False)

    def change_payee(self, seller: int, payee: Payee) -> None:
        """The seller wants the money elsewhere from now on."""
        with transaction():
            set_payee(self._ground.accounts[seller], payee)

    def _open(self, seller: int) -> list[str]:
        waiting = (PayoutStatus.pending, PayoutStatus.in_transit)
        mine = select(Payout.id).where(
            Payout.account_id == self._ground.accounts[seller], Payout.status.in_(waiting)
        )
        return list(db.session.scalars(mine.order_by(Payout.created_at, Payout.id)))

    def cancel(self, seller: int) -> None:
        """The office thinks better of every payout to a seller that has not left."""
        for payout_id in self._open(seller):
            with transaction():
                cancel_payout(payout_id)

    def sign_slips(self, seller: int) -> None:
        """The seller comes, signs and has the money in the hand."""
        for payout_id in self._open(seller):
            with transaction():
                pay_in_cash(payout_id)

    def make_list(self) -> None:
        """The office makes a list for the bank of all that wait."""
        with transaction():
            make_bank_list(self._ground.clerk, livemode=False)

    # -- the bank ------------------------------------------------------------------------------------------------------

    def bank_works(self, dice: Random) -> None:
        """The bank does what the lists say; what it did before it does not do again."""
        known = self.bank.paid | self.bank.refused
        for payout in self._listed():
            if payout not in known:
                (self.bank.refused if dice.random() < 0.2 else self.bank.paid).add(payout)

    def bank_sends_back(self) -> None:
        """What the bank has paid comes back to it."""
        self.bank.sent_back |= self.bank.paid

    def bank_answers(self) -> None:
        """The office imports every sheet with the bank's results."""
        for bank_list in [each.id for each in recent_lists()]:
            lines = [f"{number},{self.bank.words(number)}," for number in self._on(bank_list)]
            sheet = "\n".join(["编号,结果,原因", *lines]).encode("utf-8-sig")
            with transaction():
                take_results(bank_list, read_results(sheet))

    def _listed(self) -> list[str]:
        return [number for each in recent_lists() for number in self._on(each.id, all_of_it=True)]

    def _on(self, list_id: int, *, all_of_it: bool = False) -> list[str]:
        known = self.bank.paid | self.bank.refused
        return [each.id for each in payouts_on(list_id) if all_of_it or each.id in known]

    # -- Alipay ----------------------------------------------------------------------------------------------------------

    def _transfers(self, status: str) -> list[str]:
        found = self._alipay.gateway.store.rows(
            "SELECT out_biz_no FROM transfer WHERE status = ? ORDER BY at, out_biz_no", status
        )
        return [row["out_biz_no"] for row in found]

    def decide_transfers(self, dice: Random) -> None:
        """Alipay comes to an end with the transfers that it took its time over."""
        for number in self._transfers("DEALING"):
            with self._alipay.gateway.store.writing():
                decide(self._alipay.gateway, number, is_paid=dice.random() < 0.7)

    def return_transfers(self) -> None:
        """What Alipay had transferred comes back to us."""
        for number in self._transfers("SUCCESS"):
            with self._alipay.gateway.store.writing():
                send_back(self._alipay.gateway, number)

    def refund_at_the_desk(self, sale: Sale) -> None:
        """Somebody gives a fen back at Alipay's own desk, past us."""
        gateway, number = self._alipay.gateway, f"{self._known(sale)}_1"
        try:
            trade = trade_named(gateway, number)
        except LookupError:
            return
        with gateway.store.writing():
            if trade.status == SUCCESS and trade.refunded_fen < trade.total_fen:
                give_back(gateway, trade, f"{DESK}{sale.number}", 1)

    def move_strangely(self, kind: str, amount_fen: int) -> None:
        """Money moves at Alipay without anybody having asked through us."""
        with self._alipay.gateway.store.writing():
            post_movement(
                self._alipay.gateway, kind, amount_fen, trade_no="", out_no="", request_no="", subject=kind
            )

    # -- the bills ----------------------------------------------------------------------------------------------------------

    def plan_bills(self) -> None:
        """What the worker's own clock would ask for."""
        due = TIMED["payment.reconcile_daily"].latest_due(clock.now())
        with transaction():
            enqueue("payment.reconcile_daily", unique_key=f"payment.reconcile_daily@{due.isoformat()}")

    def reconcile(self, day: date, *, again: bool) -> None:
        """An operator holds a day against its bill, perhaps once more."""
        app_id = self._alipay.driver.app_id
        end_read()
        reconcile(app_id, False, day, again=again)
