"""The memory is bounded, and shows nothing that has been overtaken."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import brotli

from village.scan.cache import BoundedMemory, BrotliLater, Remembered

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def make_page(*, version: int = 1, valid_until: datetime | None = None) -> Remembered:
    return Remembered("420624101205", version, valid_until, "tag", b"gz")


def test_a_page_of_an_older_version_is_not_fresh() -> None:
    assert make_page(version=1).is_fresh(1, NOW)
    assert not make_page(version=1).is_fresh(2, NOW)
    assert not make_page(version=1).is_fresh(None, NOW)


def test_a_page_ends_at_its_own_next_moment() -> None:
    page = make_page(valid_until=NOW)

    assert page.is_fresh(1, NOW - timedelta(seconds=1))
    assert not page.is_fresh(1, NOW)


def test_memory_lets_go_of_what_was_used_longest_ago() -> None:
    memory: BoundedMemory[str] = BoundedMemory(30)
    for name in ("a", "b", "c"):
        memory.put(name, name, 10)
    memory.get("a")
    memory.put("d", "d", 10)

    assert [memory.get(name) for name in "abcd"] == ["a", None, "c", "d"]
    assert memory.held_bytes == 30


def test_the_same_page_is_counted_once() -> None:
    memory: BoundedMemory[str] = BoundedMemory(100)
    for size in (10, 40, 20):
        memory.put("a", "a", size)

    assert (memory.held_bytes, len(memory)) == (20, 1)


def test_a_page_larger_than_the_memory_leaves_it_empty() -> None:
    memory: BoundedMemory[str] = BoundedMemory(10)
    memory.put("a", "a", 11)

    assert (memory.held_bytes, len(memory)) == (0, 0)


def test_brotli_arrives_later() -> None:
    words = "村里通知".encode() * 100
    later, page = BrotliLater(), Remembered("420199104207", 1, None, "tag", gzip.compress(words))
    later.ask(page)
    later.ask(page)
    later.wait()

    assert page.brotli is not None
    assert brotli.decompress(page.brotli) == words
