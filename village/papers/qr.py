"""
The symbol on a plate: a QR code of the fixed error correction level H, made of an upper-case address.

Upper case keeps the address in QR's alphanumeric mode, where 35 characters fit version 3 (29 modules) and
50 fit version 4 (33 modules) at level H. Anything longer would need smaller modules than a scratched
plate forgives, so it is refused instead of silently made finer.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

from geocode.door_codes import normalize_code
from geocode.errors import BadDoorCodeError
from village.papers.errors import AddressTooLong, BadPlate

QUIET_ZONE = 4
"""Modules of white on every side, as ISO/IEC 18004 asks."""

CAPACITY = {3: 35, 4: 50}
"""Alphanumeric characters by version at level H."""

Rect = tuple[int, int, int, int]
"""Left, top, width and height in modules, counted from the symbol's upper left corner."""

_LABEL = "[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::[1-9][0-9]{{0,4}})?")
_PUBLIC_HOST = re.compile(rf"(?:{_LABEL}\.)+(?:[A-Z]{{2,}}|XN--[A-Z0-9-]+)")
_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]+")


@dataclass(frozen=True)
class Symbol:
    """
    A finished symbol: what it says and where it is dark. ``rows`` are bit masks, leftmost module highest.
    """

    url: str
    version: int
    rows: tuple[int, ...]

    @property
    def modules(self) -> int:
        """Modules on a side, without the quiet zone."""
        return len(self.rows)

    @property
    def sha256(self) -> str:
        """A name for the exact pattern, for the manifest."""
        pattern = "\n".join(f"{row:0{self.modules}b}" for row in self.rows)
        return hashlib.sha256(pattern.encode("ascii")).hexdigest()

    @cached_property
    def rects(self) -> tuple[Rect, ...]:
        """
        The dark area as few rectangles: the one geometry that both the plate and its proof are drawn
        from.
        """
        return _merge_down(_runs(self.rows))


def is_public_host(host: str) -> bool:
    """
    Say whether *host* can be reached from a phone in the street: a name with a top level, no port, no
    number.
    """
    return _PUBLIC_HOST.fullmatch(host.upper()) is not None


def plate_url(host: str, code: str, scheme: str = "HTTPS") -> str:
    """
    Return the address a plate carries, all in upper case.

    >>> plate_url("xq.gov.cn", "abcde-2345e")
    'HTTPS://XQ.GOV.CN/D/ABCDE2345E'

    Raises:
        BadPlate: the host is no host name, the scheme is neither HTTP nor HTTPS, or the code is no door code.
        AddressTooLong: the whole is longer than 50 characters.
    """
    upper = host.strip().upper()
    if not upper.isascii() or _HOST.fullmatch(upper) is None:
        raise BadPlate(f"网址主机名 {host[:80]!r} 不对，只能有字母、数字、点和连字符", field="host")
    if scheme.upper() not in ("HTTPS", "HTTP"):
        raise BadPlate("门牌网址只能以 HTTPS 或 HTTP 开头", field="host")
    try:
        plain = normalize_code(code)
    except BadDoorCodeError as fault:
        raise BadPlate(str(fault), field="code") from fault
    url = f"{scheme.upper()}://{upper}/D/{plain}"
    version_for(url)
    return url


def version_for(url: str) -> int:
    """
    Return the smallest of the two versions allowed on plates that holds *url*.

    Raises:
        AddressTooLong: it holds more than version 4 does.
    """
    for version, capacity in CAPACITY.items():
        if len(url) <= capacity:
            return version
    most = max(CAPACITY.values())
    raise AddressTooLong(
        f"门牌网址有 {len(url)} 个字符，最多 {most} 个：请换用短一些的主机名（最好不超过 14 个字符）",
        field="host",
    )


def symbol(url: str) -> Symbol:
    """
    Return the level H symbol of an upper-case address.

    Raises:
        BadPlate: a character outside QR's alphanumeric mode, lower case included.
        AddressTooLong: more than 50 characters.
    """
    if _ALPHANUMERIC.fullmatch(url) is None:
        raise BadPlate("门牌网址只能用大写字母和数字", field="url")
    from village.papers.qr_masks import best_symbol  # brings a library that only printing needs

    version = version_for(url)
    dark = best_symbol(url, version)
    rows = tuple(int("".join(map(str, row)), 2) for row in dark.tolist())
    return Symbol(url, version, rows)


def symbol_path(made: Symbol) -> str:
    """
    Return the PDF operators that fill the dark area, one unit to a module, with the origin at the lower left.

    Written out here because whole numbers need none of reportlab's care with decimals, and a plate has hundreds.
    """
    side = made.modules
    boxes = (f"{left} {side - top - height} {width} {height} re" for left, top, width, height in made.rects)
    return " ".join(boxes) + " f"


def _runs(rows: tuple[int, ...]) -> list[Rect]:
    """Cut every row into its dark runs, one module high."""
    width = len(rows)
    return [
        (run.start(), top, run.end() - run.start(), 1)
        for top, row in enumerate(rows)
        for run in re.finditer("1+", f"{row:0{width}b}")
    ]


def _merge_down(runs: list[Rect]) -> tuple[Rect, ...]:
    """Join runs that lie exactly under each other, so that a finder's side is one rectangle and not seven."""
    done: list[Rect] = []
    growing: dict[tuple[int, int], Rect] = {}
    for left, top, width, _ in runs:
        above = growing.get((left, width))
        if above is not None and above[1] + above[3] == top:
            growing[left, width] = (left, above[1], width, above[3] + 1)
        else:
            if above is not None:
                done.append(above)
            growing[left, width] = (left, top, width, 1)
    return tuple(sorted([*done, *growing.values()], key=lambda rect: (rect[1], rect[0])))
