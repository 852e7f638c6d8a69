"""
``expand[]``: an id in an answer becomes the object itself, up to four levels deep, all of one level in one question.

Whoever has objects registers who finds them (:func:`expands`), and what an object shows only when asked
(:func:`includes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from marketplace.payments.api.errors import bad_parameter
from marketplace.payments.api.params import Kind, Listing, Text
from marketplace.payments.api.registry import Call

DEEPEST = 4
EXPAND: dict[str, Kind] = {"expand": Listing(of=Text(longest=200), most=20)}

Shown = dict[str, Any]
Finder = Callable[[Call, list[str]], dict[str, Shown]]
Includer = Callable[[Call, list[Shown]], list[Any]]

_finders: dict[str, Finder] = {}
_includers: dict[tuple[str, str], Includer] = {}
_fields: dict[str, set[str]] = {}


def expands(prefix: str, **fields: Iterable[str]) -> Callable[[Finder], Finder]:
    """
    Register who finds objects whose ids begin with ``prefix_``, among those that the caller may see.

    *fields* says in which properties such an id stands: ``expands("cus", payment_intent=("customer",))``. The finder is
    given many ids at once and returns the objects it found by id.
    """

    def register(finder: Finder) -> Finder:
        _finders[prefix] = finder
        for kind, names in fields.items():
            _fields.setdefault(kind.replace("__", "."), set()).update(names)
        return finder

    return register


def includes(kind: str, name: str) -> Callable[[Includer], Includer]:
    """Register who fills the property *name*, which objects of *kind* show only when it is expanded."""

    def register(includer: Includer) -> Includer:
        _includers[(kind, name)] = includer
        return includer

    return register


def expanded(answer: Shown, call: Call) -> Shown:
    """Return *answer* with everything expanded that the call asks for."""
    for path in call.params.get("expand") or ():
        parts = path.split(".")
        is_list = answer.get("object") == "list"
        if not all(parts) or len(parts) > DEEPEST + is_list:
            raise bad_parameter(
                "expand", f"You cannot expand more than {DEEPEST} levels of a property ({path})."
            )
        if call.caller.is_publishable:
            raise _cannot(path)
        if is_list and parts[0] != "data":
            raise _cannot(path)
        here = list(answer["data"]) if is_list else [answer]
        _go(here, parts[1:] if is_list else parts, path, call)
    return answer


def _go(here: list[Shown], parts: list[str], path: str, call: Call) -> None:
    """Expand *parts* below every object of *here*, one level for all of them together."""
    if not here or not parts:
        return
    name, rest = parts[0], parts[1:]
    kinds = {each.get("object", "") for each in here}
    if not all(_is_expandable(kind, name, here) for kind in kinds):
        raise _cannot(path)
    for kind in kinds:
        of_kind = [each for each in here if each.get("object", "") == kind]
        _fill(of_kind, kind, name, call)
    below: list[Shown] = []
    for each in here:
        value = each.get(name)
        if isinstance(value, dict) and value.get("object") == "list" and rest[:1] == ["data"]:
            below += value["data"]
        elif isinstance(value, dict):
            below.append(value)
    if rest[:1] == ["data"]:
        rest = rest[1:]
    _go(below, rest, path, call)


def _is_expandable(kind: str, name: str, here: list[Shown]) -> bool:
    if (kind, name) in _includers or name in _fields.get(kind, ()):
        return True
    # A property that is an object of its own may be walked through: payment_method_details, data.object.
    return any(isinstance(each.get(name), dict) for each in here)


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


def _cannot(path: str) -> Exception:
    return bad_parameter("expand", f"This property cannot be expanded ({path}).")
