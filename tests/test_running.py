"""What ``make run`` looks at before it starts anything."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from scripts.run import require_free
from tests.ports import free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens who would share it, as the web server does."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_somebody_would_share_is_taken(taken: int) -> None:
    with pytest.raises(SystemExit) as ended:
        require_free("127.0.0.1", taken, "PORT")

    assert f"端口 {taken} 被占用" in str(ended.value)
    assert f"PORT={taken + 10} make run" in str(ended.value)


def test_a_port_is_free_once_nobody_listens() -> None:
    require_free("127.0.0.1", free_port(), "PORT")
