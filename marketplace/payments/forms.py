"""What the operator of money types."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired, Optional, Regexp

from commons.forms import FenField, Form, LineField, ProseField


class CloseCaseForm(Form):
    """How a case was solved."""

    note = ProseField(_l("怎么解决的"), [DataRequired(message=_l("请写明怎么解决的"))], longest=1000)


class TermsForm(Form):
    """The platform's share of an area, in per cent, and the most that may be paid by hand there."""

    area = LineField(_l("哪里（2、4、6、9 或 12 位区划代码，空着是全部）"), [Optional()], longest=12)
    share = LineField(
        _l("平台服务费（百分之几）"),
        [
            DataRequired(message=_l("请写服务费，不收就写 0")),
            Regexp(r"^[0-9]{1,3}(\.[0-9]{1,2})?$", message=_l("服务费要写百分之几，例如 3 或 2.5")),
        ],
        longest=6,
    )
    limit = FenField(_l("当面付一单最多（元）"), [DataRequired(message=_l("请写金额"))])

    @property
    def share_points(self) -> int:
        """The share in basis points."""
        return int(Decimal(self.share.data or "0") * 100)
