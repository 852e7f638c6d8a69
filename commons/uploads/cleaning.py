"""What pictures and voices have in common while they are made anew."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import IO, Protocol

from commons.errors import Refusal

LARGEST_BYTES = 8 * 1024 * 1024


class Sent(Protocol):
    """A file as a browser sent it; Werkzeug's FileStorage is one. Its name and type are claims and are not looked at."""

    @property
    def stream(self) -> IO[bytes]:
        """What was sent, to be read."""


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A file that this program wrote itself: nothing of the original's bytes is in it."""

    kind: str
    content: bytes
    mime: str
    suffix: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None

    @property
    def sha256(self) -> str:
        """The checksum of the content, in hex."""
        return hashlib.sha256(self.content).hexdigest()


def bounded(sent: Sent, too_large: Refusal) -> bytes:
    """Return all bytes of *sent*; raise *too_large* as soon as they are more than 8 MB."""
    content = sent.stream.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise too_large
    return content
