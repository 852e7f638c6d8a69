"""
The two fonts that travel with the service, for whatever is printed: plates, papers, statements, slips.

Both weights know the same characters; `scripts/make_plate_font.py` makes them. Where a site names a full font
(``plate_font_file``), that one takes the place of both.
"""

from __future__ import annotations

from commons.settings import ROOT

BUNDLED_BOLD = ROOT / "static" / "fonts" / "NotoSansSC-Bold-plates.ttf"
BUNDLED_REGULAR = ROOT / "static" / "fonts" / "NotoSansSC-Regular-papers.ttf"
