"""Notices as anyone reads them."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from commons import clock
from commons.accounts.permissions import allow, current_scope
from commons.errors import Missing
from commons.paging import asked_page
from commons.uploads import Upload, may_see
from village.notices.actions import VOICE_VISIBILITY
from village.notices.queries import notice_of_voice, notices_of, open_notice
from village.notices.rules import AFFAIR_WORDS
from village.notices.views import notice_row
from village.public import village_ref

bp = Blueprint("notices", __name__)


@may_see(VOICE_VISIBILITY)
def may_hear(upload: Upload) -> bool:
    """A recording is for everybody as long as its notice is up, and for the officials of its area at any time."""
    notice = notice_of_voice(upload.id)
    if notice is None:
        return False
    return notice.is_shown(clock.now()) or current_scope("post-notice").covers(notice.area)


@bp.get("/notices")
@allow("see-public-pages")
def list_notices() -> str:
    """Anyone sees the notices that are up in a village, of one affair or of all."""
    village = village_ref(request.args.get("village", ""))
    if village is None:
        raise Missing(_("没有找到这个村"))
    affair = request.args.get("affair", "")
    affair = affair if affair in AFFAIR_WORDS else ""
    now = clock.now()
    page = notices_of(village.code, affair, now, asked_page())
    return render_template(
        "village/notices/list.html",
        village=village,
        page=page,
        rows=[notice_row(notice, now) for notice in page.items],
        affair=affair,
        affairs=AFFAIR_WORDS,
    )


@bp.get("/notices/<int:notice_id>")
@allow("see-public-pages")
def show_notice(notice_id: int) -> str:
    """Anyone reads a notice during its time, or hears it in the clerk's own voice."""
    now = clock.now()
    notice = open_notice(notice_id, now)
    if notice is None:
        raise Missing(_("这条通知不在了，可能已经过期"))
    village = village_ref(notice.area) if len(notice.area) == 12 else None
    return render_template(
        "village/notices/show.html",
        notice=notice,
        is_over=notice.is_over(now),
        village=village,
        affairs=AFFAIR_WORDS,
    )
