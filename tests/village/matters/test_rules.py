"""What may happen to a matter, in which order; numbers, codes, categories and the words of danger."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from village.matters.category_rules import (
    CADRES,
    CATEGORIES,
    CATEGORY_OF,
    Desk,
    days_late,
    due_day,
    first_desk,
)
from village.matters.danger_rules import DANGER_TERMS, speaks_of_cadres, speaks_of_danger
from village.matters.errors import ActNotPossible, ReasonNeeded, StepMissing
from village.matters.rules import (
    NUMBER_LENGTH,
    Act,
    Balance,
    Place,
    State,
    after,
    begun,
    may,
    missing_steps,
    new_number,
    normal_code,
    normal_number,
    shown_number,
)

GRID = Place(Desk.officer, "420199104207-03")
CLERK = Place(Desk.clerk, "420199104207")
TOWN = Place(Desk.town, "420199104")
DESKS = [GRID, CLERK, TOWN]


def test_a_matter_is_taken_answered_and_closed() -> None:
    taken = after(begun(GRID), Act.take)
    closed = after(after(taken, Act.answer, "明天修"), Act.close, "修好了")

    assert (taken.state, closed.state) == (State.working, State.closed)


def test_nothing_is_closed_with_a_step_missing() -> None:
    with pytest.raises(StepMissing):
        after(after(begun(GRID), Act.take), Act.close, "修好了")
    with pytest.raises(ActNotPossible):
        after(begun(GRID), Act.close, "修好了")


@pytest.mark.parametrize("act", [Act.refuse, Act.hand_on])
@pytest.mark.parametrize("words", ["", "  \n"])
def test_refusing_and_handing_on_need_a_reason(act: Act, words: str) -> None:
    with pytest.raises(ReasonNeeded):
        after(begun(GRID), act, words, CLERK)


def test_what_is_handed_on_is_taken_there_or_comes_back() -> None:
    handed = after(begun(GRID), Act.hand_on, "归村里", CLERK)
    back = after(handed, Act.send_back, "还是归网格")

    assert (handed.state, handed.at, back.state, back.at) == (State.handed, CLERK, State.waiting, GRID)
    assert [act for act in Act if may(handed, act)] == [Act.take, Act.send_back]


def test_what_was_accepted_once_is_never_refused_afterwards() -> None:
    handed = after(after(begun(GRID), Act.take), Act.hand_on, "归村里", CLERK)
    back = after(handed, Act.send_back, "不归这里")

    assert may(begun(GRID), Act.refuse)
    assert not may(back, Act.refuse)


def test_nothing_is_handed_to_where_it_lies() -> None:
    with pytest.raises(ActNotPossible):
        after(begun(GRID), Act.hand_on, "归这里", GRID)


class AnyOrder(RuleBasedStateMachine):
    """Officials press any button in any order: what the rules let through always keeps C22 and C23."""

    def __init__(self) -> None:
        super().__init__()
        self.standing = begun(GRID)
        self.done = [Act.report]

    @rule(
        act=st.sampled_from(Act),
        words=st.sampled_from(["", "一句话"]),
        to=st.sampled_from([None, *DESKS]),
    )
    def press(self, act: Act, words: str, to: Place | None) -> None:
        before = self.standing
        try:
            self.standing = after(before, act, words, to)
        except (ActNotPossible, StepMissing, ReasonNeeded):
            assert self.standing == before
        else:
            self.done.append(act)

    @invariant()
    def closed_only_with_every_step(self) -> None:
        if self.standing.state is State.closed:
            assert missing_steps(self.done) == []

    @invariant()
    def accepted_refused_or_waiting(self) -> None:
        accepted, refused = Act.take in self.done, self.standing.state is State.refused
        assert not (accepted and refused)
        assert Balance(1, int(accepted), int(refused), int(not accepted and not refused)).adds_up

    @invariant()
    def over_means_over(self) -> None:
        if self.standing.state in {State.closed, State.refused}:
            assert not any(may(self.standing, act) for act in Act)
        else:
            assert any(may(self.standing, act) for act in Act)

    @invariant()
    def a_desk_to_return_to_exactly_while_handed(self) -> None:
        assert (self.standing.state is State.handed) == (self.standing.came_from is not None)


TestAnyOrder = AnyOrder.TestCase


@given(st.integers(0, NUMBER_LENGTH - 1), st.integers(1, 9))
def test_a_number_with_one_wrong_digit_is_none(place: int, shift: int) -> None:
    number = new_number()
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]

    assert normal_number(number) == number
    assert normal_number(wrong) == ""


def test_numbers_follow_no_order_and_say_nothing() -> None:
    numbers = [new_number() for _ in range(500)]

    assert len(set(numbers)) == 500
    assert all(len(number) == NUMBER_LENGTH and number[0] != "0" for number in numbers)
    assert numbers != sorted(numbers)


@pytest.mark.parametrize("way", ["{}", " {} ", "{}　", "\u200b{}"])
def test_numbers_and_codes_are_read_as_people_type_them(way: str) -> None:
    number = new_number()
    wide = shown_number(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    assert normal_number(way.format(shown_number(number))) == number
    assert normal_number(way.format(wide)) == number
    assert normal_code(way.format("１２ 34")) == "1234"


@pytest.mark.parametrize("text", ["", "12345", "abcd", "12.4", "١٢٣٤", "1" * 500])
def test_what_is_no_code_is_none(text: str) -> None:
    assert normal_code(text) == ""
    assert normal_number(text) == ""


def test_a_promise_is_broken_only_after_its_last_day() -> None:
    due = due_day(date(2026, 11, 22), 3)

    assert [days_late(due, date(2026, 11, day)) for day in (24, 25, 26, 28)] == [0, 0, 1, 3]


def test_every_category_has_a_limit_and_a_desk() -> None:
    assert len(CATEGORY_OF) == len(CATEGORIES)
    assert all(category.days > 0 for category in CATEGORIES)
    assert [each.key for each in CATEGORIES if each.first_desk is Desk.discipline] == [CADRES]


def test_without_an_officer_the_clerk_stands_in_except_for_cadres() -> None:
    desks = {category.key: first_desk(category, has_officer=False) for category in CATEGORIES}

    assert Desk.officer not in desks.values()
    assert desks[CADRES] is Desk.discipline
    assert first_desk(CATEGORY_OF["roads"], has_officer=True) is Desk.officer


@pytest.mark.parametrize(
    "words",
    [
        "隔壁着火了", "隔 壁 着 火 了", "着.火", "着\u200b火", "著火了", "失火", "火災", "有人暈倒了", "爺爺昏倒在地", "打　人",
        "煤氣味很大", "漏電", "觸電", "孩子掉水裡", "掉塘裏了", "中毒", "喝農藥", "跳樓", "車禍", "有人受傷", "爆炸", "動刀", "砍人", "殺人",
        "ｸｽﾘ 火灾", "山洪來了", "電線斷了掉在路上", "搶劫", "綁架", "失蹤", "房子塌了", "強姦",
    ],
)  # fmt: skip
def test_danger_is_heard_however_it_is_written(words: str) -> None:
    assert speaks_of_danger(words)


@pytest.mark.parametrize(
    "words", ["", "路灯不亮了", "垃圾没人收", "想问医保怎么办", "水管漏水", "灶上没有热水"]
)
def test_everyday_matters_are_not_danger(words: str) -> None:
    assert not speaks_of_danger(words)


def test_every_danger_term_is_found_spaced_out() -> None:
    assert [term for term in DANGER_TERMS if not speaks_of_danger(" · ".join(term))] == []


def test_words_about_cadres_are_worth_a_question() -> None:
    assert speaks_of_cadres("村 支 書吃回扣")
    assert not speaks_of_cadres("路灯不亮了")
