"""A page joined from ready pieces is the page that the template would have made."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from village.scan.shell import PageShell, mark

WORDS = st.text(st.characters(codec="utf-8"), max_size=60)
STATIC = st.text(st.characters(codec="utf-8"), max_size=300).map(escape)


@given(st.lists(STATIC, min_size=4, max_size=4), WORDS, WORDS)
def test_the_joined_page_is_the_whole_page(pieces: list[str], number: str, code: str) -> None:
    page = f"{pieces[0]}{mark('n')}{pieces[1]}{mark('c', 9)}{pieces[2]}{mark('n')}{pieces[3]}"
    whole = f"{pieces[0]}{escape(number)}{pieces[1]}{escape(code)}{pieces[2]}{escape(number)}{pieces[3]}"

    filled = PageShell.cut(page, version=1, valid_until=None).fill({"n": number, "c": code})

    assert filled.plain == whole.encode()
    assert gzip.decompress(filled.gzip) == whole.encode()


def test_pieces_of_several_doors_share_their_compressed_bytes() -> None:
    shell = PageShell.cut("<p>" + "村里通知" * 500 + mark("n") + "</p>", version=1, valid_until=None)

    one, other = shell.fill({"n": "12"}), shell.fill({"n": "13"})

    assert len(one.gzip) < 200
    assert one.tag != other.tag
    assert one.tag == shell.fill({"n": "12"}).tag


@pytest.mark.parametrize("words", [str(mark("c")), str(mark("z")), "\ue000c\ue001", "<?nnnnnnn?>"])
def test_no_word_out_of_the_database_is_taken_for_a_mark(words: str) -> None:
    shell = PageShell.cut(f"<p>{escape(words)}</p><b>{mark('n')}</b>", version=1, valid_until=None)

    assert shell.fill({"n": words}).plain == f"<p>{escape(words)}</p><b>{escape(words)}</b>".encode()


def test_what_a_door_is_called_cannot_become_markup() -> None:
    shell = PageShell.cut(f"<b>{mark('n')}</b>", version=1, valid_until=None)

    assert shell.fill({"n": "<script>"}).plain == b"<b>&lt;script&gt;</b>"
