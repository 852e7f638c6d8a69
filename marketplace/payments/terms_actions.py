"""What an area decides about money. Runs inside the caller's ``transaction()``."""

from __future__ import annotations

from flask_babel import gettext as _

from commons import clock
from commons.db import db, locked
from marketplace.payments.connect.actions import sub_merchants
from marketplace.payments.connect.errors import ShareAboveCap
from marketplace.payments.connect.rules import ROYALTY_CAP_POINTS
from marketplace.payments.errors import BadTerms
from marketplace.payments.models import PaymentTerms, ShareDecision
from marketplace.payments.queries import AREA_LENGTHS, decided_for


def set_terms(area: str, *, share_points: int, offline_limit_fen: int) -> None:
    """
    Decide the platform's share and the limit of payments by hand for the places whose code begins with *area*, from now on.

    What was ordered before keeps its share.

    Raises:
        BadTerms: there is no such area, or it is no share.
        ShareAboveCap: sub-merchants sell there, out of whose trades Alipay lets nobody take so much; it names them.
    """
    if len(area) not in AREA_LENGTHS or not (area.isascii() and area.isdigit() or not area):
        raise BadTerms(_("地方要写 2、4、6、9 或 12 位区划代码，空着是全部"), field="area")
    if not 0 <= share_points <= 10_000 or offline_limit_fen < 0:
        raise BadTerms(_("服务费要写百分之几，例如 3 或 2.5"), field="share")
    held = [each for each in sub_merchants(area) if _decides_for(area, each.area)]
    if share_points > ROYALTY_CAP_POINTS and held:
        raise ShareAboveCap(share_points, ROYALTY_CAP_POINTS, [each.name or each.seller for each in held])
    row = locked(PaymentTerms, area)
    if row is None:
        row = PaymentTerms(area=area)
        db.session.add(row)
    row.share_points, row.offline_limit_fen = share_points, offline_limit_fen
    row.changed_at = clock.now()
    db.session.add(ShareDecision(area=area, share_points=share_points, decided_at=row.changed_at))


def _decides_for(area: str, place: str) -> bool:
    """Say whether no nearer area than *area* has decided for *place*."""
    nearest = decided_for(place)
    return nearest is None or len(nearest.area) <= len(area)
