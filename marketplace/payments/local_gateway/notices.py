"""Write down the notifications that the courier will deliver, and forge one when told to."""

import json
import secrets
from enum import StrEnum
from typing import Any

from marketplace.payments.alipay import keys as rsa_keys
from marketplace.payments.alipay.notifications import sign_contents
from marketplace.payments.local_gateway.faults import NOTIFY, FaultKind, take_fault
from marketplace.payments.local_gateway.gateway import Gateway, moment_text, money
from marketplace.payments.local_gateway.keys_on_disk import BUYER_ID, BUYER_LOGON_ID, BUYER_OPEN_ID
from marketplace.payments.local_gateway.rules import NOTIFIES_CLOSING
from marketplace.payments.local_gateway.trade_rows import CLOSED, SUCCESS, Trade

# The setting that holds the address of the merchant's 应用网关.
APPLICATION_URL = "application_url"


class Forgery(StrEnum):
    """What is wrong with a forged notification. All but the last are signed with the right key."""

    wrong_amount = "wrong_amount"
    wrong_app_id = "wrong_app_id"
    wrong_seller_id = "wrong_seller_id"
    unknown_trade = "unknown_trade"
    bad_signature = "bad_signature"


def announce(gateway: Gateway, trade: Trade, out_request_no: str = "") -> None:
    """Queue a notification of the trade's present state, if its kind is one that notifies of it."""
    if not trade.notify_url or (trade.status == CLOSED and trade.method not in NOTIFIES_CLOSING):
        return
    fields = _fields(gateway, trade, out_request_no)
    fault = take_fault(gateway.store, NOTIFY, {trade.out_trade_no, trade.trade_no})
    kind = fault.kind if fault else None
    late_s = fault.seconds if fault and kind is FaultKind.notify_late else 0.0
    state = {
        FaultKind.notify_lost: "lost",
        FaultKind.notify_held: "held",
        FaultKind.notify_swapped: "swapped",
    }
    gateway.store.insert(
        "notification",
        notify_id=fields["notify_id"],
        trade_no=trade.trade_no,
        out_trade_no=trade.out_trade_no,
        label=_label(trade, out_request_no),
        url=trade.notify_url,
        fields=json.dumps(fields, ensure_ascii=False),
        state=state.get(kind, "waiting") if kind else "waiting",
        due_at=gateway.now() + late_s,
        repeats=1 if kind is FaultKind.notify_twice else 0,
    )
    gateway.wake()


def forge(gateway: Gateway, trade: Trade, forgery: Forgery) -> int:
    """Queue a notification that no honest gateway would send. It claims that the trade was paid."""
    fields = _fields(gateway, trade, "") | {"trade_status": SUCCESS}
    fields.setdefault("gmt_payment", moment_text(gateway.now()))
    if forgery is Forgery.wrong_amount:
        for name in ("total_amount", "receipt_amount", "buyer_pay_amount"):
            fields[name] = money(trade.total_fen + 1)
    elif forgery is Forgery.wrong_app_id:
        fields["app_id"] = "9021000999999999"
    elif forgery is Forgery.wrong_seller_id:
        fields["seller_id"] = "2088999999999999"
    elif forgery is Forgery.unknown_trade:
        fields["out_trade_no"] = f"nobody_{secrets.token_hex(6)}"
    number = gateway.store.insert(
        "notification",
        notify_id=fields["notify_id"],
        trade_no=trade.trade_no,
        out_trade_no=trade.out_trade_no,
        label="伪造",
        url=trade.notify_url,
        fields=json.dumps(fields, ensure_ascii=False),
        forgery=forgery.value,
        state="waiting",
        due_at=gateway.now(),
    )
    gateway.wake()
    return number


def tell_application(gateway: Gateway, method: str, biz: dict[str, Any]) -> None:
    """Queue a message to the application's own gateway (应用网关), if the merchant named its address."""
    url = gateway.store.setting(APPLICATION_URL)
    if not url:
        return
    fields = {
        "notify_id": secrets.token_hex(17),
        "utc_timestamp": str(int(gateway.now() * 1000)),
        "msg_method": method,
        "app_id": gateway.keys.app_id,
        "version": "1.1",
        "charset": "utf-8",
        "biz_content": json.dumps(biz, ensure_ascii=False),
    }
    gateway.store.insert(
        "notification",
        notify_id=fields["notify_id"],
        trade_no=str(biz.get("trade_no", "")),
        out_trade_no=str(biz.get("out_biz_no") or biz.get("out_request_no", "")),
        label="消息",
        url=url,
        fields=json.dumps(fields, ensure_ascii=False),
        state="waiting",
        due_at=gateway.now(),
    )
    gateway.wake()


def signed_fields(gateway: Gateway, fields: dict[str, str], forgery: str) -> dict[str, str]:
    """Date and sign the fields for one delivery; the notify_id stays the same over all of them."""
    is_trade = "notify_type" in fields
    dated = {**fields, "sign_type": "RSA2"}
    if is_trade:
        dated["notify_time"] = moment_text(gateway.now())
    # Messages to the application's gateway are signed with sign_type included (payments.md 1.4 [K]).
    content = next(sign_contents(dated, keeps_sign_type=not is_trade))
    if forgery == Forgery.bad_signature:
        content += b"&forged=1"
    return {**dated, "sign": rsa_keys.sign(gateway.keys.private, content)}


def _fields(gateway: Gateway, trade: Trade, out_request_no: str) -> dict[str, str]:
    total = money(trade.total_fen)
    told: dict[str, Any] = {
        "notify_type": "trade_status_sync",
        "notify_id": secrets.token_hex(17),
        "charset": "utf-8",
        "version": "1.0",
        "app_id": gateway.keys.app_id,
        "auth_app_id": gateway.keys.app_id,
        "seller_id": gateway.keys.seller_id,
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "out_biz_no": out_request_no,
        "trade_status": trade.status,
        "subject": trade.subject,
        "total_amount": total,
        "gmt_create": moment_text(trade.created_at),
        "gmt_payment": moment_text(trade.paid_at),
        "gmt_refund": f"{moment_text(trade.refunded_at)}.000" if trade.refunded_at else "",
        "gmt_close": moment_text(trade.closed_at),
        "refund_fee": money(trade.refunded_fen) if trade.refunded_fen else "",
        "passback_params": trade.passback,
    }
    if trade.paid_at is not None:
        told |= {
            "receipt_amount": total,
            "invoice_amount": total,
            "buyer_pay_amount": total,
            "point_amount": "0.00",
            "fund_bill_list": json.dumps([{"amount": total, "fundChannel": "ALIPAYACCOUNT"}]),
            "buyer_id": BUYER_ID,
            "buyer_open_id": BUYER_OPEN_ID,
            "buyer_logon_id": BUYER_LOGON_ID,
        }
    return {name: value for name, value in told.items() if value}


def _label(trade: Trade, out_request_no: str) -> str:
    if out_request_no:
        return "退款"
    return "关闭" if trade.status == CLOSED else "付款"
