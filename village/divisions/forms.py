"""Forms about villages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SubmitField
from wtforms.validators import DataRequired

from commons.forms import Form, LineField


class VillageForm(Form):
    """How a village is called on pages and plates, and where its duty rings."""

    name = LineField(_l("村名（页面和门牌上用）"), [DataRequired(_l("请填写村名"))], longest=30)
    duty_phone = LineField(_l("值班电话（印在门牌上）"), [DataRequired(_l("请填写值班电话"))], longest=20)
    save = SubmitField(_l("保存"))
