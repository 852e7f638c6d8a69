"""One code, many faces: every cell of who_sees_what.csv, checked in the words of the real pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from markupsafe import Markup

from commons import clock as the_clock
from commons import slots
from commons.accounts.models import Person
from commons.accounts.permissions import acting_as
from commons.clock import FrozenClock
from commons.db import db, transaction
from geocode.door_codes import format_code
from tests.database import Databases, borrowed, settings_for
from tests.make.divisions import TOWN, VILLAGE, make_village
from tests.make.doors import make_door, make_grid, make_plate
from tests.make.households import make_household, make_member
from tests.make.notices import make_notice
from tests.make.people import make_official, make_person, sign_in, unissued_phone
from tests.sharing import TEMPLATES, FreshClient
from village.households import actions, joining
from village.households.models import Household, Member
from village.households.rules import LeftReason, Occupancy, Piece, Sight, Viewer, matrix
from village.plates.rules import PlateState
from village.public import door_of
from wsgi import create_app

WITHOUT_A_WAY_IN = {Viewer.police, Viewer.courier}
DESKS = {
    Viewer.officer: ("officer", f"{VILLAGE}-01", "欧阳测网"),
    Viewer.other_officer: ("officer", f"{VILLAGE}-02", "别格网员"),
    Viewer.clerk: ("clerk", VILLAGE, "东方看客"),
    Viewer.other_clerk: ("clerk", "420199104208", "别村文书"),
    Viewer.town: ("town", VILLAGE[:9], "镇上来的"),
    Viewer.discipline: ("discipline", TOWN[:9], "纪检来的"),
    Viewer.county: ("county", VILLAGE[:6], "县里来的"),
    Viewer.keeper: ("keeper", VILLAGE, "自提点的"),
    Viewer.operator: ("operator", VILLAGE[:6], "平台来的"),
}


@dataclass
class Seen:
    """What one viewer reads on every page they can open: before giving a reason, and with one."""

    at_once: str = ""
    with_reason: str = ""
    refused: list[int] = field(default_factory=list)


@dataclass
class Marked:
    """A door whose every piece of information has a value of its own."""

    app: Flask
    values: dict[Piece, str]
    seen: dict[Viewer, Seen]


@pytest.fixture(scope="module")
def marked(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    for url in borrowed(databases):
        app = create_app(settings_for(url, tmp_path_factory.mktemp("instance")))
        app.test_client_class = FreshClient
        app.jinja_env.bytecode_cache = TEMPLATES
        app.config["WTF_CSRF_ENABLED"] = False
        frozen = FrozenClock(datetime(2026, 11, 22, 2, 0, tzinfo=UTC))
        with app.app_context(), the_clock.reading(frozen):
            yield _mark(app, frozen)
            db.session.remove()
            db.engine.dispose()


def _mark(app: Flask, clock: FrozenClock) -> Marked:
    make_village(duty_phone="0270-0000077")
    grid = make_grid(groups=(3,))
    make_grid(groups=(4,))
    door = make_door(
        label="88", group_no=3, grid=grid, at=(30.876543, 113.945678), police_address_code="PACMARK0000007"
    )  # fmt: skip
    old = make_plate(door=door, state=PlateState.revoked)
    plate = make_plate(door=door)
    make_notice(title="标记通知一条")
    people = _people()
    household = make_household(door=door, occupancy=Occupancy.vacant)
    make_household(door=door, occupancy=Occupancy.vacant)
    own = make_member(household=household, person=people[Viewer.member], name="司马甲乙")
    make_member(household=household, name="上官丙丁", phone="10077778888", is_away=True)
    gone = make_member(household=household, name="诸葛离去")
    next_door = make_household(door=make_door(group_no=3, grid=grid, label="89"))
    make_member(household=next_door, person=people[Viewer.neighbour], name="邻居")
    make_member(household=household, person=people[Viewer.member_unconfirmed], name="久未确认")
    slots.fill(app, "household-page", lambda _here: Markup("<p>标记报事一件</p>"))
    with transaction():
        looker = make_official(role="clerk", area=VILLAGE, name="西门过目")
    slip = _happenings(app, looker, own, gone)
    browsers = {viewer: app.test_client() for viewer in Viewer if viewer not in WITHOUT_A_WAY_IN}
    with transaction():
        people[Viewer.member_unconfirmed].phone_confirmed_at = datetime(2026, 8, 1, tzinfo=UTC)
        for viewer, person in people.items():
            sign_in(browsers[viewer], person)
    pages = [
        f"/D/{plate.code}", f"/D/{plate.code}?big=1", f"/notices?village={VILLAGE}", "/me", "/me/household",
        f"/me/join?door={plate.code}", f"/me/door/{plate.code}", "/desk/households", "/desk/households?q=88",
        f"/desk/households/{door.id}", f"/desk/households/members/{own.id}", f"/artisans?village={VILLAGE}",
    ]  # fmt: skip
    records = [f"/desk/households/members/{number}" for number in range(1, gone.id + 3)]
    values = {
        Piece.plate_code: format_code(plate.code), Piece.address: "88", Piece.village: "青石湾村", Piece.group: "组",
        Piece.grid: "第 1 网格", Piece.duty_phone: "0270-0000077", Piece.notices: "标记通知一条",
        Piece.officer_names: "欧阳测网", Piece.address_code: door.address_code, Piece.police_address_code: "PACMARK0000007",
        Piece.exact_place: "30.876543", Piece.beidou_code: door.beidou_code, Piece.plate_history: format_code(old.code),
        Piece.household_count: "第 2 户", Piece.occupancy: "出租", Piece.occupancy_history: "空置 改为 出租",
        Piece.member_count: "成员 3 人", Piece.member_away: "外出", Piece.member_names: "上官丙丁",
        Piece.member_phones: "10077778888", Piece.left_members: "诸葛离去", Piece.join_requests: "百里申请",
        Piece.slips: "还没用", Piece.slip_codes: slip, Piece.own_matters: "标记报事一件", Piece.own_looks: "西门过目",
    }  # fmt: skip
    seen = {viewer: _look(browsers[viewer], pages, records) for viewer in browsers}
    return Marked(app, values, seen)


def _people() -> dict[Viewer, Person]:
    with transaction():
        found = {
            viewer: make_official(role=role, area=area, name=name)
            for viewer, (role, area, name) in DESKS.items()
        }
        for viewer in (Viewer.member, Viewer.neighbour, Viewer.member_unconfirmed, Viewer.buyer):
            found[viewer] = make_person(phone=unissued_phone(), name="")
    return found


def _happenings(app: Flask, clerk: Person, own: Member, gone: Member) -> str:
    """Things that happened at the door: somebody left, asked, was looked up; a slip lies about. Returns its code."""
    with transaction():
        asker = make_person(name="百里申请")
    home = db.session.get_one(Household, own.household_id)
    door = door_of(home.door_id)
    assert door is not None
    with app.test_request_context("/"), acting_as(clerk):
        g.person_id = clerk.id
        with transaction():
            actions.set_occupancy(clerk.id, home.id, Occupancy.let)
            actions.end_membership(gone.id, LeftReason.moved)
            actions.open_member(own.id, "benefit")
            joining.ask_to_join(asker.id, door, "百里申请")
            return joining.issue_slip(clerk.id, home.id).code


def _words(client: FlaskClient, address: str, **more: object) -> tuple[int, str]:
    answer = client.open(address, **more)  # type: ignore[arg-type]
    text = answer.get_data(as_text=True) if answer.status_code == 200 else ""
    # What a state may be called stands in every list to choose from, and above the table beside its counts.
    legend = r'<option value="\w+">[^<]*</option>|(?s:<p class="occupancy-counts">.*?</p>)'
    return answer.status_code, re.sub(legend, "", text.replace("<wbr>", ""))


def _look(client: FlaskClient, pages: list[str], records: list[str]) -> Seen:
    seen = Seen()
    for page in pages:
        seen.at_once += _words(client, page)[1]
    for record in records:
        refused, words = _words(client, record, method="POST", data={"words": "随便看看"})
        seen.refused.append(refused)
        seen.at_once += words
    for record in records:
        seen.with_reason += _words(client, record, method="POST", data={"reason": "visit"})[1]
    return seen


def check(marked: Marked, viewer: Viewer, piece: Piece) -> None:
    """Fail unless the pages say to *viewer* what the file says about *piece*, no more and no less."""
    value, seen = marked.values[piece], marked.seen[viewer]
    says = (value in seen.at_once, value in seen.with_reason)
    cell = matrix()[viewer, piece]
    if cell is Sight.yes:
        assert says[0], f"{viewer} should read {piece}"
    elif cell is Sight.with_reason:
        assert says == (False, True), f"{viewer} should read {piece} for a reason only"
    else:
        assert says == (False, False), f"{viewer} reads {piece}"


@pytest.mark.parametrize("piece", Piece)
@pytest.mark.parametrize("viewer", [Viewer.stranger, Viewer.member, Viewer.officer])
def test_every_cell_of_stranger_member_and_officer_holds_on_the_real_pages(
    marked: Marked, viewer: Viewer, piece: Piece
) -> None:
    check(marked, viewer, piece)


PEOPLE = (
    Viewer.buyer,
    Viewer.neighbour,
    Viewer.member_unconfirmed,
    Viewer.clerk,
    Viewer.other_clerk,
    Viewer.other_officer,
)
OFFICES = (Viewer.town, Viewer.county, Viewer.discipline, Viewer.keeper, Viewer.operator)


@pytest.mark.parametrize("piece", Piece)
@pytest.mark.parametrize("viewer", PEOPLE + OFFICES)
def test_every_cell_of_the_others_holds_on_the_real_pages(
    marked: Marked, viewer: Viewer, piece: Piece
) -> None:
    check(marked, viewer, piece)


def test_every_row_has_a_marked_value_of_its_own(marked: Marked) -> None:
    assert set(marked.values) == set(Piece)
    assert len(set(marked.values.values())) == len(Piece)


def test_an_opening_without_a_reason_is_refused(marked: Marked) -> None:
    assert set(marked.seen[Viewer.officer].refused) <= {400, 404}
    assert 400 in marked.seen[Viewer.officer].refused
    assert 400 not in marked.seen[Viewer.other_officer].refused


def test_no_cell_lets_a_stranger_see_more_than_a_member_who_is_confirmed() -> None:
    for piece in Piece:
        if matrix()[Viewer.stranger, piece] is Sight.yes:
            assert {matrix()[viewer, piece] for viewer in Viewer} == {Sight.yes}
