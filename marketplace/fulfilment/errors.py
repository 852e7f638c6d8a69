"""What can be wrong with a pickup point."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Refusal


class WindowWrong(Refusal):
    """The end of a window lies before its beginning."""

    code = "window_wrong"

    def __init__(self) -> None:
        super().__init__(_("结束要晚于开始"), field="until_at")
