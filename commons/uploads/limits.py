"""How long a form with files may be."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

# Three pictures as telephones make them: a page that gets them says itself which is too large, and keeps what was typed.
LARGEST_FORM = 28 * 1024 * 1024


def take_long_forms(bp: Blueprint, *endpoints: str) -> None:
    """Let forms sent to *endpoints* of *bp* be long enough to be told what is too long, before anything reads them."""

    def lengthen(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if request.method == "POST" and endpoint in endpoints:
            request.max_content_length = LARGEST_FORM

    bp.url_value_preprocessor(lengthen)
