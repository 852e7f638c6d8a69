"""Sharing a trade's money (商家分账) and confirming settlement to a sub-merchant (直付通)."""

from typing import Any

from marketplace.payments.alipay.amounts import BadAmountError, fen_of
from marketplace.payments.local_gateway.account import post
from marketplace.payments.local_gateway.gateway import Ask, Gateway, moment_text, money, new_number
from marketplace.payments.local_gateway.notices import tell_application
from marketplace.payments.local_gateway.rules import (
    ASYNC_RECEIVERS,
    BOUND_RECEIVERS,
    SYNC_RECEIVERS,
    RejectionError,
    royalty_limit,
)
from marketplace.payments.local_gateway.trade_rows import FINISHED, SUCCESS, Trade, changed, the_trade

_RECEIVER_TYPES = frozenset({"userId", "loginName", "openId"})


def bind(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Allow receivers; binding one twice changes nothing."""
    for receiver in _receivers(ask):
        gateway.store.rows(
            "INSERT OR REPLACE INTO receiver VALUES (?, ?, ?)",
            str(receiver["account"]),
            str(receiver["type"]),
            str(receiver.get("memo", "")),
        )
    bound = gateway.store.row("SELECT count(*) AS n FROM receiver")
    if bound is not None and bound["n"] > BOUND_RECEIVERS:
        raise RejectionError("ACQ.RELATION_QUANTITY_LIMIT", "达到分账关系集数量上限")
    return {"result_code": "SUCCESS"}


def unbind(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Take allowances back."""
    for receiver in _receivers(ask):
        gateway.store.rows("DELETE FROM receiver WHERE account = ?", str(receiver["account"]))
    return {"result_code": "SUCCESS"}


def bound_receivers(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """One page of the receivers."""
    page, size = max(1, int(ask.text("page_num") or 1)), min(100, max(1, int(ask.text("page_size") or 20)))
    rows = gateway.store.rows("SELECT * FROM receiver ORDER BY account")
    return {
        "result_code": "SUCCESS",
        "receiver_list": [
            {"type": row["type"], "account": row["account"], "memo": row["memo"]}
            for row in rows[(page - 1) * size : page * size]
        ],
        "total_page_num": -(-len(rows) // size),
        "total_record_num": len(rows),
        "current_page_num": page,
        "current_page_size": size,
    }


def settle(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Share a paid trade: all or nothing, within the cap, only with bound receivers (payments.md 1.5)."""
    trade = the_trade(gateway.store, ask)
    shares = [_share(one) for one in _list(ask.biz.get("royalty_parameters"))]
    known = _known(gateway, ask, trade, "royalty")
    if known is not None:
        return _same_or_refuse(known, trade, shares)
    _check(gateway, ask, trade, shares)
    settle_no = new_number(gateway.now())
    for receiver, amount_fen in shares:
        _record(gateway, ask, "royalty", settle_no, (receiver, amount_fen), trade)
        if not trade.is_direct_pay:
            post(gateway, trade, "分账", -amount_fen, ask.text("out_request_no"))
        elif receiver == gateway.keys.seller_id:
            post(gateway, trade, "分账收入", amount_fen, ask.text("out_request_no"))
    changed(
        gateway.store,
        trade,
        shared_fen=trade.shared_fen + sum(amount for _, amount in shares),
        is_finished_sharing=int(_finishes(ask) or trade.is_finished_sharing),
    )
    if ask.text("royalty_mode") == "async":
        told = {
            "trade_no": trade.trade_no,
            "out_request_no": ask.text("out_request_no"),
            "settle_no": settle_no,
        }
        tell_application(gateway, "alipay.trade.order.settle.notify", told)
    return {"trade_no": trade.trade_no, "settle_no": settle_no}


def settle_query(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """What became of a share, by settle_no or by request number and trade."""
    by_settle_no = ask.text("settle_no")
    rows = (
        gateway.store.rows("SELECT * FROM share WHERE settle_no = ?", by_settle_no)
        if by_settle_no
        else gateway.store.rows(
            "SELECT * FROM share WHERE out_request_no = ? AND trade_no = ?",
            ask.text("out_request_no"),
            ask.text("trade_no"),
        )
    )
    if not rows:
        raise RejectionError("ACQ.TRADE_SETTLE_NOT_EXIST", "分账请求不存在")  # [K]
    return {
        "out_request_no": rows[0]["out_request_no"],
        "operation_dt": moment_text(rows[0]["at"]),
        "royalty_detail_list": [
            {
                "operation_type": "transfer",
                "execute_dt": moment_text(row["at"]),
                "trans_out": gateway.keys.seller_id,
                "trans_out_type": "userId",
                "trans_in": row["receiver"],
                "trans_in_type": "userId",
                "amount": money(row["amount_fen"]),
                "state": row["state"],
            }
            for row in rows
        ],
    }


def confirm(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Direct-pay: let the sub-merchant have the money; what is paid less what is refunded [S ruipay]."""
    trade = the_trade(gateway.store, ask)
    details = _list((ask.biz.get("settle_info") or {}).get("settle_detail_infos"))
    amount_fen = sum(_fen(one.get("amount")) for one in details)
    known = _known(gateway, ask, trade, "confirm")
    if known is not None:
        return _same_or_refuse(known, trade, [("defaultSettle", amount_fen)])
    if not trade.is_direct_pay or trade.status not in (SUCCESS, FINISHED) or trade.settled_fen:
        raise RejectionError("ACQ.TRADE_SETTLE_ERROR", "交易结算异常")
    if amount_fen != trade.total_fen - trade.refunded_fen:
        raise RejectionError("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", "结算金额与可结算金额不一致")
    settle_no = new_number(gateway.now())
    _record(gateway, ask, "confirm", settle_no, ("defaultSettle", amount_fen), trade)
    changed(gateway.store, trade, settled_fen=amount_fen)
    return {
        "trade_no": trade.trade_no,
        "out_request_no": ask.text("out_request_no"),
        "settle_amount": money(amount_fen),
    }


def take_back_shares(gateway: Gateway, ask: Ask, trade: Trade) -> Trade:
    """A refund may name shares to be taken back from their receivers (refund_royalty_parameters)."""
    returned = 0
    for one in _list(ask.biz.get("refund_royalty_parameters")):
        amount_fen, receiver = _fen(one.get("amount")), str(one.get("trans_out", ""))
        held = gateway.store.row(
            "SELECT coalesce(sum(amount_fen), 0) AS fen FROM share WHERE trade_no = ? AND receiver = ?",
            trade.trade_no,
            receiver,
        )
        if held is None or held["fen"] < amount_fen:
            raise RejectionError("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", "退分账金额超限")
        _record(gateway, ask, "return", new_number(gateway.now()), (receiver, -amount_fen), trade)
        if not trade.is_direct_pay:
            post(gateway, trade, "退分账", amount_fen, ask.text("out_request_no"))
        elif receiver == gateway.keys.seller_id:
            post(gateway, trade, "分账退回", -amount_fen, ask.text("out_request_no"))
        returned += amount_fen
    return changed(gateway.store, trade, shared_fen=trade.shared_fen - returned) if returned else trade


def _check(gateway: Gateway, ask: Ask, trade: Trade, shares: list[tuple[str, int]]) -> None:
    limit = ASYNC_RECEIVERS if ask.text("royalty_mode") == "async" else SYNC_RECEIVERS
    if not ask.text("out_request_no") or len(shares) > limit:
        raise RejectionError("ACQ.INVALID_PARAMETER", f"参数无效：一次最多 {limit} 个接收方")
    if trade.status not in (SUCCESS, FINISHED) or trade.is_finished_sharing:
        raise RejectionError("ACQ.ILLEGAL_SETTLE_STATE", "交易状态不允许分账")
    if trade.is_direct_pay and not trade.settled_fen:
        raise RejectionError("ACQ.ILLEGAL_SETTLE_STATE", "尚未确认结算，不能分账")
    total = trade.shared_fen + sum(amount for _, amount in shares)
    if total > min(royalty_limit(trade.total_fen), trade.total_fen - trade.refunded_fen):
        raise RejectionError("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", "分账金额超过最大可分账金额")
    for receiver, _ in shares:
        bound = gateway.store.row("SELECT 1 FROM receiver WHERE account = ?", receiver)
        if bound is None and receiver != gateway.keys.seller_id:
            raise RejectionError("ACQ.ROYALTY_RECEIVER_INVALID", "收入方不在分账关系内")


def _known(gateway: Gateway, ask: Ask, trade: Trade, kind: str) -> list[Any] | None:
    rows = gateway.store.rows(
        "SELECT * FROM share WHERE out_request_no = ? AND trade_no = ? AND kind = ? ORDER BY id",
        ask.text("out_request_no"),
        trade.trade_no,
        kind,
    )
    return rows or None


def _same_or_refuse(rows: list[Any], trade: Trade, shares: list[tuple[str, int]]) -> dict[str, Any]:
    if [(row["receiver"], row["amount_fen"]) for row in rows] != shares:
        raise RejectionError("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
    return {"trade_no": trade.trade_no, "settle_no": rows[0]["settle_no"]}


def _record(
    gateway: Gateway, ask: Ask, kind: str, settle_no: str, share: tuple[str, int], trade: Trade
) -> None:
    receiver, amount_fen = share
    gateway.store.insert(
        "share",
        out_request_no=ask.text("out_request_no"),
        trade_no=trade.trade_no,
        settle_no=settle_no,
        kind=kind,
        receiver=receiver,
        amount_fen=amount_fen,
        state="SUCCESS",
        at=gateway.now(),
    )


def _share(one: dict[str, Any]) -> tuple[str, int]:
    if one.get("royalty_type", "transfer") != "transfer" or not one.get("trans_in"):
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：分账明细")
    return str(one["trans_in"]), _fen(one.get("amount"))


def _receivers(ask: Ask) -> list[dict[str, Any]]:
    receivers = _list(ask.biz.get("receiver_list"))
    if not receivers:
        raise RejectionError("ACQ.RECEIVER_LIST_EMPTY", "分账收款方列表为空")
    if any(one.get("type") not in _RECEIVER_TYPES or not one.get("account") for one in receivers):
        raise RejectionError("ACQ.INVALID_RECEIVER_TYPE", "分账收款方类型参数非法")
    return receivers


def _finishes(ask: Ask) -> bool:
    extend = ask.biz.get("extend_params")
    return isinstance(extend, dict) and str(extend.get("royalty_finish", "")).lower() == "true"


def _list(value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：应为列表")
    return value


def _fen(value: Any) -> int:
    try:
        amount_fen = fen_of(str(value))
    except BadAmountError as error:
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：金额") from error
    if amount_fen <= 0:
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：金额")
    return amount_fen
