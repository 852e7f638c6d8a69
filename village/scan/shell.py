"""
A door's page cut into what all doors of one spot share and what is this door's own.

Rendering a template takes longer than everything else together, and ten thousand doors of a county differ in a handful of
words. So the page is rendered once per village, spot and variant with marks in place of those words, cut at the marks, and
every shared piece is compressed once. A door's page is then joined from ready pieces: the deflate format lets
independently flushed pieces stand one behind another, and the door's own words go between them uncompressed.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

# A mark is markup that no template writes. Words out of the database are escaped, so none of them can become one.
MARK = re.compile(r"<\?([a-z])\1*\?>")
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
LAST_BLOCK = b"\x03\x00"


def mark(letter: str, times: int = 1) -> Markup:
    """Return what stands for a door's own word in a shell; *times* makes it as long as the word it stands for."""
    return Markup(f"<?{letter * times}?>")  # noqa: S704 - a letter of our own, cut out before anything is sent


@dataclass(frozen=True, slots=True)
class FilledPage:
    """One door's page: the bytes as they are, compressed with gzip, and a tag of its content."""

    plain: bytes
    gzip: bytes
    tag: str


@dataclass(frozen=True, slots=True)
class PageShell:
    """The shared pieces of a page, between which the door's own words go."""

    pieces: tuple[bytes, ...]
    packed: tuple[bytes, ...]
    names: tuple[str, ...]
    version: int
    valid_until: datetime | None
    grid_words: str = ""

    @classmethod
    def cut(cls, page: str, *, version: int, valid_until: datetime | None, grid_words: str = "") -> PageShell:
        """Cut a rendered page at its marks; *grid_words* is how a grid is named in its language, with a mark for the number."""
        parts = MARK.split(page)
        pieces = tuple(part.encode() for part in parts[0::2])
        names = tuple(parts[1::2])
        return cls(pieces, tuple(map(_pack, pieces)), names, version, valid_until, grid_words)

    @property
    def size(self) -> int:
        """Return about how many bytes the shell keeps in memory."""
        return sum(map(len, self.pieces)) + sum(map(len, self.packed)) + 500

    def is_fresh(self, version: int | None, now: datetime) -> bool:
        """Say whether the shell still says what the database would."""
        return self.version == version and (self.valid_until is None or now < self.valid_until)

    def fill(self, words: Mapping[str, str]) -> FilledPage:
        """Return the page of the door to which *words* belong; they are escaped here."""
        own = {name: str(escape(words[name])).encode() for name in set(self.names)}
        plain = [self.pieces[0]]
        packed = [GZIP_HEAD, self.packed[0]]
        for index, name in enumerate(self.names, start=1):
            plain += (own[name], self.pieces[index])
            packed += (_store(own[name]), self.packed[index])
        page = b"".join(plain)
        packed.append(LAST_BLOCK + struct.pack("<II", zlib.crc32(page), len(page) & 0xFFFFFFFF))
        tag = hashlib.blake2b(page, digest_size=12).hexdigest()
        return FilledPage(page, b"".join(packed), tag)


def _pack(piece: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)


def _store(words: bytes) -> bytes:
    """Return *words* as one stored deflate block (RFC 1951, 3.2.4); they are far shorter than its 65,535 bytes."""
    if not words:
        return b""
    return b"\x00" + struct.pack("<HH", len(words), len(words) ^ 0xFFFF) + words
