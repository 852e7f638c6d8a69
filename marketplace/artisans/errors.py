"""What can be wrong with an entry in the list of artisans."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Conflict, Refusal


class UnknownTrade(Refusal):
    """No such trade."""

    code = "unknown_trade"

    def __init__(self) -> None:
        super().__init__(_("请至少选一门手艺"), field="trades")


class CertificateOver(Refusal):
    """The certificate has expired already."""

    code = "certificate_over"

    def __init__(self) -> None:
        super().__init__(_("这张证已经过期，请换了新证再登记"), field="certificate_until")


class WithdrawnBefore(Conflict):
    """The person has withdrawn and must choose anew."""

    code = "withdrawn_before"

    def __init__(self) -> None:
        super().__init__(_("本人已经撤回，要重新登记一次"))
