"""Trades, the choice of being called, and how far away somebody is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

from commons.errors import _n
from geocode import cells


class Contact(StrEnum):
    """What an artisan chose: the own telephone in public, or calls passed on by the village."""

    public = "public"
    relay = "relay"


CONTACT_WORDS = {Contact.public: _n("公开电话"), Contact.relay: _n("由村里转")}


class ConsentWay(StrEnum):
    """How the choice was recorded."""

    in_person = "in_person"
    paper = "paper"
    phone = "phone"


CONSENT_WAY_WORDS = {
    ConsentWay.in_person: _n("当面说定"),
    ConsentWay.paper: _n("签了字的纸"),
    ConsentWay.phone: _n("打电话说定"),
}


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade, and the picture it is known by."""

    key: str
    words: str
    icon: str


TRADES = (
    Trade("carpenter", _n("木工门窗"), "hammer"),
    Trade("electrician", _n("水电维修"), "bolt"),
    Trade("mason", _n("泥瓦砌墙"), "tool"),
    Trade("tractor", _n("机耕收割"), "tractor"),
    Trade("tailor", _n("裁衣改衣"), "tool"),
    Trade("plumber", _n("通马桶下水"), "tool"),
    Trade("bulb", _n("换灯泡小修"), "bolt"),
    Trade("welder", _n("电焊铁活"), "tool"),
    Trade("barber", _n("上门理发"), "tool"),
    Trade("cook", _n("红白喜事掌勺"), "tool"),
    Trade("weaver", _n("竹编藤编"), "tool"),
    Trade("vet", _n("兽医配种"), "tool"),
)
TRADE_OF = {trade.key: trade for trade in TRADES}

STEP_KM = 0.5
EARTH_RADIUS_KM = 6371.0088
# Rings of resolution-8 cells within which somebody still counts as near: about ten kilometres.
NEAR_RINGS = 12


def distance_km(one_cell: int, other_cell: int) -> float:
    """
    Return the distance between two resolution-8 cells in steps of half a kilometre, at least half a kilometre.

    Both ends are cells of some 0.7 km² and not homes, and the answer is rounded up to a step, so that asking from many doors
    does not locate a house.
    """
    here, there = cells.cell_to_latlng(one_cell), cells.cell_to_latlng(other_cell)
    return (int(_kilometres(here, there) / STEP_KM) + 1) * STEP_KM


def _kilometres(here: tuple[float, float], there: tuple[float, float]) -> float:
    """The great circle on a sphere of the earth's mean radius (haversine)."""
    (lat, lng), (other_lat, other_lng) = (map(radians, place) for place in (here, there))
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lng - lng) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))


def is_listed(verified: bool, withdrawn: bool, certificate_until: date | None, today: date) -> bool:
    """Say whether an artisan appears: verified, not withdrawn, and the certificate (where there is one) still good today."""
    return verified and not withdrawn and (certificate_until is None or today <= certificate_until)
