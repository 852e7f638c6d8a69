"""What the page of a door says: frozen values that a template can show and nothing else. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from village.notices.views import CalendarLeaf, NoticeRow

NOTICES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class AffairLinks:
    """Where the four affairs lead: 党务, 政务, 村务, 商务."""

    party: str
    government: str
    village: str
    commerce: str


@dataclass(frozen=True, slots=True)
class DoorLinks:
    """Where else one may go from a door."""

    affairs: AffairLinks
    notices: str
    report: str
    sign_in: str


@dataclass(frozen=True, slots=True)
class PlateFace:
    """What is written on the plate itself."""

    town: str
    village: str
    group: str
    number: str
    code_text: str
    grid_label: str = ""
    seal_path: str = ""

    @property
    def name(self) -> Markup:
        """The place in one line, for the window's title; the marks of a shell are markup and stay so."""
        return Markup("{}{}{}号").format(self.village, self.group, self.number)


@dataclass(frozen=True, slots=True)
class DoorPage:
    """Everything a stranger sees after a scan. The same for an occupied and an empty house."""

    plate: PlateFace
    duty_phone: str
    links: DoorLinks
    notices: tuple[NoticeRow, ...] = ()
    notices_total: int = 0
    guest_sections: tuple[Markup, ...] = field(default=())
    is_demonstration: bool = False


@dataclass(frozen=True, slots=True)
class OldPlate:
    """A plate that was ours and no longer counts. It sends nobody elsewhere; it gives the duty telephone."""

    code_text: str
    village: str
    duty_phone: str
    seal_path: str = ""


__all__ = [
    "AffairLinks", "CalendarLeaf", "DoorLinks", "DoorPage", "NOTICES_SHOWN", "NoticeRow", "OldPlate", "PlateFace",
]  # fmt: skip
