"""What the operator of money chooses about a webhook."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from commons.forms import Form, choices

OVERLAPS = {"0": _l("马上停用"), "1": _l("再用 1 小时"), "24": _l("再用 24 小时")}


class RollForm(Form):
    """How long the old secret goes on signing, in hours."""

    hours = RadioField(_l("旧密钥"), choices=choices(OVERLAPS), default="24")
