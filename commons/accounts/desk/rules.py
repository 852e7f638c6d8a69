"""Which roles each role may appoint, and in how deep an area each role is held."""

from __future__ import annotations

import re

from commons.errors import _n

APPOINTS = {
    "town": ("officer", "clerk", "keeper"),
    "county": ("officer", "clerk", "keeper", "town", "discipline"),
    "operator": ("officer", "clerk", "keeper", "town", "discipline", "county", "operator"),
}

AREA_SHAPES = {
    "officer": re.compile(r"[0-9]{12}-[0-9]{2}"),
    "clerk": re.compile(r"[0-9]{12}"),
    "keeper": re.compile(r"[0-9]{12}"),
    "town": re.compile(r"[0-9]{9}"),
    "discipline": re.compile(r"[0-9]{9}"),
    "county": re.compile(r"[0-9]{6}"),
    "operator": re.compile(r"([0-9]{6})?"),
}

AREA_WORDS = {
    "officer": "12 位村代码、短横、2 位网格号，例如 429005103218-03",
    "clerk": "12 位村代码",
    "keeper": "12 位村代码",
    "town": "9 位乡镇代码",
    "discipline": "9 位乡镇代码",
    "county": "6 位县代码",
    "operator": "留空，或 6 位县代码",
}


DISABLE_REASONS = {
    "left": _n("离岗，或长期不在"),
    "stolen": _n("密码、手机可能到了别人手里"),
    "other": _n("别的原因"),
}


def may_appoint(held: set[str], role: str) -> bool:
    """Say whether somebody who holds the roles *held* may appoint to *role*."""
    return any(role in APPOINTS.get(each, ()) for each in held)


def area_fault(role: str, area: str) -> str:
    """Return what is wrong with *area* for *role*, or nothing."""
    return "" if AREA_SHAPES[role].fullmatch(area) else f"范围应填：{AREA_WORDS[role]}"


def next_step(second_factor: str, must_change_password: bool, *, is_proved: bool) -> str:
    """Return what is still to come after the password: ``enrol``, ``code``, ``password`` or ``in``."""
    if not is_proved:
        return "code" if second_factor else "enrol"
    return "password" if must_change_password else "in"
