"""Why a session cannot be paid or ended."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Conflict


class SessionOver(Conflict):
    """The session was paid, or its time is over."""

    code = "checkout_session_over"

    def __init__(self) -> None:
        super().__init__(_("这次结账已经结束，不能再付"))


class SessionMoved(Conflict):
    """The buyer went to pay in the very moment; whoever asked may ask again."""

    code = "lock_timeout"

    def __init__(self) -> None:
        super().__init__(_("这次结账刚刚有变化，请再试一次"))
