"""
Who may do what: one table of (role, action, scope), asked before every page and inside every query.

A page names its action with ``@allow``; a hook in front of all pages refuses whoever holds no scope for it, so that a page
cannot forget to ask. Within the page, queries keep to the scope: ``current_scope("see-matters").condition(column)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from flask import Flask, current_app, has_request_context, request
from sqlalchemy import ColumnElement, false, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from commons.accounts.errors import ConsentNeeded, DeskLocked
from commons.accounts.models import Person
from commons.accounts.queries import appointments_of, current_sign_in, has_agreed_now
from commons.accounts.rules import ROLES
from commons.db import prefix_range
from commons.errors import NotAllowed, SignInNeeded

log = structlog.get_logger(__name__)

View = TypeVar("View", bound=Callable[..., Any])

SCOPES = ("all", "own", "household", "grid", "village", "town", "county")
# Whoever is signed in holds "account"; "person" only those who agreed to the text of today.
_WITHOUT_AREA = ("anyone", "account", "person")
ALL_ROLES = (*_WITHOUT_AREA, *ROLES)
# How much of an appointment's area code counts: a grid officer whose scope is "village" acts in the whole village.
_DEPTH = {"grid": 20, "village": 12, "town": 9, "county": 6}
_VILLAGE_DIGITS = 12

_table: dict[str, set[tuple[str, str]]] = {}
_acting: ContextVar[int | None] = ContextVar("acting", default=None)


def grant(role: str, action: str, scope: str = "all") -> None:
    """
    Write one line of the table; repeating it changes nothing.

    Roles are ``anyone``, ``account``, ``person`` and the officials' (``rules.ROLES``). For an official, ``grid`` to ``county`` mean
    the appointment's area widened to that level, ``all`` means everywhere, and ``own`` what bears the official's own number.
    """
    if role not in ALL_ROLES or scope not in SCOPES:
        raise ValueError(f"no such role or scope: {role}, {scope}")
    if role in _WITHOUT_AREA and scope in _DEPTH:
        raise ValueError(f"{role} holds no area")
    _table.setdefault(action, set()).add((role, scope))


def granted(action: str) -> frozenset[tuple[str, str]]:
    """Return who holds *action*, as pairs of role and scope; empty for an action nobody was given."""
    return frozenset(_table.get(action, ()))


def allow(action: str) -> Callable[[View], View]:
    """Say which action a page is; stands directly above the page's function, beneath its route."""

    def mark(view: View) -> View:
        view.action = action  # type: ignore[attr-defined]
        return view

    return mark


def cover(app: Flask, endpoint: str, action: str) -> None:
    """Name the action of an endpoint whose function is not ours to mark, such as Flask's own ``static``."""
    app.extensions.setdefault("covered_endpoints", {})[endpoint] = action


