"""Matters at the desk: the list, one matter with all that can be done to it, and reporting for somebody without a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons import clock
from commons.accounts import require_person
from commons.accounts.models import Person
from commons.accounts.permissions import allow, current_scope
from commons.db import end_read, transaction
from commons.desk import desk_link
from commons.desk_frame import DeskLink
from commons.errors import Conflict, Missing, NotAllowed, Refusal
from commons.forms import Form, FormRefused, choices, tidy
from commons.paging import asked_page
from village.grids.queries import grid_lines
from village.matters import actions, browser, desk_actions, intake, queries
from village.matters.category_rules import CATEGORY_OF, Desk, days_late
from village.matters.desk_actions import Deed
from village.matters.errors import NothingSaid, PlaceNeeded
from village.matters.forms import HandOnForm, ProxyForm, ReasonForm, StepForm, TakeForm
from village.matters.models import Matter
from village.matters.rules import STATE_WORDS, Act, Place, State, may, shown_number
from village.matters.views import TONES, desk_row, desk_words, handlers, place_of, step_title, title_of
from village.public import enabled_villages

bp = Blueprint("desk_matters", __name__, url_prefix="/desk/matters")


@bp.url_value_preprocessor
def _take_long_reports(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The form of the desk takes the same photos as the public one."""
    if request.method == "POST" and endpoint == "desk_matters.report_for_somebody":
        request.max_content_length = intake.LARGEST_REPORT


LISTS = {"mine": "等我办", "open": "没办完的", "late": "超期的", "done": "办完的", "all": "全部"}
FORMS: dict[Act, type[Form]] = {
    Act.take: TakeForm,
    Act.answer: StepForm,
    Act.hand_on: HandOnForm,
    Act.send_back: StepForm,
    Act.refuse: StepForm,
    Act.close: StepForm,
}
DONE_WORDS = {
    Act.take: "已受理，报事人看得到。",
    Act.answer: "已答复，报事人看得到。",
    Act.hand_on: "已转出。",
    Act.send_back: "已退回。",
    Act.refuse: "已记下不予受理和原因。",
    Act.close: "已办结。",
}

Answer = str | Response | tuple[str, int]


def way(person: Person | None) -> DeskLink | None:
    """The way to the matters, with how many lie on the own desk."""
    waiting = (
        queries.waiting_here(person.id) if person is not None and current_scope("work-on-matters") else 0
    )
    return desk_link("work-on-matters", _("报事"), "/desk/matters", "message-report", waiting=waiting)


@bp.get("")
@allow("work-on-matters")
def list_matters() -> str:
    """An official sees the matters in the own reach, the most overdue first, and that none was lost."""
    which = request.args.get("which", "mine")
    which = which if which in LISTS else "mine"
    words = tidy(request.args.get("q"))[:60]
    if words and "which" not in request.args:
        which = "all"
    page = queries.desk_matters(which, words, require_person().id, asked_page())
    return render_template(
        "village/matters/desk_list.html",
        page=page,
        rows=[desk_row(line, clock.today()) for line in page.items],
        which=which,
        lists=LISTS,
        words=words,
        balance=queries.balance(),
        may_report=bool(current_scope("handle-matters")),
    )


def _matter(number: str) -> Matter:
    matter = queries.reached(number)
    if matter is None:
        raise Missing("没有找到这件事")
    return matter


