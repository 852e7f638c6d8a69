"""Addresses of pages: Werkzeug's rules, whose builders are made when the first link to a page is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from werkzeug.routing import Rule


class Address(Rule):
    """
    A rule that compiles how its address is written at its first use.

    Werkzeug generates and compiles two Python functions for every rule when it is added. With some 250 rules that was
    nearly all of the time in which the application came up (0.13 of 0.15 s of processor time), and a command or a worker
    writes few of these addresses or none.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        make = super()._compile_builder
        builder = cache(lambda: make(append_unknown))
        return lambda rule, **values: builder()(rule, **values)  # becomes a method of the rule
