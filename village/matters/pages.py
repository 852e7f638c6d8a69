"""Matters for whoever reports them: report, keep the receipt, follow each step."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from commons import throttle
from commons.accounts.models import Person
from commons.accounts.permissions import allow
from commons.accounts.queries import exported
from commons.db import end_read, transaction
from commons.errors import Missing, Refusal, TooMany, _n
from commons.forms import FormRefused
from commons.security import equal
from village.matters import actions, browser, intake, queries
from village.matters.category_rules import CADRES, CATEGORY_OF
from village.matters.errors import BadNumber, FormUsed, NothingSaid, WrongMatterCode
from village.matters.forms import FindForm, ReportForm
from village.matters.models import Matter
from village.matters.rules import STATE_WORDS, State, normal_code, normal_number, shown_number
from village.matters.views import shown_steps, title_of
from village.public import village_ref

bp = Blueprint("matters", __name__)

# Against guessing 10,000 codes of a number one has got hold of: over a year at this pace.
CODE_TRIES = "5/15minute;20/day"
CODE_TRIES_PER_ADDRESS = "200/hour"
NOT_YOURS = _n("没有找到这件事。请在“查我报的事”里填编号和查询码。")

Answer = str | Response | tuple[str, int]


@bp.url_value_preprocessor
def _take_long_reports(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let a report be long enough to be told that it is too long, before anything reads the form."""
    if request.method == "POST" and endpoint == "matters.report":
        request.max_content_length = intake.LARGEST_REPORT


@bp.route("/matters/new", methods=["GET", "POST"])
@allow("report-matter")
def report() -> Answer:
    """Anyone reports a matter, without signing in; what was typed and sent stays when something is wrong."""
    browser.reporter_token()
    form = ReportForm()
    if not form.is_submitted():
        form.door.data = form.door.data or request.args.get("door", "")[:40]
        return _form_page(form)
    try:
        intake.throttle_reports()
        return _take_in(form)
    except FormRefused:
        return _form_page(form), 400
    except TooMany as refusal:
        form.blame(refusal)
        return _form_page(form), 429
    except FormUsed as refusal:
        form.form_key.data = form.form_key.default()
        form.kept.data = []
        form.blame(refusal)
        return _form_page(form), 409
    except Refusal as refusal:
        form.blame(refusal)
        return _form_page(form), 400


def _take_in(form: ReportForm) -> Answer:
    is_valid = form.validate_on_submit()
    intake.keep_sent_files(form)
    if not form.words.data and not form.kept.data:
        form.blame(NothingSaid())
    if not is_valid or form.errors:
        raise FormRefused(form)
    where = intake.place_from(form)
    if form.answer.data == "back":
        return _form_page(form)
    if form.answer.data == "cadres":
        form.category.data = CADRES
    pause = intake.pause_before(form)
    if pause is not None:
        return render_template(
            "village/matters/pause.html", form=form, pause=pause, files=intake.kept_files(form)
        )
    new = actions.NewMatter(
        form.category.data, form.words.data or "", where, *browser.keys_of(form.form_key.data), phone=form.phone.data or "",
        kept=tuple(form.kept.data or ()), person_id=browser.person_here(),
    )  # fmt: skip
    with transaction():
        matter = actions.report_matter(new)
    number = matter.number
    if matter.discipline_area is None:
        browser.remember_own(number)
    else:
        browser.remember_opened(number)  # the phone may be anybody's: it closes by itself after a while
    return redirect(url_for("matters.show_receipt", number=number), code=303)


def _form_page(form: ReportForm) -> str:
    code, words = intake.shown_door(form.door.data or "")
    if words:
        form.door.data = code
    return render_template(
        "village/matters/new.html", form=form, door_words=words, files=intake.kept_files(form)
    )


def _own_matter(number: str) -> Matter:
    """Return a matter that this browser, or the person signed in here, may follow; for everyone else there is none."""
    plain = normal_number(number)
    if not plain or not intake.may_follow(plain):
        raise Missing(NOT_YOURS)
    matter = queries.matter_of_number(plain)
    if matter is None:
        raise Missing(NOT_YOURS)
    return matter


