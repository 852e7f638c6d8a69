"""Pickup points and delivery as buyers and the desk see them."""

from __future__ import annotations

from sqlalchemy import select

from commons import clock
from commons.accounts.permissions import Scope
from commons.db import db
from marketplace.fulfilment.models import DeliveryTerms, PickupPoint
from marketplace.fulfilment.rules import Week, next_cycle
from marketplace.orders.rules import Handover, Way


def ways_of(village_code: str) -> list[Handover]:
    """Return how the goods of a village can be had now: its pickup points, then by parcel."""
    ways = [_by_pickup(point) for point in points_of(village_code)]
    terms = terms_of(village_code)
    if terms is not None and terms.is_offered:
        name = "快递送货上门"
        ways.append(
            Handover("d", Way.delivery, name, fee_fen=terms.fee_fen, free_from_fen=terms.free_from_fen)
        )
    return ways


def points_of(village_code: str) -> list[PickupPoint]:
    """Return the pickup points of a village that are open."""
    open_ones = (PickupPoint.village_code == village_code, PickupPoint.closed_at.is_(None))
    return list(db.session.scalars(select(PickupPoint).where(*open_ones).order_by(PickupPoint.id)))


def _by_pickup(point: PickupPoint) -> Handover:
    week = Week(
        point.cutoff_day, point.cutoff_minute, point.pickup_day, point.from_minute, point.until_minute
    )
    cycle = next_cycle(week, clock.to_beijing(clock.now()))
    return Handover(
        f"p{point.id}", Way.pickup, point.name, point.address, closes_at=cycle.closes_at,
        ready_from=cycle.ready_from, ready_until=cycle.ready_until,
    )  # fmt: skip


def terms_of(village_code: str) -> DeliveryTerms | None:
    """Return the delivery terms of a village, if anything was ever said of them."""
    return db.session.get(DeliveryTerms, village_code)


def served_villages(most: int) -> list[str]:
    """Return up to *most* villages whose goods can be had now, in the order of their codes."""
    by_pickup = select(PickupPoint.village_code).where(PickupPoint.closed_at.is_(None))
    by_parcel = select(DeliveryTerms.village_code).where(DeliveryTerms.is_offered.is_(True))
    both = by_pickup.union(by_parcel).subquery()
    return list(db.session.scalars(select(both.c.village_code).order_by(both.c.village_code).limit(most)))


def kept_points(scope: Scope) -> list[PickupPoint]:
    """Return the pickup points that an official looks after, closed ones last."""
    where = scope.condition(PickupPoint.village_code)
    order = (PickupPoint.closed_at.is_not(None), PickupPoint.id)
    return list(db.session.scalars(select(PickupPoint).where(where).order_by(*order).limit(200)))


def kept_terms(scope: Scope) -> list[DeliveryTerms]:
    """Return the delivery terms that an official looks after."""
    where = scope.condition(DeliveryTerms.village_code)
    return list(
        db.session.scalars(select(DeliveryTerms).where(where).order_by(DeliveryTerms.village_code).limit(200))
    )
