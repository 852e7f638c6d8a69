"""Forms about plates."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField
from wtforms.validators import DataRequired, NumberRange

from commons.forms import Form, LineField, choices
from village.plates.faces import LAYOUT_TITLES
from village.plates.rules import STATE_WORDS, PlateState

LAYOUT_CHOICES = choices(LAYOUT_TITLES.items())
MOST_FROM_A_PAGE = 300
SEEN = {
    PlateState.mounted: _l("挂好了，还在"),
    PlateState.damaged: _l("损坏，看不清"),
    PlateState.covered: _l("被贴纸或东西盖住"),
    PlateState.stolen: _l("不见了"),
    PlateState.revoked: _l("作废（这个门不再用这块牌）"),
}


class PrintForm(Form):
    """Print plates for the doors of a village that have none."""

    village = SelectField(_l("村"), [DataRequired(_l("请选择村"))])
    layout = SelectField(_l("版式"), choices=LAYOUT_CHOICES, default="a3")
    most = IntegerField(
        _l("最多印几块"),
        [NumberRange(1, MOST_FROM_A_PAGE, message=_l("一次最多 %(max)d 块"))],
        default=MOST_FROM_A_PAGE,
    )


class StateForm(Form):
    """What somebody sees at a plate."""

    state = RadioField(
        _l("这块牌现在"),
        [DataRequired(_l("请选择"))],
        choices=choices((state.value, words) for state, words in SEEN.items()),
    )
    words = LineField(_l("说明（可以不填）"), longest=100)

    def limit_to(self, now: PlateState, may_revoke: bool, may_become: set[PlateState]) -> None:
        """Offer only what may follow, and revoking only to whom it belongs."""
        self.state.choices = choices(
            (state.value, words)
            for state, words in SEEN.items()
            if state in may_become and (may_revoke or state is not PlateState.revoked)
        )


class ReissueForm(Form):
    """A new plate for the same door."""

    layout = SelectField(_l("版式"), choices=LAYOUT_CHOICES, default="a3")
    keep_old = BooleanField(_l("新牌挂上以前，旧牌还能扫"))
    words = LineField(_l("原因"), [DataRequired(_l("请写明原因"))], longest=100)


__all__ = ["MOST_FROM_A_PAGE", "STATE_WORDS", "PrintForm", "ReissueForm", "StateForm"]
