"""
Make the fonts that plates and papers are printed with, from Debian's package fonts-noto-cjk.

    python scripts/make_plate_font.py [bold|regular] [--source FILE.ttc] [--out FILE.ttf]

Three steps: take the simplified Chinese face, keep only the characters a plate can need, and turn its cubic
(CFF) outlines into TrueType ones, because reportlab reads no others. The result is committed, so nobody needs
to run this to print; running it again on the same package gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import newTable
from fontTools.ttLib.ttCollection import TTCollection

SOURCES = Path("/usr/share/fonts/opentype/noto")
FONTS = Path(__file__).resolve().parent.parent / "static/fonts"


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight of the family: its collection, the name of its simplified Chinese face, and what is made of it."""

    source: str
    face: str
    target: str


# Plates, heads and titles are bold; what is read for longer than a glance is not.
WEIGHTS = {
    "bold": Weight("NotoSansCJK-Bold.ttc", "Noto Sans CJK SC Bold", "NotoSansSC-Bold-plates.ttf"),
    "regular": Weight("NotoSansCJK-Regular.ttc", "Noto Sans CJK SC", "NotoSansSC-Regular-papers.ttf"),
}

# Half a thousandth of the character's height: no eye and no film cutter sees it.
MAX_ERROR = 0.5

# Signs that notices use and GB 2312 does not have.
SIGNS = "〇—–…·•×÷±℃‰￥¥²³㎡№（）【】《》“”‘’㈠①②③④⑤⑥⑦⑧⑨⑩"

# Characters of village and river names that GB 2312 does not have. The first alone stands in a hundred names
# (塆 is how half of Hubei writes a hamlet), so a plate font without them would fail at the first county.
PLACE_NAMES = (
    "塆垱剅垏塝埫涢坮簰奓衖塅塚浲汈瀼坵硚硃澥淯酂漋澴洑涴濛恵瑠汭漖旻藨猇屴浰鋪簲洈垇埉鳡墈磻閤骕骦"
    "垸圳圩埠墟墩埂坳坨堰埝坝塬峁崾崮嶂嵊岙岽峒岘岈崂峪嵝嶝沄沔泖泷浐浬涞涠淝渌滘潆潵澛澧瀍灞畈畲磜碚磴硖礤"
)


def wanted_characters() -> set[int]:
    """Return ASCII, all of GB 2312 and the lists above, as code points."""
    found = set(range(0x20, 0x7F)) | {ord(character) for character in SIGNS + PLACE_NAMES}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            # Python's two codecs disagree about the middle dot and the dash of GB 2312; take both readings.
            for codec in ("gb2312", "gbk"):
                found |= {ord(character) for character in bytes([row, cell]).decode(codec, "ignore")}
    return found


def subset_face(source: Path, name: str, characters: set[int]) -> Any:
    """Open the face *name* of the collection and leave only *characters* in it."""
    with TTCollection(str(source), lazy=True) as collection:
        face = next(font for font in collection if font["name"].getDebugName(4) == name)
        options = Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=["*"])
        options.recalc_timestamp = False
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=characters)
        subsetter.subset(face)
        return face


def to_truetype(font: Any) -> None:
    """Replace the CFF outlines of *font* by quadratic ones, in place."""
    order = font.getGlyphOrder()
    glyph_set = font.getGlyphSet()
    glyphs: dict[str, Any] = {}
    for name in order:
        pen = TTGlyphPen(glyph_set)
        glyph_set[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    glyf: Any = newTable("glyf")
    font["glyf"] = glyf
    glyf.glyphOrder = order
    glyf.glyphs = glyphs
    _set_truetype_header(font, order)
    for tag in ("CFF ", "VORG", "vhea", "vmtx", "GSUB", "GPOS", "GDEF", "BASE", "DSIG"):
        if tag in font:
            del font[tag]


def _set_truetype_header(font: Any, order: list[str]) -> None:
    """Write the tables that say this is TrueType; left side bearings follow the new outlines."""
    glyf = font["glyf"]
    for name in order:
        glyph = glyf[name]
        glyph.recalcBounds(glyf)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyph, "xMin", 0))
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    nothing = (
        "TwilightPoints",
        "Storage",
        "FunctionDefs",
        "InstructionDefs",
        "StackElements",
        "SizeOfInstructions",
    )
    for counted in nothing:
        setattr(maxp, f"max{counted}", 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0
    font["post"].extraNames = []
    font["post"].mapping = {}
    font["head"].glyphDataFormat = 0
    font.sfntVersion = "\x00\x01\x00\x00"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("weight", choices=WEIGHTS, nargs="?", default="bold")
    parser.add_argument("--source", type=Path)
    parser.add_argument("--out", type=Path)
    choice = parser.parse_args()
    weight = WEIGHTS[choice.weight]
    source, out = choice.source or SOURCES / weight.source, choice.out or FONTS / weight.target
    if not source.is_file():
        print(f"{source} is missing: apt-get install fonts-noto-cjk", file=sys.stderr)
        return 1
    characters = wanted_characters()
    font = subset_face(source, weight.face, characters)
    font.recalcTimestamp = False
    absent = sorted(characters - set(font.getBestCmap()))
    to_truetype(font)
    out.parent.mkdir(parents=True, exist_ok=True)
    font.save(str(out))
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    count = len(font.getBestCmap())
    print(f"{out}: {out.stat().st_size:,} bytes, {count} characters, sha256 {digest}")
    print("not in the source:", " ".join(f"U+{point:04X}" for point in absent) or "nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
