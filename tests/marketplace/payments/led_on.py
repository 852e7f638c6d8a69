"""Where our page leads a payer on to."""

import html
import re


def led_on_to(page: str) -> str:
    """Return the address that the page leads to by itself, and check that its link leads there too."""
    found = re.search(r'<meta http-equiv="refresh" content="0;url=([^"]*)">', page)
    assert found is not None, page
    assert f'href="{found[1]}"' in page
    return html.unescape(found[1])
