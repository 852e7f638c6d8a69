"""Addresses of pages: Werkzeug's rules, whose builders are made when the first link to a page is written, and numbers of rows in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from werkzeug.routing import IntegerConverter, Rule, ValidationError

LARGEST_NUMBER = 2**31 - 1  # what the columns of row numbers hold


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


class RowNumber(IntegerConverter):
    """``<int:…>`` in every address: a number that a row could have. No row has a larger one, so there is no such page."""

    def to_python(self, value: str) -> int:
        """Return the number, or let the address lead nowhere."""
        if len(value) > len(str(LARGEST_NUMBER)) or int(value) > LARGEST_NUMBER:
            raise ValidationError()
        number: int = super().to_python(value)
        return number
