"""Why something about a webhook cannot be done."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Conflict


class EndpointGone(Conflict):
    """The endpoint was deleted or switched off, so nothing is sent to it."""

    code = "webhook_endpoint_disabled"

    def __init__(self) -> None:
        super().__init__(_("这个接收地址已经停用，不能再发"))