@bp.get("/matters/<number>/receipt")
@allow("follow-matter")
def show_receipt(number: str) -> str:
    """The browser that reported sees number and 查询码; no other one, and no database, knows the code."""
    matter = _own_matter(number)
    if not equal(matter.owner_hash, browser.owner_hash(matter.form_key)):
        raise Missing(NOT_YOURS)
    return render_template(
        "village/matters/receipt.html",
        matter=matter,
        number=shown_number(matter.number),
        code=browser.code_of_form(matter.form_key),
        is_about_cadres=matter.discipline_area is not None,
    )


@bp.get("/matters/<number>")
@allow("follow-matter")
def show_matter(number: str) -> str:
    """The reporter sees each step; everyone else the same 404, whether there is such a matter or not."""
    matter = _own_matter(number)
    village = village_ref(matter.village_code) if matter.village_code else None
    return render_template(
        "village/matters/show.html",
        matter=matter,
        number=shown_number(matter.number),
        category=CATEGORY_OF[matter.category],
        title=title_of(matter.words, _(CATEGORY_OF[matter.category].words)),
        state=STATE_WORDS[State(matter.state)],
        steps=shown_steps(queries.steps_of(matter.id), State(matter.state)),
        files=queries.files_of(matter.id),
        is_open=matter.state in queries.OPEN,
        for_whom=queries.for_whom(matter.id),
        openings=queries.phone_openings(matter.number),
        duty_phone=village.duty_phone if village else "",
    )


@bp.route("/matters", methods=["GET", "POST"])
@allow("follow-matter")
def find() -> Answer:
    """Anyone finds an own matter again by number and 查询码; wrong ones are counted, and never say which part was wrong."""
    form = FindForm()
    if not form.is_submitted():
        return _find_page(form)
    try:
        form.require()
        number = _proved_number(form)
    except FormRefused:
        return _find_page(form), 400
    except TooMany as refusal:
        form.blame(refusal)
        return _find_page(form), 429
    except Refusal as refusal:
        form.blame(refusal)
        return _find_page(form), 400
    browser.remember_opened(number)
    return redirect(url_for("matters.show_matter", number=number), code=303)


def _proved_number(form: FindForm) -> str:
    number, code = normal_number(form.number.data), normal_code(form.code.data)
    if not number:
        raise BadNumber()
    throttle.hit("matter-code", number, CODE_TRIES)
    throttle.hit("matter-code-from", throttle.client_address(), CODE_TRIES_PER_ADDRESS)
    matter = queries.matter_of_number(number)
    # The same work whether there is such a matter or not.
    given = actions.hash_of_code(number, code)
    is_right = equal(matter.code_hash if matter is not None else actions.hash_of_code("", ""), given)
    end_read()
    if matter is None or not code or not is_right:
        raise WrongMatterCode()
    throttle.clear("matter-code", number, CODE_TRIES)
    return number


def _find_page(form: FindForm) -> str:
    numbers = browser.open_numbers()
    person_id = browser.person_here()
    if person_id is not None:
        numbers += [number for number in queries.own_numbers(person_id) if number not in numbers]
    return render_template(
        "village/matters/find.html",
        form=form,
        lines=[
            (line, title_of(line.words, _(line.category.words))) for line in queries.lines_of_numbers(numbers)
        ],
        states=STATE_WORDS,
        shown_number=shown_number,
    )


@bp.post("/matters/forget")
@allow("follow-matter")
def forget() -> Response:
    """Whoever used somebody else's phone leaves no matter open on it."""
    browser.forget_all()
    session.modified = True
    flash(_("这台手机上不再留着您报的事，凭编号和查询码随时可以再查。"))
    return redirect(url_for("matters.find"), code=303)


def on_a_person(person: Person) -> Markup | None:
    """Show somebody the way to what they reported while signed in."""
    numbers = queries.own_numbers(person.id)
    if not numbers:
        return None
    lines = [
        (line, title_of(line.words, _(line.category.words))) for line in queries.lines_of_numbers(numbers[:5])
    ]
    return Markup(render_template("village/matters/_own.html", lines=lines, states=STATE_WORDS))  # noqa: S704


@exported("报事", "matter.person_id")
def export(person_id: int) -> list[dict[str, Any]]:
    """Return what a person reported while signed in."""
    lines = queries.lines_of_numbers(queries.own_numbers(person_id))
    return [
        {
            "编号": shown_number(line.number),
            "时间": line.reported_at.isoformat(timespec="seconds"),
            "类别": line.category.words,
            "内容": line.words,
            "地点": line.place,
            "状态": STATE_WORDS[line.state],
        }
        for line in lines
    ]
