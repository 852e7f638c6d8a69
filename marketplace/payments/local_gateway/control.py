"""The control API: JSON over HTTP for tests and scripts. The package's docstring lists it."""

from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request

from marketplace.payments.alipay.keys import BadKeyError
from marketplace.payments.local_gateway import steering
from marketplace.payments.local_gateway.faults import FaultKind, FaultOrder, order_fault
from marketplace.payments.local_gateway.guard import the_gateway
from marketplace.payments.local_gateway.keys_on_disk import accept_merchant_key
from marketplace.payments.local_gateway.notices import APPLICATION_URL, Forgery
from marketplace.payments.local_gateway.rules import RejectionError
from marketplace.payments.local_gateway.transfers import TRANSFERS_WAIT

T = TypeVar("T")

bp = Blueprint("control", __name__, url_prefix="/control")


@bp.get("/state")
def show_state() -> Response:
    """Everything there is to see. This machine's programs."""
    return jsonify(steering.picture(the_gateway()))


@bp.get("/trades/<out_trade_no>")
def show_trade(out_trade_no: str) -> Response:
    """One trade and where its cashier is. This machine's programs."""
    trade = steering.trade_named(the_gateway(), out_trade_no)
    cashier_url = f"{the_gateway().base_url}/cashier/{trade.token}"
    return jsonify(status=trade.status, trade_no=trade.trade_no, cashier_url=cashier_url)


@bp.post("/trades/<out_trade_no>/<deed>")
def steer_trade(out_trade_no: str, deed: str) -> Response:
    """pay (force), expire, finish, forge (forgery). This machine's programs."""
    told, gateway = _body(), the_gateway()
    if deed == "forge":
        number = steering.forge_notification(gateway, out_trade_no, Forgery(told.get("forgery", "")))
        return jsonify(id=number)
    if deed == "pay":
        trade = steering.pay_trade(gateway, out_trade_no, is_forced=bool(told.get("force")))
    else:
        deeds = {"expire": steering.expire_trade, "finish": steering.finish_trade}
        trade = _one_of(deeds, deed)(gateway, out_trade_no)
    return jsonify(status=trade.status, trade_no=trade.trade_no)


@bp.post("/notifications/<int:number>/<deed>")
def steer_notification(number: int, deed: str) -> Response:
    """send, hold, delay (seconds). This machine's programs."""
    gateway = the_gateway()
    if deed == "delay":
        steering.delay(gateway, number, float(_body().get("seconds", 0)))
    else:
        _one_of({"send": steering.send_now, "hold": steering.hold}, deed)(gateway, number)
    return jsonify(done=True)


@bp.post("/notifications/order")
def order_notifications() -> Response:
    """Deliver the given ids in the given order. This machine's programs."""
    steering.reorder(the_gateway(), [int(number) for number in _body().get("ids", [])])
    return jsonify(done=True)


@bp.route("/faults", methods=["POST", "DELETE"])
def order_faults() -> Response:
    """Order a fault, or forget all orders. This machine's programs."""
    store = the_gateway().store
    if request.method == "DELETE":
        store.rows("DELETE FROM fault")
        return jsonify(done=True)
    told = _body()
    order = FaultOrder(
        FaultKind(told.get("kind", "")),
        str(told.get("method", "")),
        str(told.get("number", "")),
        int(told.get("times", 1)),
        str(told.get("sub_code", "")),
        float(told.get("seconds", 0)),
    )
    return jsonify(id=order_fault(store, order))


@bp.post("/clock")
def move_clock() -> Response:
    """Move the gateway's clock by advance_s. This machine's programs."""
    steering.advance_clock(the_gateway(), float(_body().get("advance_s", 0)))
    return jsonify(now=the_gateway().now())


@bp.post("/transfers/<out_biz_no>/<deed>")
def steer_transfer(out_biz_no: str, deed: str) -> Response:
    """succeed or fail (a waiting one), return (one that had arrived). This machine's programs."""
    _one_of(steering.OF_TRANSFERS, deed)(the_gateway(), out_biz_no)
    return jsonify(done=True)


@bp.post("/settings")
def change_settings() -> Response:
    """Set transfers_wait, application_url or the merchant's public_key. This machine's programs."""
    told, gateway = _body(), the_gateway()
    if "transfers_wait" in told:
        gateway.store.keep(TRANSFERS_WAIT, "1" if told["transfers_wait"] else "0")
    if "application_url" in told:
        gateway.store.keep(APPLICATION_URL, str(told["application_url"]))
    if "public_key" in told:
        gateway.keys = accept_merchant_key(gateway.store, str(told["public_key"]))
    return jsonify(app_certificate=gateway.keys.app_certificate)


@bp.errorhandler(steering.NothingThereError)
def say_nothing_there(error: Exception) -> tuple[Response, int]:
    """What was named does not exist."""
    return jsonify(error="nothing there", name=str(error)), 404


@bp.errorhandler(RejectionError)
def say_rejected(error: RejectionError) -> tuple[Response, int]:
    """The gateway's own rules do not allow it."""
    return jsonify(error=error.sub_code), 409


@bp.errorhandler(ValueError)
@bp.errorhandler(BadKeyError)
def say_bad(error: Exception) -> tuple[Response, int]:
    """The request makes no sense."""
    return jsonify(error=str(error)), 400


def _body() -> dict[str, Any]:
    told = request.get_json(silent=True)
    return told if isinstance(told, dict) else {}


def _one_of(known: dict[str, T], name: str) -> T:
    if name not in known:
        raise ValueError(f"{name!r} is none of {', '.join(known)}")
    return known[name]
