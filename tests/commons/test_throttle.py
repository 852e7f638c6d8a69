"""Counting tries: in the database, in Redis, and never inside a transaction."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from commons import throttle
from commons.clock import FrozenClock
from commons.db import NestedTransaction, db, transaction
from commons.errors import TooMany
from commons.throttle import ThrottleCount, clear, client_address, hit, sweep


def rows() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(ThrottleCount)) or 0


def test_the_fifth_try_passes_and_the_sixth_is_refused_with_the_time_to_wait(
    app: Flask, clock: FrozenClock
) -> None:
    for _ in range(5):
        hit("door", "a", "5/10minute")
    clock.move(minutes=4)
    with pytest.raises(TooMany) as refused:
        hit("door", "a", "5/10minute")
    assert 355 <= refused.value.retry_after <= 361


def test_the_window_begins_with_its_first_try_and_then_ends(app: Flask, clock: FrozenClock) -> None:
    clock.move(seconds=55)
    hit("sms", "a", "1/minute")
    clock.move(seconds=59)
    with pytest.raises(TooMany):
        hit("sms", "a", "1/minute")
    clock.move(seconds=2)
    hit("sms", "a", "1/minute")


def test_names_and_keys_are_counted_apart(app: Flask, clock: FrozenClock) -> None:
    hit("sms", "a", "1/minute")
    hit("sms", "b", "1/minute")
    hit("door", "a", "1/minute")


def test_a_try_that_the_short_limit_refuses_does_not_use_up_the_day(app: Flask, clock: FrozenClock) -> None:
    for _ in range(5):
        with contextlib.suppress(TooMany):
            hit("sms", "a", "1/minute;2/day")
    clock.move(minutes=2)
    hit("sms", "a", "1/minute;2/day")
    clock.move(minutes=2)
    with pytest.raises(TooMany) as refused:
        hit("sms", "a", "1/minute;2/day")
    assert refused.value.retry_after > 80_000


def test_what_was_right_clears_the_count(app: Flask, clock: FrozenClock) -> None:
    hit("door", "a", "1/minute")
    clear("door", "a", "1/minute")
    hit("door", "a", "1/minute")


def test_neither_telephone_nor_name_stands_in_the_table(app: Flask, clock: FrozenClock) -> None:
    hit("sms", "10000000101", "1/minute")
    row = db.session.scalars(select(ThrottleCount)).one()
    assert len(row.key) == 64 and "10000000101" not in row.key


def test_a_throttle_inside_a_transaction_is_a_fault_of_ours(app: Flask) -> None:
    with pytest.raises(NestedTransaction), transaction():
        hit("sms", "a", "1/minute")
    assert rows() == 0


def test_the_count_stays_when_the_callers_work_is_rolled_back(app: Flask, clock: FrozenClock) -> None:
    hit("sms", "a", "1/minute")
    with pytest.raises(ZeroDivisionError), transaction():
        raise ZeroDivisionError
    assert rows() == 1


def test_ended_windows_are_swept(app: Flask, clock: FrozenClock) -> None:
    hit("sms", "a", "1/minute")
    hit("sms", "b", "1/day")
    clock.move(minutes=5)
    sweep()
    assert rows() == 1


def test_of_many_at_once_no_more_than_allowed_pass(app: Flask, clock: FrozenClock) -> None:
    passed: list[int] = []

    def try_one(number: int) -> None:
        with app.app_context():
            try:
                hit("rush", "a", "5/minute")
                passed.append(number)
            except TooMany:
                pass
            finally:
                db.session.remove()

    threads = [threading.Thread(target=try_one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 5


@pytest.fixture
def redis_app(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The application with a Redis of this test's own, on a socket."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.fail("no redis-server on this machine: apt-get install redis-server")
    socket = tmp_path / "redis.sock"
    command = [server, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not socket.exists():
            assert time.monotonic() < until, "the Redis server does not come up"
            time.sleep(0.05)
        app.extensions["settings"] = replace(app.extensions["settings"], redis_url=f"unix://{socket}")
        yield app
    finally:
        throttle._redis.cache_clear()
        process.terminate()
        process.wait(60)


def test_redis_counts_alike_and_leaves_the_database_alone(redis_app: Flask) -> None:
    hit("door", "a", "2/minute")
    hit("door", "a", "2/minute")
    with pytest.raises(TooMany) as refused:
        hit("door", "a", "2/minute")
    assert 1 <= refused.value.retry_after <= 60
    clear("door", "a", "2/minute")
    hit("door", "a", "2/minute")
    assert rows() == 0


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.9"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, "1.1.1.1", "10.0.0.9"),
        (1, "", "10.0.0.9"),
    ],
)
def test_only_what_trusted_proxies_wrote_is_believed(
    app: Flask, proxies: int, forwarded: str, expected: str
) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], trusted_proxies=proxies)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    with app.test_request_context("/", headers=headers, environ_base={"REMOTE_ADDR": "10.0.0.9"}):
        assert client_address() == expected
