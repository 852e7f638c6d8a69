"""The table of colour pairs that the pages use, measured from static/css/tokens.css (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re

from commons.settings import ROOT

TEXT, EDGE = 4.5, 3.0
PAIRS: list[tuple[str, str, float]] = [
    ("ink", "paper", TEXT), ("ink", "card", TEXT), ("ink", "rice-pale", TEXT), ("ink", "paddy-pale", TEXT), ("ink", "focus", TEXT),
    ("ink-soft", "paper", TEXT), ("ink-soft", "card", TEXT), ("ink-soft", "rice-pale", TEXT),
    ("seal", "paper", TEXT), ("seal", "card", TEXT), ("seal-deep", "card", TEXT), ("#ffffff", "seal", TEXT),
    ("indigo", "paper", TEXT), ("indigo", "card", TEXT), ("#ffffff", "indigo", TEXT), ("indigo-pale", "indigo", TEXT),
    ("#dbe4f3", "indigo-deep", TEXT), ("#c4d1e8", "indigo-deep", TEXT),
    ("paddy", "card", TEXT), ("paddy-deep", "card", TEXT), ("paddy-deep", "paddy-pale", TEXT), ("#ffffff", "paddy-deep", TEXT),
    ("#cfe0d2", "paddy-deep", TEXT), ("earth", "rice-pale", TEXT), ("#6b6251", "card", TEXT), ("#ffffff", "ink", TEXT),
    ("edge", "card", EDGE), ("edge", "paper", EDGE), ("paddy", "paper", EDGE), ("#8a5a0f", "card", EDGE), ("ink", "seal", 2.5),
]  # fmt: skip


def tokens() -> dict[str, str]:
    """Return the colours of tokens.css by name."""
    source = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", source))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours written #rrggbb."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def weak_pairs(colours: dict[str, str]) -> list[str]:
    """Return every pair of the table that *colours* make too weak."""
    found = []
    for front, back, least in PAIRS:
        measured = contrast(colours.get(front, front), colours.get(back, back))
        if measured < least:
            found.append(f"{front} on {back}: {measured:.2f}, needs {least}")
    return found


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
