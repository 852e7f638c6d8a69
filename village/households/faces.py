"""Who somebody is, seen from one door: the columns of who_sees_what.csv that apply to the person here."""

from __future__ import annotations

from commons.accounts.models import Person
from commons.accounts.queries import appointments_of, current_person, current_sign_in
from village.households.queries import belongings_of, is_confirmed, lives_in_group
from village.households.rules import Piece, Sight, Viewer, may_see
from village.public import DoorRef

_AT_THE_DESK = {
    "officer": (Viewer.officer, Viewer.other_officer),
    "clerk": (Viewer.clerk, Viewer.other_clerk),
    "town": (Viewer.town, Viewer.stranger),
    "county": (Viewer.county, Viewer.stranger),
    "discipline": (Viewer.discipline, Viewer.stranger),
    "keeper": (Viewer.keeper, Viewer.stranger),
    "operator": (Viewer.operator, Viewer.stranger),
}


def viewers_at(door: DoorRef) -> frozenset[Viewer]:
    """
    Return what the person here is to *door*. Asked with every request; a stranger, when nobody is signed in.

    An official's duties count only at an unlocked desk: signed in by telephone, an official is a villager like others.
    """
    person, here = current_person(), current_sign_in()
    if person is None or here is None:
        return frozenset({Viewer.stranger})
    found = {Viewer.buyer, *_at_home(person, door)}
    if here.is_official:
        found |= _on_duty(person, door)
    return frozenset(found)


def _at_home(person: Person, door: DoorRef) -> set[Viewer]:
    found = set()
    if any(each.door_id == door.id for each in belongings_of(person.id)):
        found.add(Viewer.member if is_confirmed(person) else Viewer.member_unconfirmed)
    elif is_confirmed(person) and lives_in_group(person.id, door.village_code, door.group_no):
        found.add(Viewer.neighbour)
    return found


def _on_duty(person: Person, door: DoorRef) -> set[Viewer]:
    area = door.grid_area or door.village_code
    found = set()
    for held in appointments_of(person.id):
        inside, outside = _AT_THE_DESK.get(held.role, (Viewer.stranger, Viewer.stranger))
        found.add(inside if area.startswith(held.area) else outside)
    return found


class Eyes:
    """What the person here may see at one door: templates and pages ask this, and this asks the file."""

    def __init__(self, viewers: frozenset[Viewer]) -> None:
        self.viewers = viewers

    @classmethod
    def at(cls, door: DoorRef) -> Eyes:
        """Return the eyes of the person here at *door*."""
        return cls(viewers_at(door))

    def see(self, piece: str) -> bool:
        """Say whether *piece* is shown without more ado."""
        return may_see(self.viewers, Piece(piece)) is Sight.yes

    def ask(self, piece: str) -> bool:
        """Say whether *piece* may be opened by giving a reason."""
        return may_see(self.viewers, Piece(piece)) is Sight.with_reason
