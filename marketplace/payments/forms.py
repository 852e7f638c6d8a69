"""What the operator of money types."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired

from commons.forms import Form, ProseField


class CloseCaseForm(Form):
    """How a case was solved."""

    note = ProseField(_l("怎么解决的"), [DataRequired(message=_l("请写明怎么解决的"))], longest=1000)
