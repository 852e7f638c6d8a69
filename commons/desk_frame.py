"""What surrounds every page of the desk: the place, the person at work, the ways to go."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeskLink:
    """One way in the desk's navigation; *waiting* is the number shown beside it, when there is one."""

    title: str
    url: str
    icon: str
    is_current: bool = False
    waiting: int = 0
    group: str = ""


@dataclass(frozen=True, slots=True)
class DeskEntry:
    """One line of the menu: a way of its own, or the ways of one group, which are shown while one is at work in it."""

    title: str
    links: tuple[DeskLink, ...]

    @property
    def is_current(self) -> bool:
        """Whether one is at work here."""
        return any(link.is_current for link in self.links)

    @property
    def waiting(self) -> int:
        """What waits in all of it."""
        return sum(link.waiting for link in self.links)


@dataclass(frozen=True, slots=True)
class DeskFrame:
    """Given to `commons/desk_base.html` as `desk`."""

    place: str
    person: str
    duty: str
    links: tuple[DeskLink, ...]
    lock_url: str
    leave_url: str = ""
    seal_path: str = ""
    account_url: str = ""

    @property
    def menu(self) -> tuple[DeskEntry, ...]:
        """The ways, those of one group in one line: a clerk's sixteen would not fit a window of 800 pixels."""
        groups: dict[str, list[DeskLink]] = {}
        for link in self.links:
            groups.setdefault(link.group or link.url, []).append(link)
        return tuple(
            DeskEntry(found[0].group if len(found) > 1 else found[0].title, tuple(found))
            for found in groups.values()
        )
