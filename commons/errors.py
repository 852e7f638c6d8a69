"""
Three families of errors, by whose turn it is.

A ``Refusal`` is something the person can mend: it is shown to them and is no alarm. ``Missing`` is a thing that is
not there, or not there for this person. Anything else is our fault, is logged and raises an alarm. Which HTTP status each
becomes is decided in ``error_pages.py`` and nowhere else.
"""

from __future__ import annotations


def _n(sentence: str) -> str:
    """Mark a sentence for the catalogue; it is translated where it is shown."""
    return sentence


class Refusal(Exception):
    """
    The request cannot be done as it stands; the person can do something about it.

    ``code`` is stable and meant for programs, ``sentence`` is Chinese and meant for people, ``field`` names the
    input at fault (a form field's name, or a row and column for a sheet).
    """

    code = "refused"

    def __init__(self, sentence: str, *, field: str | None = None, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        if code is not None:
            self.code = code


class NotAllowed(Refusal):
    """The person is known, and this is not theirs to do."""

    code = "not_allowed"

    def __init__(self, sentence: str = _n("这件事不归您办，请找有权限的同事")) -> None:
        super().__init__(sentence)


class SignInNeeded(Refusal):
    """Nobody is signed in, and this needs somebody."""

    code = "sign_in_needed"

    def __init__(self, sentence: str = _n("请先登录")) -> None:
        super().__init__(sentence)


class TooMany(Refusal):
    """The same thing was tried too often; ``retry_after`` says in how many seconds it may be tried again."""

    code = "too_many"

    def __init__(self, sentence: str = _n("试得太频繁了，请稍后再试"), *, retry_after: int = 60) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class TooLarge(Refusal):
    """What was sent is larger than the system takes."""

    code = "too_large"


class Conflict(Refusal):
    """The thing has moved on since the person looked at it."""

    code = "conflict"


class Missing(Exception):
    """There is no such thing, or not for this person: both look the same from outside."""

    def __init__(self, sentence: str = _n("没有这一页：网址可能抄错了，或者内容已经撤下")) -> None:
        super().__init__(sentence)
        self.sentence = sentence
