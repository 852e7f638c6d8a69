"""What a scanned address means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from village.scan.rules import Variant, carried_on, earliest, group_words, variant_of


@pytest.mark.parametrize(
    ("query", "variant"),
    [
        ("", Variant()),
        ("big=1", Variant(big=True)),
        ("lang=en", Variant(language="en")),
        ("lang=en&big=1", Variant(big=True, language="en")),
    ],
)
def test_large_type_and_language_stand_in_the_address(query: str, variant: Variant) -> None:
    assert variant_of(query) == variant


@pytest.mark.parametrize(
    "query", ["big=0", "big=", "lang=zh", "lang=fr", "x=1", "big=1&big=1", "big", "%00=1"]
)
def test_an_address_that_says_anything_else_is_not_answered_from_memory(query: str) -> None:
    assert variant_of(query) is None


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, ""),
        (3, "三组"),
        (10, "十组"),
        (12, "十二组"),
        (20, "二十组"),
        (21, "二十一组"),
        (99, "九十九组"),
        (100, ""),
    ],
)
def test_groups_are_written_as_on_a_plate(number: int, words: str) -> None:
    assert group_words(number) == words


def test_the_next_moment_is_the_earliest_one() -> None:
    first, second = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)

    assert earliest(None, second, first) == first
    assert earliest(None, None) is None


@pytest.mark.parametrize(
    ("link", "carried"),
    [
        ('<a href="/shop?village=1">', '<a href="/shop?village=1&amp;big=1&amp;lang=en">'),
        ('<a class="x>y" href="/privacy">', '<a class="x>y" href="/privacy?big=1&amp;lang=en">'),
        ('<a href="/matters/new?door=<?k?>">', '<a href="/matters/new?door=<?k?>&amp;big=1&amp;lang=en">'),
        ('<a href="/me/door/<?k?>">', '<a href="/me/door/<?k?>?big=1&amp;lang=en">'),
        ('<a href="/">', '<a href="/?big=1&amp;lang=en">'),
        ('<a href="/D/<?k?>?big=1">', '<a href="/D/<?k?>?big=1">'),
        ('<a href="/reading/<?k?>?lang=zh">', '<a href="/reading/<?k?>?lang=zh">'),
        ('<a href="tel:027">', '<a href="tel:027">'),
        ('<a href="#main">', '<a href="#main">'),
        ('<a href="https://beian.example/">', '<a href="https://beian.example/">'),
    ],
)
def test_links_to_other_pages_say_how_this_one_is_read(link: str, carried: str) -> None:
    assert carried_on(link, Variant(big=True, language="en")) == carried
    assert carried_on(link, Variant()) == link
