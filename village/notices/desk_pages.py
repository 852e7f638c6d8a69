"""Notices at the desk: write one, hand it on by the channels people use, take it down."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext as _

from commons import clock
from commons.accounts import require_person
from commons.accounts.permissions import allow, current_scope
from commons.db import transaction
from commons.desk import desk_link
from commons.desk_frame import DeskLink
from commons.errors import Missing, Refusal
from commons.filters import moment
from commons.forms import FormRefused, choices
from commons.paging import asked_page
from commons.settings import current
from commons.uploads import clean_voice, store_voice
from commons.uploads.limits import take_long_forms
from village.notices import actions, queries
from village.notices.forms import NoticeForm
from village.notices.rules import AFFAIR_WORDS, LEAF_MEANINGS
from village.papers.broadcast import group_text, loudspeaker_text
from village.papers.notice_sheet import notice_pdf
from village.papers.notice_words import NoticeWords
from village.public import enabled_villages, village_ref

bp = Blueprint("desk_notices", __name__, url_prefix="/desk/notices")
take_long_forms(bp, "desk_notices.write_notice")


def way(_person: object) -> DeskLink | None:
    """The way to this part of the desk, for whoever may post."""
    return desk_link("post-notice", _("通知公开"), "/desk/notices", "speakerphone")


def areas_to_choose() -> list[tuple[str, str]]:
    """Return the areas the official here may post to: villages, and towns and counties held as a whole."""
    scope = current_scope("post-notice")
    areas: dict[str, str] = {}
    for village in enabled_villages():
        if scope.covers(village.county_code):
            areas[village.county_code] = _("%(name)s各村", name=village.county_name)
        if scope.covers(village.code[:9]):
            areas[village.code[:9]] = _("%(name)s各村", name=village.town_name)
        if scope.covers(village.code):
            areas[village.code] = village.name
    return sorted(areas.items(), key=lambda pair: -len(pair[0]))


@bp.get("")
@allow("post-notice")
def list_notices() -> str:
    """An official sees the notices of the own area, whatever their time."""
    page = queries.desk_notices(current_scope("post-notice"), asked_page())
    return render_template("village/notices/desk_list.html", page=page, now=clock.now(), affairs=AFFAIR_WORDS)


@bp.route("/new", methods=["GET", "POST"])
@allow("post-notice")
def write_notice() -> str | Response | tuple[str, int]:
    """An official writes a notice; what was typed stays when something is wrong with it."""
    form = NoticeForm()
    form.area.choices = choices(areas_to_choose())
    if not form.is_submitted():
        return _write_page(form)
    try:
        form.require()
        notice_id = _post(form)
    except FormRefused:
        return _write_page(form), 400
    except Refusal as refusal:
        form.blame(refusal)
        return _write_page(form), 400
    flash(_said_of(form.starts.moment))
    return redirect(url_for("desk_notices.hand_on", notice_id=notice_id), code=303)  # type: ignore[return-value]


def _said_of(starts: datetime | None) -> str:
    if starts is not None and starts > clock.now():
        return _("已排好，%(moment)s起各家门牌扫开就能看到。", moment=moment(starts))
    return _("已发出。各家门牌扫开就能看到。")


def _write_page(form: NoticeForm) -> str:
    first = form.area.choices[0].value if form.area.choices else ""
    village = village_ref(form.area.data or first) if first else None
    if village is not None and not form.signed_by.data:
        form.signed_by.data = f"{village.name}村民委员会".replace("村村民", "村民")
    return render_template("village/notices/write.html", form=form, meanings=LEAF_MEANINGS)


def _post(form: NoticeForm) -> int:
    person_id = require_person().id
    sent = form.voice.data
    # Decoding a recording takes seconds: before the transaction, not inside it.
    voice = clean_voice(sent) if sent and sent.filename else None
    with transaction() as session:
        voice_id = None
        if voice is not None:
            upload = store_voice(voice, visibility=actions.VOICE_VISIBILITY)
            session.flush()  # the notice refers to the recording by its number
            voice_id = upload.id
        return actions.post_notice(person_id, form.new_notice(voice_id))


def _notice(notice_id: int) -> queries.OpenNotice:
    notice = queries.desk_notice(notice_id, current_scope("post-notice"))
    if notice is None:
        raise Missing()
    return notice


def _words(notice: queries.OpenNotice) -> NoticeWords:
    village = village_ref(notice.area)
    names: dict[str, Any] = dict(areas_to_choose())
    base = current().public_base_url.rstrip("/")
    return NoticeWords(
        village=village.name if village else str(names.get(notice.area, "")),
        affair=AFFAIR_WORDS[notice.affair],  # type: ignore[index]
        title=notice.title,
        text=notice.words,
        signed_by=notice.signed_by,
        posted_at=notice.published_at,
        begins=notice.from_at if notice.from_at > clock.now() else None,
        day=notice.leaf_day,
        day_meaning=notice.leaf_meaning,
        until=notice.until_at,
        phone=village.duty_phone if village else "",
        url=f"{base}/notices/{notice.id}",
        seal_path=village.seal_path if village else "",
    )


@bp.get("/<int:notice_id>")
@allow("post-notice")
def hand_on(notice_id: int) -> str:
    """An official takes a posted notice to the chat group, the loudspeaker and the board."""
    notice = _notice(notice_id)
    words = _words(notice)
    return render_template(
        "village/notices/hand_on.html",
        notice=notice,
        may_withdraw=current_scope("withdraw-notice").reaches(notice.area, notice.posted_by),
        group_text=group_text(words),
        loudspeaker_text=loudspeaker_text(words),
        now=clock.now(),
    )


@bp.get("/<int:notice_id>/sheet.pdf")
@allow("post-notice")
def print_sheet(notice_id: int) -> Response:
    """An official prints a notice on A4 for the board."""
    pdf = notice_pdf(_words(_notice(notice_id)))
    return send_file(BytesIO(pdf), mimetype="application/pdf", download_name=f"notice-{notice_id}.pdf")


@bp.post("/<int:notice_id>/withdraw")
@allow("withdraw-notice")
def withdraw(notice_id: int) -> Response:
    """An official takes a notice down at once."""
    person_id = require_person().id
    with transaction():
        actions.withdraw_notice(person_id, notice_id)
    flash(_("已撤下，门牌页上不再显示。"))
    return redirect(url_for("desk_notices.list_notices"), code=303)  # type: ignore[return-value]
