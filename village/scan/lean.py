"""
A door's page for a client that takes no compression: the same words and links without the pictures.

The page must arrive in the first round trip in any encoding (docs/decisions/0009). Compressed it does; not compressed, two
thirds of it are drawings and style. What sends no word of gzip is a script, or a proxy on a weak line that took the word away.
"""

from __future__ import annotations

import re

from commons.assets import inline_style

# No drawing of a page holds another, and the read-aloud button is hidden until its script shows it.
PICTURES = re.compile(
    rb"<svg\b.*?</svg>\s*|<script>.*?</script>|<span class=\"artisan-row-trade\">.*?</span>\s*", re.DOTALL
)
STYLE = re.compile(rb"<style>.*?</style>", re.DOTALL)


def lean(page: bytes) -> bytes:
    """Return a door's *page* without drawings and script, in the style that has no rule for them."""
    return STYLE.sub(lambda _: inline_style("lean").encode(), PICTURES.sub(b"", page), count=1)
