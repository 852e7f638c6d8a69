"""
``expand[]``: an id in an answer becomes the object itself, up to four levels deep, all of one level in one question.

Whoever has objects registers who finds them (:func:`expands`), what an object shows only when asked (:func:`includes`), and
the lists that it always shows (:func:`lists`). What may be expanded follows from that alone, so :func:`check_paths` knows it
before anything is done and whatever the data are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from marketplace.payments.api.errors import ApiError, bad_parameter
from marketplace.payments.api.params import Kind, Listing, Text
from marketplace.payments.api.registry import Call, Endpoint

DEEPEST = 4
EXPAND: dict[str, Kind] = {"expand": Listing(of=Text(longest=200), most=20)}

Shown = dict[str, Any]
Finder = Callable[[Call, list[str]], dict[str, Shown]]
Includer = Callable[[Call, list[Shown]], list[Any]]
Place = tuple[str, str]  # a kind of object and one of its properties

_finders: dict[str, Finder] = {}
_includers: dict[Place, Includer] = {}
_leads: dict[Place, set[str]] = {}  # the kinds of objects that may stand in a place
_lists: set[Place] = set()


def expands(prefix: str, kind: str, **fields: Iterable[str]) -> Callable[[Finder], Finder]:
    """
    Register who finds objects of *kind*, whose ids begin with ``prefix_``, among those that the caller may see.

    *fields* says in which properties such an id stands: ``expands("cus", "customer", payment_intent=("customer",))``. The
    finder is given many ids at once and returns the objects it found by id.
    """

    def register(finder: Finder) -> Finder:
        _finders[prefix] = finder
        for holder, names in fields.items():
            for name in names:
                _leads.setdefault((holder, name), set()).add(kind)
        return finder

    return register


def includes(holder: str, name: str, of: str) -> Callable[[Includer], Includer]:
    """Register who fills the list *name* of objects of the kind *of*, which a *holder* shows only when it is expanded."""

    def register(includer: Includer) -> Includer:
        _includers[(holder, name)] = includer
        lists(holder, name, of)
        return includer

    return register


def lists(holder: str, name: str, of: str) -> None:
    """Register that a *holder* has the list *name* of objects of the kind *of*, in which more can be expanded."""
    _lists.add((holder, name))
    _leads[(holder, name)] = {of}


def check_paths(called: Endpoint, call: Call) -> None:
    """
    Refuse what cannot be expanded in the endpoint's answers.

    Raises:
        ApiError: too deep, not expandable, or asked for by a browser.
    """
    for path in call.params.get("expand") or ():
        parts = path.split(".")
        if not all(parts) or len(parts) > DEEPEST + called.is_list:
            raise bad_parameter(
                "expand", f"You cannot expand more than {DEEPEST} levels of a property ({path})."
            )
        if call.caller.is_publishable or (called.is_list and parts[0] != "data"):
            raise _cannot(path)
        if not _is_expandable({called.answers}, parts[1:] if called.is_list else parts):
            raise _cannot(path)


def _is_expandable(kinds: set[str], parts: list[str]) -> bool:
    if not parts:
        return True
    places = [(kind, parts[0]) for kind in kinds]
    below = {each for place in places for each in _leads.get(place, ())}
    rest = parts[1:]
    if rest and any(place in _lists for place in places):
        return rest[0] == "data" and _is_expandable(below, rest[1:])
    return bool(below) and _is_expandable(below, rest)


def expanded(answer: Shown, call: Call) -> Shown:
    """Return *answer* with everything expanded that the call asks for; what that may be was checked before."""
    for path in call.params.get("expand") or ():
        parts = path.split(".")
        if answer.get("object") == "list":
            _go(list(answer["data"]), parts[1:], call)
        else:
            _go([answer], parts, call)
    return answer


def _go(here: list[Shown], parts: list[str], call: Call) -> None:
    """Expand *parts* below every object of *here*, one level for all of them together."""
    if not here or not parts:
        return
    name, rest = parts[0], parts[1:]
    for kind in {each.get("object", "") for each in here}:
        if (kind, name) in _leads:  # the others have nothing of that name
            _fill([each for each in here if each.get("object", "") == kind], kind, name, call)
    below: list[Shown] = []
    for each in here:
        value = each.get(name)
        if isinstance(value, dict):
            below += value["data"] if value.get("object") == "list" else [value]
    _go(below, rest[1:] if rest[:1] == ["data"] else rest, call)


def _fill(here: list[Shown], kind: str, name: str, call: Call) -> None:
    includer = _includers.get((kind, name))
    if includer is not None:
        wanted = [each for each in here if not isinstance(each.get(name), dict)]
        for each, value in zip(wanted, includer(call, wanted), strict=True):
            each[name] = value
        return
    ids: dict[str, list[str]] = {}
    for each in here:
        value = each.get(name)
        if isinstance(value, str):
            ids.setdefault(value.partition("_")[0], []).append(value)
    for prefix, keys in ids.items():
        finder = _finders.get(prefix)
        found = finder(call, list(dict.fromkeys(keys))) if finder else {}
        for each in here:
            value = each.get(name)
            if isinstance(value, str) and value in found:
                each[name] = dict(found[value])


def _cannot(path: str) -> ApiError:
    return bad_parameter("expand", f"This property cannot be expanded ({path}).")
