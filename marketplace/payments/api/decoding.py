"""
Reading a form as Stripe's clients write it: ``a[b][0]=x``, brackets encoded or not, ``a[]=x`` from a shell.

What comes out is a tree of dicts and texts; which dict is a list, the parameter's own description knows.
"""

from __future__ import annotations

import hashlib
import json
from urllib.parse import parse_qsl

from marketplace.payments.api.errors import ApiError, bad_parameter

Tree = dict[str, "str | Tree"]

MOST_FIELDS = 1000
DEEPEST = 8


def decode(text: str) -> Tree:
    """Return the tree that the query or form *text* describes."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except (ValueError, UnicodeDecodeError) as error:
        raise ApiError("Invalid form encoding") from error
    tree: Tree = {}
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise bad_parameter(name.replace("\x00", ""), "Invalid character: NUL")
        _put(tree, split_name(name), name, value)
    return tree


def split_name(name: str) -> list[str]:
    """Return the parts of ``a[b][]``; a name whose brackets do not match is one part, and so unknown later."""
    head, bracket, rest = name.partition("[")
    if not bracket:
        return [name]
    if not head or not rest.endswith("]"):
        return [name]
    parts = rest[:-1].split("][")
    if any("[" in part or "]" in part for part in parts):
        return [name]
    return [head, *parts]


def _put(tree: Tree, parts: list[str], name: str, value: str) -> None:
    if len(parts) > DEEPEST:
        raise bad_parameter(name, "Invalid nesting: too deep")
    here = tree
    for index, part in enumerate(parts[:-1]):
        key = _slot(here, parts[index + 1]) if part == "" else part
        below = here.setdefault(key, {})
        if isinstance(below, str):
            raise bad_parameter(name, f"Invalid nesting of parameter {parts[0]}")
        here = below
    key = parts[-1] or str(len(here))
    if isinstance(here.get(key), dict):
        raise bad_parameter(name, f"Invalid nesting of parameter {parts[0]}")
    here[key] = value


def _slot(items: Tree, following: str) -> str:
    """Return the item that ``a[][x]`` belongs to: the last one, until it has an ``x`` already."""
    last = str(len(items) - 1)
    known = items.get(last)
    return last if isinstance(known, dict) and following not in known else str(len(items))


def fingerprint(method: str, path: str, account: str, tree: Tree) -> str:
    """Return a mark that is equal for equal requests, however their fields were ordered or escaped."""
    text = json.dumps(
        [method, path, account, tree], sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()
