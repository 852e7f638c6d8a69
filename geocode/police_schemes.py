"""
Checkers for the official standard address code of the police (公安标准地址码).

No national layout of its digits is published, and what provinces define is not public either. So the
code is an opaque text of at most forty characters that we store and show but never take apart. A county
that knows its own layout registers a checker for its scheme; until then ``free`` takes any printable text.

>>> check("free", " 4206-24-A001 ")
'4206-24-A001'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from geocode.errors import GeocodeError

LONGEST_CODE = 40
FREE = "free"

Checker = Callable[[str], bool]


class BadPoliceCodeError(GeocodeError):
    """The text cannot be an official address code under the given scheme, or the scheme is not registered."""

    code = "bad_police_code"


_checkers: dict[str, Checker] = {FREE: lambda text: True}


def register(scheme: str, checker: Checker) -> None:
    """
    Register the *checker* of a county's scheme; it gets a cleaned text and answers whether it fits.

    Registering the same scheme again replaces its checker, so a module may be imported twice.

    >>> register("example-county", lambda text: text.isdigit() and len(text) == 20)
    >>> is_valid("example-county", "12345")
    False

    Raises:
        BadPoliceCodeError: the scheme has no name, or it is ``free``, which accepts everything by definition.
    """
    if not isinstance(scheme, str) or not scheme.strip() or scheme == FREE:
        raise BadPoliceCodeError("公安地址码方案的名称不能为空，也不能是 free")
    if not callable(checker):
        raise BadPoliceCodeError("公安地址码方案需要一个检查函数")
    _checkers[scheme] = checker


def schemes() -> tuple[str, ...]:
    """Return the names of all registered schemes, ``free`` first."""
    return tuple(_checkers)


def check(scheme: str, text: str) -> str:
    """
    Return *text* cleaned for storing, after the scheme's checker has agreed.

    Raises:
        BadPoliceCodeError: unknown scheme, no text or more than forty characters, a control character,
            or the scheme's checker disagrees.
    """
    checker = _checkers.get(scheme) if isinstance(scheme, str) else None
    if checker is None:
        raise BadPoliceCodeError(f"没有登记过的公安地址码方案：{scheme!r}")
    if not isinstance(text, str):
        raise BadPoliceCodeError("公安地址码应是文字")
    cleaned = unicodedata.normalize("NFKC", text).strip()
    if not 0 < len(cleaned) <= LONGEST_CODE:
        raise BadPoliceCodeError(f"公安地址码应有 1 到 {LONGEST_CODE} 个字符")
    if not cleaned.isprintable():
        raise BadPoliceCodeError("公安地址码里不能有换行或控制字符")
    try:
        fits = checker(cleaned)
    except Exception as error:  # whoever wrote it: a code it cannot read does not fit
        raise BadPoliceCodeError(f"{scheme} 方案读不了这个公安地址码") from error
    if not fits:
        raise BadPoliceCodeError(f"公安地址码不合 {scheme} 方案的规定")
    return cleaned


def is_valid(scheme: str, text: str) -> bool:
    """Say whether *text* fits the scheme. Never raises for any text or scheme."""
    try:
        check(scheme, text)
    except BadPoliceCodeError:
        return False
    return True
