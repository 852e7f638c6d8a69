"""What stands on one plate, and why some faces must never become metal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from geocode.door_codes import format_code, is_valid_code
from village.papers.errors import BadPlate
from village.papers.fonts import PaperFont, require_glyphs
from village.papers.qr import is_public_host, plate_url

_LONGEST = {"town": 24, "village": 40, "group": 24, "number": 12, "host_text": 64, "duty_phone": 20}
_CALLED = {
    "town": "乡镇名",
    "village": "村名",
    "group": "组名",
    "number": "门牌号",
    "host_text": "网址",
    "duty_phone": "值班电话",
}
_PHONE = re.compile(r"[0-9][0-9 \-]{2,18}[0-9]")


@dataclass(frozen=True, slots=True)
class PlateFace:
    """
    The text and the symbol of one plate.

    ``number`` stands without 号, ``code`` without a hyphen, ``url`` is the upper-case address inside the
    symbol and ``host_text`` the address as a person types it. ``demo`` prints 「演示」 and allows an
    address that only works at home.
    """

    town: str
    village: str
    group: str
    number: str
    code: str
    url: str
    host_text: str
    duty_phone: str
    demo: bool = False

    @property
    def place(self) -> str:
        """The line that names the place: 青石湾村三组."""
        return self.village + self.group

    @property
    def spoken_name(self) -> str:
        """How a clerk refers to the plate: 青石湾村三组 12 号."""
        return f"{self.place} {self.number} 号"

    @property
    def printed_code(self) -> str:
        """The code as printed: ABCDE-2345E."""
        return format_code(self.code)

    @property
    def host(self) -> str:
        """The host inside the symbol, in upper case."""
        return self.url.split("/")[2] if self.url.count("/") >= 3 else ""

    @property
    def texts(self) -> str:
        """Every character that is printed, for the check of the font."""
        return "".join((self.town, self.place, self.number, self.host_text, self.duty_phone))


def require_printable(faces: Iterable[PlateFace], font: PaperFont) -> None:
    """
    Refuse a batch with any face that contradicts itself, stands twice, or cannot be drawn.

    Raises:
        BadPlate: says which plate and what is wrong with it.
        MissingGlyphs: names the characters and the plates.
    """
    seen: dict[str, str] = {}
    texts: list[tuple[str, str]] = []
    for face in faces:
        for fault in _faults(face):
            raise BadPlate(f"{face.spoken_name[:60]}：{fault}")
        if face.code in seen:
            raise BadPlate(f"{face.spoken_name} 和 {seen[face.code]} 用了同一个码 {face.printed_code}")
        seen[face.code] = face.spoken_name
        texts.append((f"{face.spoken_name}（{face.printed_code}）", face.texts))
    if not seen:
        raise BadPlate("这一批里没有门牌")
    require_glyphs(texts, font)


def _faults(face: PlateFace) -> Iterable[str]:
    """Say everything that is wrong with one face, the worst first."""
    if not is_valid_code(face.code) or len(face.code) != 10 or face.code != face.code.upper():
        yield f"码 {face.code[:40]!r} 不对"
        return
    scheme = face.url.split(":", 1)[0]
    if scheme not in ("HTTPS", "HTTP") or face.url != plate_url(face.host, face.code, scheme):
        yield "二维码里的网址和印出的码不一致"
        return
    if face.host_text.strip().upper() != face.host:
        yield f"印出的网址 {face.host_text[:64]!r} 和二维码里的主机名 {face.host} 不一致"
    if not face.demo and (scheme != "HTTPS" or not is_public_host(face.host)):
        yield f"{face.host} 不是公网的 HTTPS 主机名，只能用来印演示牌"
    yield from _text_faults(face)


def _text_faults(face: PlateFace) -> Iterable[str]:
    for name, longest in _LONGEST.items():
        text: str = getattr(face, name)
        if len(text) > longest:
            yield f"{_CALLED[name]}超过 {longest} 个字"
        if text != text.strip() or not text.isprintable():
            yield f"{_CALLED[name]}里有看不见的字符"
    for name in ("village", "number"):
        if not getattr(face, name):
            yield f"缺{_CALLED[name]}"
    if face.number.endswith("号"):
        yield "门牌号不要带“号”字，牌上会印"
    if face.duty_phone and _PHONE.fullmatch(face.duty_phone) is None:
        yield f"值班电话 {face.duty_phone!r} 不像电话号码"
