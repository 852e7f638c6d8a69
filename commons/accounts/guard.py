"""Stands in front of every page: asks the table, leads strangers to where they can sign in, and keeps what they had typed."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, current_app, flash, g, redirect, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from commons import drafts
from commons.accounts.errors import ConsentNeeded, DeskLocked
from commons.accounts.permissions import action_of, granted, refuse_strangers
from commons.accounts.queries import current_sign_in, outlived_official
from commons.accounts.rules import new_token, own_path
from commons.db import transaction
from commons.error_pages import answer_csrf, answer_refusal
from commons.errors import SignInNeeded, TooMany
from commons.security import CSRFError
from commons.throttle import client_address, hit

SAFE = {"GET", "HEAD", "OPTIONS"}
STRANGERS_DRAFTS = "60/hour"


def stand_before_all(bp: Blueprint) -> None:
    """Let *bp* bring the guard into the application."""
    bp.before_app_request(look)
    bp.after_app_request(forget_sent)
    bp.app_errorhandler(SignInNeeded)(lead_to_sign_in)
    bp.app_errorhandler(CSRFError)(give_form_back)


def look() -> None:
    """Refuse whoever may not do what the page does; give back a draft that the address names."""
    g.person_id = None
    g.kept_fields = None
    g.draft_was_kept = False
    refuse_strangers()
    key = request.args.get("draft", "") if request.method == "GET" else ""
    if key and request.url_rule is not None:
        here = current_sign_in()
        person_id = None if here is None or here.is_locked else here.person_id
        g.kept_fields = drafts.fields_of(key, person_id)


def lead_to_sign_in(refusal: SignInNeeded) -> AnyResponse:
    """Send the browser to the page where one signs in or unlocks, and keep what it had sent."""
    if _wants_json():
        return answer_refusal(refusal)
    page = _page_of_form()
    if request.method not in SAFE:
        page = _keep_draft(page)
    return redirect(f"{_door(refusal)}?{urlencode({'next': page})}", code=303)


def give_form_back(error: CSRFError) -> AnyResponse:
    """Lead whoever sent a form of ours with a token that is over to its page again, filled in as before and with a fresh one."""
    page = page_before("")
    # From elsewhere nothing is kept: another site could fill in our forms.
    if not page or _wants_json():
        return answer_csrf(error)
    page = _keep_draft(page)
    if g.get("draft_was_kept"):
        flash(_("页面放得太久了，没有交上。写的内容还在，请看一遍再提交；照片和录音要重新选"), "error")
    else:
        flash(_("页面放得太久了，没有交上，请再按一次"), "error")
    return redirect(page, code=303)


def forget_sent(response: Response) -> Response:
    """Remove the draft of a form that has now been sent in good order."""
    if request.method != "POST" or response.status_code not in {302, 303} or g.get("draft_was_kept"):
        return response
    person_id = g.get("person_id")
    if person_id is not None and drafts.draft_of_form(person_id, request.path) is not None:
        with transaction():
            drafts.forget(person_id, request.path)
    return response


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def _door(refusal: SignInNeeded) -> str:
    if isinstance(refusal, DeskLocked):
        return "/desk/locked"
    if isinstance(refusal, ConsentNeeded):
        return "/sign-in/agree"
    return "/desk/sign-in" if _is_for_officials() else "/sign-in"


def _is_for_officials() -> bool:
    action = action_of(current_app, request.endpoint or "")
    holders = {role for role, _ in granted(action or "")}
    return bool(holders) and not holders & {"anyone", "account", "person"}


def page_before(default: str) -> str:
    """Return the page of ours that the browser says it was on, else *default*."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return default
    return own_path(parts.path + (f"?{parts.query}" if parts.query else ""), default)


def with_draft(page: str, key: str) -> str:
    """Return the address of *page* with the key of what was typed there; an earlier key gives way."""
    parts = urlsplit(page)
    query = [pair for pair in parts.query.split("&") if pair and not pair.startswith("draft=")]
    return f"{parts.path}?{'&'.join([*query, f'draft={key}'])}"


def _page_of_form() -> str:
    """Return the page to come back to: this one, or, for what was posted, the page on which it was filled in."""
    if request.method in SAFE:
        return own_path(request.full_path.rstrip("?"))
    return page_before("") or _own_form_page()


def _own_form_page() -> str:
    """Return the page at the very address a form was sent to, if there is one."""
    try:
        current_app.url_map.bind("").match(request.path, method="GET")
    except HTTPException:
        return "/desk" if _is_for_officials() else "/"
    return own_path(request.path)


def _keep_draft(page: str) -> str:
    """Keep what was posted, and return *page* with the key that gives it back."""
    pairs = drafts.worth_keeping(request.form)
    if not pairs:
        return page
    here = current_sign_in()
    person_id = here.person_id if here is not None else outlived_official()
    if person_id is None:
        try:
            hit("drafts", client_address(), STRANGERS_DRAFTS)
        except TooMany:
            return page
    key = new_token()
    with transaction():
        drafts.keep(pairs, key=key, person_id=person_id, form=request.path, page=page)
    if person_id is None:
        drafts.remember_key(key)
    g.draft_was_kept = True
    return with_draft(page, key)
