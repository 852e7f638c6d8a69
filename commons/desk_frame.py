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
