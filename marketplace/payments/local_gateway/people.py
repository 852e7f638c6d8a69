"""Real-name checks and signing in with Alipay: both happen on a page and are then asked about."""

import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from marketplace.payments.local_gateway.gateway import Ask, Gateway, moment_text
from marketplace.payments.local_gateway.guard import policy, the_gateway
from marketplace.payments.local_gateway.keys_on_disk import BUYER_ID, BUYER_OPEN_ID
from marketplace.payments.local_gateway.rules import (
    OAUTH_CODE_LIFE_S,
    OAUTH_TOKEN_LIFE_S,
    RejectionError,
)

bp = Blueprint("people", __name__)


def certify_initialize(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Begin a check; the same outer_order_no names the same one. The ID number is not kept."""
    identity = ask.biz.get("identity_param")
    order_no = ask.text("outer_order_no")
    if not isinstance(identity, dict) or not identity.get("cert_name") or not identity.get("cert_no"):
        raise RejectionError("INVALID_PARAMETER", "参数有误：身份信息")
    if not (order_no.isascii() and order_no.isalnum() and len(order_no) <= 32):
        raise RejectionError("INVALID_PARAMETER", "参数有误：外部单号应为 32 位以内的字母数字")
    known = gateway.store.row("SELECT certify_id FROM certify WHERE outer_order_no = ?", order_no)
    if known is not None:
        return {"certify_id": known["certify_id"]}
    certify_id = secrets.token_hex(16)
    config = ask.biz.get("merchant_config")
    gateway.store.insert(
        "certify",
        certify_id=certify_id,
        outer_order_no=order_no,
        return_url=str(config.get("return_url", "")) if isinstance(config, dict) else "",
        name=str(identity["cert_name"]),
        passed="",
    )
    return {"certify_id": certify_id}


def certify_query(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """``passed`` is T only after the person said yes on the page."""
    row = gateway.store.row("SELECT passed FROM certify WHERE certify_id = ?", ask.text("certify_id"))
    if row is None:
        raise RejectionError("CERTIFY_ID_NOT_EXIST", "认证单据不存在")  # [K]
    return {"passed": "T" if row["passed"] == "T" else "F"}


def oauth_token(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Exchange a code, once. The good answer has no ``code`` member [K]."""
    row = gateway.store.row("SELECT * FROM oauth WHERE code = ?", ask.params.get("code", ""))
    is_good = row is not None and not row["is_used"] and gateway.now() - row["made_at"] < OAUTH_CODE_LIFE_S
    if row is None or not is_good or ask.params.get("grant_type") != "authorization_code":
        raise RejectionError("isv.code-invalid", "授权码code无效", "40002")
    gateway.store.update("oauth", "code", row["code"], is_used=1)
    return {
        "access_token": row["token"],
        "user_id": BUYER_ID,
        "open_id": BUYER_OPEN_ID,
        "expires_in": int(OAUTH_TOKEN_LIFE_S),
        "re_expires_in": 2 * int(OAUTH_TOKEN_LIFE_S),
        "refresh_token": secrets.token_urlsafe(24),
        "auth_start": moment_text(gateway.now()),
    }


def user_info(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """What the person shares, for a token that is still good."""
    row = gateway.store.row("SELECT * FROM oauth WHERE token = ?", ask.params.get("auth_token", ""))
    if row is None or not row["is_used"] or gateway.now() - row["made_at"] > OAUTH_TOKEN_LIFE_S:
        raise RejectionError("aop.invalid-auth-token", "无效的访问令牌", "20001")
    return {"user_id": BUYER_ID, "open_id": BUYER_OPEN_ID, "nick_name": "演示买家"}


def open_certify(gateway: Gateway, ask: Ask) -> BaseResponse:
    """A signed certify address was opened."""
    if gateway.store.row("SELECT 1 FROM certify WHERE certify_id = ?", ask.text("certify_id")) is None:
        raise RejectionError("CERTIFY_ID_NOT_EXIST", "认证单据不存在")
    return redirect(f"/certify/{ask.text('certify_id')}", 303)


@bp.get("/certify/<certify_id>")
def show_certify(certify_id: str) -> Response:
    """The person is asked whether it is them. Whoever holds the address."""
    row = _certify(certify_id)
    answer = Response(render_template("local_gateway/certify.html", name=row["name"]))
    answer.headers["Content-Security-Policy"] = policy(row["return_url"])
    return answer


@bp.post("/certify/<certify_id>")
def decide_certify(certify_id: str) -> BaseResponse:
    """The person (or a demonstrator in their place) passes or fails the check."""
    row = _certify(certify_id)
    passed = "T" if request.form.get("passed") == "T" else "F"
    the_gateway().store.update("certify", "certify_id", certify_id, passed=passed)
    if urlsplit(row["return_url"]).scheme in ("http", "https"):
        return redirect(row["return_url"], 303)
    return Response(render_template("local_gateway/certify.html", name=row["name"], passed=passed))


@bp.get("/oauth2/publicAppAuthorize.htm")
def show_authorize() -> Response:
    """The person is asked whether the shop may know who they are."""
    redirect_uri = _redirect_uri()
    answer = Response(render_template("local_gateway/authorize.html", shop=urlsplit(redirect_uri).netloc))
    answer.headers["Content-Security-Policy"] = policy(redirect_uri)
    return answer


@bp.post("/oauth2/publicAppAuthorize.htm")
def authorize() -> BaseResponse:
    """The person agrees and goes back with a code."""
    redirect_uri = _redirect_uri()
    gateway = the_gateway()
    code = secrets.token_hex(16)
    gateway.store.insert("oauth", code=code, token=secrets.token_urlsafe(24), made_at=gateway.now())
    told = {
        "app_id": gateway.keys.app_id,
        "source": "alipay_wallet",
        "scope": request.args.get("scope", "auth_base"),
        "auth_code": code,
        "state": request.args.get("state", ""),
    }
    joint = "&" if urlsplit(redirect_uri).query else "?"
    return redirect(f"{redirect_uri}{joint}{urlencode(told)}", 303)


def _redirect_uri() -> str:
    uri = request.args.get("redirect_uri", "")
    if (
        urlsplit(uri).scheme not in ("http", "https")
        or request.args.get("app_id") != the_gateway().keys.app_id
    ):
        abort(400)
    return uri


def _certify(certify_id: str) -> Any:
    row = the_gateway().store.row("SELECT * FROM certify WHERE certify_id = ?", certify_id)
    if row is None:
        abort(404)
    return row
