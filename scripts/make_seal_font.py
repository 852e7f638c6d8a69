"""
Makes commons/seal_font.ttf, the outlines that village seals are cut from.

    python scripts/make_seal_font.py LXGWWenKai-Bold.ttf

The source is the Debian package fonts-lxgw-wenkai (SIL Open Font License 1.1). What remains are the characters of
GB 2312 and those that place names need besides, on a coarse grid, with straight cuts for
curves, without hints, under a name of its own, because
the licence reserves the original's name.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.basePen import BasePen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

GRID = 120
CURVE_CUTS = 4
TOLERANCE = 1.6  # of the grid: less than a screen shows, and a seal looks cut rather than written
TARGET = Path(__file__).resolve().parent.parent / "commons" / "seal_font.ttf"
PLACE_NAMES = (
    "剅坮坵垇垏垱埉埫塅塆塚塝墈奓屴恵旻汈汭洈洑浰浲涢涴淯漋漖澥澴濛瀼瑠硃硚磻簰簲藨衖酂鋪閤骕骦鳡"
    "垟埗塱墘墩坜埕埭堌堽塬壋岃岽峂崀崁崬嵕嵖嶂浕浬涔涠淏湉湴溇滘滧漈澛瀍灞玙珽畈畲砦磜磡穣窎箐粬茜菑"
    "莆蓢蔴藠虓衜袆赑邨郚郧鄌鄚鄠酃鎏閘阝陉陬隩霅魟鲘麃麂镕镋"
)


Point = tuple[float, float]


def gb2312() -> set[str]:
    """Return the 6,763 characters of GB 2312."""
    pairs = (bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return {text for text in (pair.decode("gb2312", errors="ignore") for pair in pairs) if len(text) == 1}


class _CutPen(BasePen):
    """Collects outlines as rings of points, each curve in a few straight cuts."""

    def __init__(self, glyphs: object) -> None:
        super().__init__(glyphs)
        self.rings: list[list[Point]] = []

    def _moveTo(self, point: Point) -> None:  # noqa: N802 - the pen protocol's name
        self.rings.append([point])

    def _lineTo(self, point: Point) -> None:  # noqa: N802 - the pen protocol's name
        self.rings[-1].append(point)

    def _qCurveToOne(self, bend: Point, end: Point) -> None:  # noqa: N802 - the pen protocol's name
        start = self.rings[-1][-1]
        for step in range(1, CURVE_CUTS + 1):
            t = step / CURVE_CUTS
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            self.rings[-1].append(
                (a * start[0] + b * bend[0] + c * end[0], a * start[1] + b * bend[1] + c * end[1])
            )


def straighten(font: TTFont) -> None:
    """Replace every outline by straight cuts on whole numbers."""
    glyphs = font.getGlyphSet()
    straight = {}
    for name in font.getGlyphOrder():
        pen = _CutPen(glyphs)
        glyphs[name].draw(pen)
        target = TTGlyphPen(None)
        for ring in pen.rings:
            points = [(round(x), round(y)) for x, y in _simplified(ring)]
            if len(points) > 2:
                target.moveTo(points[0])
                for point in points[1:]:
                    target.lineTo(point)
                target.closePath()
        straight[name] = target.glyph()
    for name, glyph in straight.items():
        font["glyf"][name] = glyph


def _simplified(points: list[Point]) -> list[Point]:
    """Drop the points that lie within the tolerance of a straight cut (Douglas and Peucker's method)."""
    if len(points) < 3:
        return points
    first, last = points[0], points[-1]
    distances = [_distance(point, first, last) for point in points[1:-1]]
    farthest = max(range(len(distances)), key=distances.__getitem__)
    if distances[farthest] <= TOLERANCE:
        return [first, last]
    split = farthest + 1
    return _simplified(points[: split + 1])[:-1] + _simplified(points[split:])


def _distance(point: Point, first: Point, last: Point) -> float:
    dx, dy = last[0] - first[0], last[1] - first[1]
    length = (dx * dx + dy * dy) ** 0.5
    if length == 0:
        return float(((point[0] - first[0]) ** 2 + (point[1] - first[1]) ** 2) ** 0.5)
    return float(abs(dx * (point[1] - first[1]) - dy * (point[0] - first[0])) / length)


def main(source: str) -> None:
    """Write the small font and say how many characters it has."""
    font = TTFont(source)
    options = subset.Options(
        hinting=False, layout_features=[], name_IDs=[], glyph_names=False, notdef_outline=True
    )
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "DSIG", "meta", "gasp"]
    cut = subset.Subsetter(options)
    cut.populate(text="".join(gb2312() | set(PLACE_NAMES)))
    cut.subset(font)
    scale_upem(font, GRID)
    straighten(font)
    for number, words in (
        (1, "Village Seal"),
        (2, "Regular"),
        (4, "Village Seal"),
        (6, "VillageSeal"),
        (13, "SIL OFL 1.1"),
    ):
        font["name"].setName(words, number, 3, 1, 0x409)
    font.save(TARGET)
    print(f"{TARGET.name}: {len(font.getBestCmap() or ())} characters, {TARGET.stat().st_size} bytes")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
