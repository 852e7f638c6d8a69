"""What can be wrong with a notice."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Conflict, Refusal


class EndsBeforeItBegins(Refusal):
    """The end of a notice lies before its beginning."""

    code = "ends_before_it_begins"

    def __init__(self) -> None:
        super().__init__(_("结束时间要晚于开始时间"), field="until")


class OverAlready(Refusal):
    """The end of a notice has passed before it is posted."""

    code = "over_already"

    def __init__(self) -> None:
        super().__init__(_("结束时间已经过去了，乡亲们看不到这条通知"), field="until")


class WithdrawnAlready(Conflict):
    """The notice was taken down before."""

    code = "withdrawn_already"

    def __init__(self) -> None:
        super().__init__(_("这条通知已经撤下了"))
