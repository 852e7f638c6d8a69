"""
The frame around every page of the desk: where one is at work, who is, and the ways to go.

Features put their way into the slot ``desk-nav`` (a :class:`~commons.desk_frame.DeskLink` or nothing, given the person at
work); one guest of ``desk-place`` says which place the desk belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Flask, g, request, url_for
from flask_babel import gettext as _
from werkzeug.local import LocalProxy

from commons import slots
from commons.accounts.permissions import current_scope
from commons.accounts.queries import current_person
from commons.desk_frame import DeskFrame, DeskLink


@dataclass(frozen=True, slots=True)
class DeskPlace:
    """The place a desk belongs to, the duty of the person there, and the place's seal."""

    place: str
    duty: str
    seal_path: str = ""


def init_app(app: Flask) -> None:
    """Give every template ``desk``, made only when a page of the desk asks for it."""
    for name in ("desk-nav", "desk-place", "desk-today", "area-words"):
        slots.declare(app, name)
    for order, way in enumerate((_read_out_way, _officials_way), start=90):
        slots.fill(app, "desk-nav", way, order=order)
    app.context_processor(lambda: {"desk": LocalProxy(_frame)})


def desk_link(
    action: str, title: str, url: str, icon: str, *, waiting: int = 0, group: str = ""
) -> DeskLink | None:
    """Return a way of the desk for whoever may do *action*; nothing for others. The ways of a *group* share a line of the menu."""
    return DeskLink(title, url, icon, waiting=waiting, group=group) if current_scope(action) else None


def _read_out_way(person: object) -> DeskLink | None:
    return desk_link("read-out-code", _("当面给验证码"), "/desk/read-out", "phone")


def _officials_way(person: object) -> DeskLink | None:
    return desk_link("see-officials", _("工作人员"), "/desk/officials", "users")


def _frame() -> DeskFrame:
    if "desk_frame" not in g:
        g.desk_frame = _make_frame()
    frame: DeskFrame = g.desk_frame
    return frame


def _make_frame() -> DeskFrame:
    person = current_person()
    places = slots.pieces("desk-place", person)
    place = places[0] if places else DeskPlace("", "")
    links = [DeskLink(_("今日"), "/desk", "home"), *slots.pieces("desk-nav", person)]
    return DeskFrame(
        place=place.place,
        person=person.name if person else "",
        duty=place.duty,
        links=tuple(_with_current(links)),
        lock_url=url_for("accounts.lock_desk"),
        leave_url=url_for("accounts.sign_out"),
        account_url="/desk/account" if current_scope("keep-own-desk") else "",
        seal_path=place.seal_path,
    )


def _with_current(links: list[DeskLink]) -> list[DeskLink]:
    here = request.path.rstrip("/")
    fitting = [link.url for link in links if here == link.url or here.startswith(link.url + "/")]
    current = max(fitting, key=len, default="")
    return [replace(link, is_current=link.url == current) for link in links]
