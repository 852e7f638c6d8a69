"""Turns the families of errors into answers; the only file that chooses a status code for an error."""

from __future__ import annotations

from urllib.parse import quote

import structlog
from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from commons.errors import Conflict, Missing, NotAllowed, Refusal, SignInNeeded, TooLarge, TooMany
from commons.security import CSRFError

log = structlog.get_logger(__name__)

STATUS = [
    (TooMany, 429),
    (NotAllowed, 403),
    (SignInNeeded, 401),
    (TooLarge, 413),
    (Conflict, 409),
    (Refusal, 400),
]

WORDS = {
    400: _l("这次没有交上，请返回上一页再试一次"),
    403: _l("有的页面只给本人或经办的人看"),
    404: _l("没有这一页：网址可能抄错了，或者内容已经撤下"),
    405: _l("这一页不能直接打开，请回首页再进"),
    413: _l("内容太大了，请分几次提交或换小一点的文件"),
    415: _l("这种文件不能收"),
    429: _l("试得太频繁了，请稍后再试"),
    500: _l("系统出了差错，我们已经记下，请稍后再试"),
    503: _l("系统正忙，请过几分钟再试"),
}


def init_app(app: Flask) -> None:
    """Register the handlers of every family."""
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(Missing, answer_missing)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, answer_fault)
    app.after_request(mark_refused_form)


def answer_refusal(refusal: Refusal) -> Response:
    """Say what can be done; somebody who is not signed in is taken to where they can."""
    if isinstance(refusal, SignInNeeded) and request.method == "GET" and not _wants_json():
        return redirect(f"/sign-in?next={_own_path()}", code=303)  # type: ignore[return-value]
    status = next(code for family, code in STATUS if isinstance(refusal, family))
    answer = _page(status, refusal.code, refusal.sentence, refusal.field)
    if isinstance(refusal, TooMany):
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


def mark_refused_form(response: Response) -> Response:
    """Let a page that shows a sent form again, with what is wrong, answer 400: programs and tests read it there, whichever page it is."""
    if g.get("form_was_refused") and request.method == "POST" and response.status_code == 200:
        response.status_code = 400
    return response


def answer_missing(missing: Missing) -> Response:
    """Say that there is no such thing, without saying why."""
    return _page(404, "missing", missing.sentence)


def answer_csrf(error: CSRFError) -> Response:
    """Say that the form was open for too long, or came from elsewhere; what was sent from our own pages is given back before (``guard``)."""
    return _page(
        400, "form_expired", _("页面放得太久了，没有交上。请返回上一页，先把写好的内容复制下来，刷新后再提交")
    )


def answer_http(error: HTTPException) -> Response:
    """Answer what Werkzeug refuses (unknown address, wrong method, too large) in our words."""
    status = error.code or 500
    if status < 400 and error.response is not None:
        return error.get_response()  # type: ignore[return-value]
    answer = _page(status, f"http_{status}", str(WORDS.get(status, WORDS[400 if status < 500 else 500])))
    if status == 405:
        answer.headers["Allow"] = dict(error.get_headers()).get("Allow", "GET")
    return answer


def answer_fault(error: Exception) -> Response:
    """Our fault: log it and say so."""
    if current_app.testing:
        raise error
    log.exception("fault", path=request.url_rule.rule if request.url_rule else "?", kind=type(error).__name__)
    return _page(500, "fault", str(WORDS[500]))


def _own_path() -> str:
    return quote(request.full_path.rstrip("?"), safe="/")


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def _page(status: int, code: str, sentence: str, field: str | None = None) -> Response:
    sentence = _(sentence)  # most sentences are written where no language is known yet
    if _wants_json():
        answer = jsonify(error={"code": code, "message": sentence, "field": field})
        answer.status_code = status
        return answer
    words = render_template("commons/error.html", status=status, code=code, sentence=sentence)
    return make_response(words, status)
