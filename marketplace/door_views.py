"""What the market shows on a door's page: frozen values that a template can show and nothing else. Pure."""

from __future__ import annotations

from dataclasses import dataclass

ARTISANS_SHOWN = 3
PRODUCE_SHOWN = 4


@dataclass(frozen=True, slots=True)
class ArtisanRow:
    """
    A craftsman who chose to be shown.

    *name* is empty where the village passes calls on: then *phone* is the village's duty line. *trade_icon* is a name from
    `commons/components/icon.html`; *distance* is text in half-kilometre steps.
    """

    trade: str
    phone: str
    name: str = ""
    distance: str = ""
    trade_icon: str = "tool"
    is_passed_on: bool = False
    is_certified: bool = False


@dataclass(frozen=True, slots=True)
class ArtisanSection:
    """Up to three craftsmen, and the way to all of them."""

    artisans: tuple[ArtisanRow, ...]
    total: int
    url: str


@dataclass(frozen=True, slots=True)
class ProduceCard:
    """One thing for sale: never the seller's surname, never how much is left."""

    name: str
    yuan: str
    unit: str
    url: str
    drawing: str
    note: str = ""
    is_sold_out: bool = False


@dataclass(frozen=True, slots=True)
class ProduceSection:
    """Up to four goods, and the way into the market."""

    goods: tuple[ProduceCard, ...]
    url: str
