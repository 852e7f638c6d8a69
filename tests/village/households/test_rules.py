"""The file of who sees what, and the pure rules around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocode.door_codes import ALPHABET
from village.households import rules
from village.households.rules import Piece, Sight, Viewer, is_telling, matrix, may_see, new_slip_code

ORDER = (Sight.no, Sight.with_reason, Sight.yes)
VIEWERS = st.frozensets(st.sampled_from(Viewer))


@pytest.fixture
def fresh_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the file that a test may spoil."""
    copy = tmp_path / "who.csv"
    copy.write_text(rules.MATRIX.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(rules, "MATRIX", copy)
    matrix.cache_clear()
    yield copy
    matrix.cache_clear()


def test_every_piece_has_a_cell_for_every_viewer() -> None:
    assert set(matrix()) == {(viewer, piece) for viewer in Viewer for piece in Piece}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("stranger,buyer", "buyer,stranger"),
        ("\nmember_names", "\nmember_nanes"),
        ("\nslip_codes", "\nslips"),
        (",with-reason", ",perhaps"),
        ("\nnotices,村里通知,yes,yes", "\nnotices,村里通知,yes"),
    ],
)
def test_a_spoiled_file_stops_everything_rather_than_showing_something(
    fresh_file: Path, old: str, new: str
) -> None:
    text = fresh_file.read_text(encoding="utf-8")
    assert old in text
    fresh_file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r".+"):
        matrix()


def test_the_code_asks_the_file(fresh_file: Path) -> None:
    text = fresh_file.read_text(encoding="utf-8")
    assert may_see({Viewer.member}, Piece.member_names) is Sight.yes
    fresh_file.write_text(
        text.replace("member_names,成员姓名,no,no,no,yes", "member_names,成员姓名,no,no,no,no"),
        encoding="utf-8",
    )
    matrix.cache_clear()

    assert may_see({Viewer.member}, Piece.member_names) is Sight.no


@given(VIEWERS, VIEWERS, st.sampled_from(Piece))
def test_being_more_things_never_shows_less(
    some: frozenset[Viewer], more: frozenset[Viewer], piece: Piece
) -> None:
    assert ORDER.index(may_see(some | more, piece)) == max(
        ORDER.index(may_see(some, piece)), ORDER.index(may_see(more, piece))
    )


def test_nobody_at_all_sees_nothing() -> None:
    assert {may_see((), piece) for piece in Piece} == {Sight.no}


def test_nobody_sees_a_slips_code_and_no_official_a_name_without_a_reason() -> None:
    assert {matrix()[viewer, Piece.slip_codes] for viewer in Viewer} == {Sight.no}
    desks = set(Viewer) - {Viewer.member}
    for piece in (Piece.member_names, Piece.member_phones, Piece.left_members):
        assert Sight.yes not in {matrix()[viewer, piece] for viewer in desks}


def test_new_slips_use_the_whole_alphabet_and_do_not_repeat() -> None:
    codes = {new_slip_code() for _ in range(2000)}

    assert len(codes) == 2000
    assert {sign for code in codes for sign in code} == set(ALPHABET)


@pytest.mark.parametrize(
    ("words", "is_bad"),
    [
        ("申请低保", False),
        ("第 3 组 12 号", False),
        ("王秀兰的事", True),
        ("1001 0012", False),
        ("10010012", True),
        ("", False),
    ],
)
def test_a_reason_tells_of_nobody(words: str, is_bad: bool) -> None:
    assert is_telling(words, "王秀兰") is is_bad