def action_of(app: Flask, endpoint: str) -> str | None:
    """Return the action that *endpoint* names, or None if it names none."""
    named: str | None = getattr(app.view_functions.get(endpoint), "action", None)
    return named or app.extensions.get("covered_endpoints", {}).get(endpoint)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where somebody may do one action. False when nowhere."""

    is_all: bool = False
    areas: tuple[str, ...] = ()
    own_id: int | None = None
    is_household: bool = False

    def __bool__(self) -> bool:
        return self.is_all or bool(self.areas) or self.own_id is not None or self.is_household

    def covers(self, area: str) -> bool:
        """Say whether the scope reaches *area* as a whole (a code of 6, 9 or 12 digits, or a grid's ``…-03``)."""
        return self.is_all or any(area.startswith(held) for held in self.areas)

    def reaches(self, area: str, owner_id: int) -> bool:
        """Say whether the scope covers *area*, or the row in it is the own one: that of the person *owner_id*."""
        return self.covers(area) or self.own_id == owner_id

    def condition(
        self,
        column: InstrumentedAttribute[str],
        *,
        grid: InstrumentedAttribute[Any] | None = None,
        owner: InstrumentedAttribute[Any] | None = None,
    ) -> ColumnElement[bool]:
        """
        Return the SQL condition that a row lies in this scope; for nobody it is never true.

        *column* holds the village's code (12 digits). *grid* holds the grid's area (``<12 digits>-NN``); without it a row is
        not reached by a scope that is a grid. *owner* holds the number of the person whose row it is.
        """
        if self.is_all:
            return true()
        parts: list[ColumnElement[bool]] = []
        for area in self.areas:
            is_grid = len(area) > _VILLAGE_DIGITS
            parts.append(prefix_range(grid if is_grid and grid is not None else column, area))
        if owner is not None and self.own_id is not None:
            parts.append(owner == self.own_id)
        return or_(*parts) if parts else false()


def scope_for(
    action: str, person_id: int | None, held: list[tuple[str, str]], *, has_agreed: bool = True
) -> Scope:
    """Return the scope of *action* for a person who holds the pairs (role, area) of *held*; no person means a stranger."""
    lines = granted(action)
    everywhere, household, own = ("anyone", "all") in lines, False, None
    areas: set[str] = set()
    if person_id is not None:
        for role, area in [("account", ""), *([("person", "")] if has_agreed else []), *held]:
            for scope in (scope for holder, scope in lines if holder == role):
                everywhere = everywhere or scope == "all"
                household = household or scope == "household"
                own = person_id if scope == "own" else own
                if scope in _DEPTH and area:
                    areas.add(area[: _DEPTH[scope]])
    return Scope(everywhere, tuple(sorted(areas)), own, household)


def current_scope(action: str) -> Scope:
    """
    Return where the person here may do *action*; asked anew with every request, so that a change of role works at once.

    An official's roles count only at an unlocked desk: signed in by telephone code alone, an official is a person like others. At the
    desk they are that person too, own household and orders included: the telephone was proved before the second factor was set.
    What belongs to a person is open to nobody who has not agreed to the text of today, at the desk neither.
    """
    acting = _acting.get()
    if acting is not None:
        return scope_for(action, acting, _held(acting))
    here = current_sign_in()
    if here is None or here.is_locked:
        return scope_for(action, None, [])
    held = _held_now(here.person_id) if here.is_official else []
    has_agreed = not _asks_for_consent(action) or has_agreed_now(here.person_id)
    return scope_for(action, here.person_id, held, has_agreed=has_agreed)


def _asks_for_consent(action: str) -> bool:
    return any(role == "person" for role, _ in granted(action))


def _held(person_id: int) -> list[tuple[str, str]]:
    return [(each.role, each.area) for each in appointments_of(person_id)]


def _held_now(person_id: int) -> list[tuple[str, str]]:
    if not has_request_context():
        return _held(person_id)
    key = "xiangqingma.held"
    kept: tuple[int, list[tuple[str, str]]] | None = request.environ.get(key)
    if kept is None or kept[0] != person_id:
        kept = (person_id, _held(person_id))
        request.environ[key] = kept
    return kept[1]


@contextmanager
def acting_as(person: Person | int) -> Iterator[None]:
    """Let queries and actions outside a page run with the scopes of *person*, as at an unlocked desk: commands and tests."""
    token = _acting.set(person if isinstance(person, int) else person.id)
    try:
        yield
    finally:
        _acting.reset(token)


def require_scope(action: str, area: str) -> None:
    """
    Refuse unless the person here may do *action* in *area*.

    Raises:
        NotAllowed: the scope does not reach the area.
    """
    if not current_scope(action).covers(area):
        raise NotAllowed()


def refuse_strangers() -> None:
    """Stand in front of every page: raise unless the person here holds some scope for the page's action."""
    endpoint = request.endpoint
    if endpoint is None:
        return
    action = action_of(current_app, endpoint)
    if action is None:
        log.error("route_without_action", endpoint=endpoint)
        raise NotAllowed()
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        current_sign_in()  # so that the audit knows who acts
    # A page for everyone does not look at cookies: a door's page is the same for all.
    if ("anyone", "all") in granted(action) or current_scope(action):
        return
    here = current_sign_in()
    if here is None:
        raise SignInNeeded()
    if here.is_locked:
        raise DeskLocked()
    raise (
        ConsentNeeded() if _asks_for_consent(action) and not has_agreed_now(here.person_id) else NotAllowed()
    )