@bp.get("/<number>")
@allow("work-on-matters")
def show_matter(number: str) -> str:
    """An official sees a matter in the own reach with every step; who reported it stays sealed."""
    return _show(_matter(number))


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Why an act was not done, and the words that came with it, so that they are not lost."""

    sentence: str
    words: str


def _show(
    matter: Matter,
    *,
    wrong: dict[Act, Form] | None = None,
    reason: ReasonForm | None = None,
    phone: str = "",
    unsaid: Unsaid | None = None,
) -> str:
    standing = queries.standing_of(matter)
    is_mine = queries.may_handle(matter)
    targets = _targets(matter)
    forms: dict[str, Form] = {}
    for act in FORMS:
        if is_mine and may(standing, act) and (act is not Act.hand_on or targets):
            form = (wrong or {}).get(act) or FORMS[act](formdata=None, prefix=act.value)
            if isinstance(form, HandOnForm):
                form.target.choices = choices(targets)
            forms[act.value] = form
    steps = queries.steps_of(matter.id)
    return render_template(
        "village/matters/desk_show.html",
        matter=matter,
        number=shown_number(matter.number),
        category=CATEGORY_OF[matter.category],
        title=title_of(matter.words, _(CATEGORY_OF[matter.category].words), 40),
        state=STATE_WORDS[State(matter.state)],
        tone=TONES[State(matter.state)],
        late=days_late(matter.due_on, clock.today()) if matter.state in queries.OPEN else 0,
        at=handlers(place_of(matter)),
        steps=[(step, step_title(step)) for step in steps],
        files=queries.files_of(matter.id),
        for_whom=queries.for_whom(matter.id),
        taken_down_by=steps[0].who if steps else "",
        has_phone=queries.has_phone(matter.id),
        is_mine=is_mine,
        forms=forms,
        needs_answer=State(matter.state) is State.working and not matter.was_answered,
        reason=reason or ReasonForm(formdata=None, prefix="phone"),
        phone=phone,
        unsaid=unsaid,
    )


def _targets(matter: Matter) -> list[tuple[str, str]]:
    """Return the desks a matter may be handed to, with who sits there; nothing for one about cadres."""
    if matter.village_code is None:
        return []
    places = [Place(Desk.officer, grid.area) for grid in grid_lines(matter.village_code) if grid.officers]
    places += desk_actions.possible_targets(matter.village_code)
    return [
        (f"{place.desk.value}:{place.area}", handlers(place)) for place in places if place != place_of(matter)
    ]


@bp.post("/<number>/<any(take, answer, hand_on, send_back, refuse, close):name>")
@allow("work-on-matters")
def handle(number: str, name: str) -> Answer:
    """An official does one thing to a matter on the own desk; each is a step that the reporter sees."""
    act = Act(name)
    matter = _matter(number)
    form = FORMS[act](prefix=act.value)
    if isinstance(form, HandOnForm):
        form.target.choices = choices(_targets(matter))
    try:
        form.require()
        deed = _deed(act, form)
        person_id = require_person().id
        with transaction():
            actions_done = desk_actions.handle_matter(person_id, number, deed)
            is_gone = actions_done.discipline_area is not None and not queries.reached(number)
    except FormRefused:
        return _show(_matter(number), wrong={act: form}), 400
    except NotAllowed:
        raise
    except Refusal as refusal:
        end_read()
        unsaid = Unsaid(refusal.sentence, str(form["words"].data or "") if "words" in form else "")
        return _show(_matter(number), unsaid=unsaid), 409 if isinstance(refusal, Conflict) else 400
    flash(_(DONE_WORDS[act]))
    where = (
        url_for("desk_matters.list_matters")
        if is_gone
        else url_for("desk_matters.show_matter", number=number)
    )
    return redirect(where, code=303)


def _deed(act: Act, form: Form) -> Deed:
    target = None
    if isinstance(form, HandOnForm):
        desk, _colon, area = str(form.target.data).partition(":")
        target = Place(Desk(desk), area)
    words = form.words.data if isinstance(form, StepForm | HandOnForm) else ""
    return Deed(act, words, target, form.form_key.data)  # type: ignore[attr-defined]


@bp.post("/<number>/phone")
@allow("work-on-matters")
def open_phone(number: str) -> Answer:
    """The official who handles a matter sees its reporter's telephone once, for a reason that is kept and shown to the reporter."""
    matter = _matter(number)
    form = ReasonForm(prefix="phone")
    try:
        form.require()
        with transaction():
            phone = desk_actions.open_phone(number, form.reason.data)
    except FormRefused:
        return _show(matter, reason=form), 400
    return _show(_matter(number), phone=phone)


@bp.route("/new", methods=["GET", "POST"])
@allow("handle-matters")
def report_for_somebody() -> Answer:
    """An official reports for a person without a phone; the matter says who did it for whom."""
    form = ProxyForm()
    if not form.is_submitted():
        return _proxy_page(form)
    try:
        number = _take_down(form)
    except FormRefused:
        return _proxy_page(form), 400
    except Refusal as refusal:
        form.blame(refusal)
        return _proxy_page(form), 400
    return redirect(url_for("desk_matters.show_slip", number=number), code=303)


def _proxy_page(form: ProxyForm) -> str:
    words = intake.shown_door(form.door.data or "")[1]
    return render_template(
        "village/matters/desk_new.html", form=form, door_words=words, files=intake.kept_files(form)
    )


def _take_down(form: ProxyForm) -> str:
    is_valid = form.validate_on_submit()
    intake.keep_sent_files(form)
    if not is_valid or form.errors:
        raise FormRefused(form)
    where = intake.place_from(form) if form.door.data else _place_of_desk(form.place.data or "")
    if not form.words.data and not form.kept.data:
        raise NothingSaid()
    person_id = require_person().id
    new = actions.NewMatter(
        form.category.data, form.words.data or "", where, *browser.keys_of(form.form_key.data), phone=form.phone.data or "",
        kept=tuple(form.kept.data or ()), proxy_id=person_id, for_whom=form.for_whom.data,
    )  # fmt: skip
    with transaction():
        return actions.report_for_somebody(new).number


def _place_of_desk(words: str) -> actions.Where:
    """Return a place without a door: in the one village of the official here, if there is just one."""
    scope = current_scope("handle-matters")
    areas = {area for area in scope.areas if len(area) >= 12}
    codes = {area[:12] for area in areas}
    villages = [village for village in enabled_villages() if village.code in codes]
    if not words or len(villages) != 1:
        raise PlaceNeeded()
    grids = [area for area in areas if len(area) > 12]
    grid = grids[0] if len(areas) == len(grids) == 1 else ""
    return actions.Where(villages[0].code, villages[0].county_code, grid, None, words, words)


@bp.get("/<number>/slip")
@allow("handle-matters")
def show_slip(number: str) -> str:
    """The official who took a matter down hands over number and 查询码 on paper; no other browser can show them."""
    matter = _matter(number)
    is_own = matter.owner_hash == browser.owner_hash(matter.form_key)
    if matter.taken_down_by != require_person().id or not is_own:
        raise Missing("没有找到这张收据")
    return render_template(
        "village/matters/desk_slip.html",
        matter=matter,
        number=shown_number(matter.number),
        code=browser.code_of_form(matter.form_key),
        for_whom=queries.for_whom(matter.id),
        desk=desk_words(place_of(matter)),
    )
