"""The table of endpoints. A module adds its own by one decorator; see the package's docstring."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from marketplace.payments.api.keys import Caller
from marketplace.payments.api.params import Params

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """
    One call, authenticated and read: who, about which objects of the path, with what.

    *is_resumed*: the same call, by its idempotency key, was begun before by somebody who died over it.
    """

    caller: Caller
    params: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    is_resumed: bool = False
    kind: str = "object"  # what is answered, or listed

    @property
    def id(self) -> str:
        """The object that the path names."""
        return self.ids["id"]

    @property
    def livemode(self) -> bool:
        """Whether real money is spoken of."""
        return self.caller.livemode

    @property
    def account(self) -> str:
        """The account that the call is restricted to; empty is the platform."""
        return self.caller.account


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path: what it takes, what it answers, and what it does."""

    method: str
    path: str
    handler: Handler
    params: Params
    answers: str
    is_list: bool = False
    publishable: bool = False
    talks: bool = False

    @property
    def name(self) -> str:
        """A name that no other endpoint has."""
        return re.sub(r"[^a-z0-9]+", "_", f"{self.method.lower()}{self.path}").strip("_")


ENDPOINTS: dict[str, Endpoint] = {}


def endpoint(
    method: str,
    path: str,
    params: Params | None = None,
    *,
    answers: str,
    publishable: bool = False,
    talks: bool = False,
) -> Callable[[Handler], Handler]:
    """
    Register the handler of *method* ``GET``, ``POST`` or ``DELETE`` on *path*, such as ``/v1/refunds/<id>``.

    *answers* is the ``object`` of the answer, ``"list:refund"`` for a list of them. *publishable* endpoints may be called
    by a publishable key, and must look at ``call.caller.is_publishable`` themselves. A handler that *talks* speaks with a
    gateway: it runs outside ``transaction()``, opens its own, and has to be safe to repeat. Any other handler of POST
    or DELETE runs inside one.
    """

    def register(handler: Handler) -> Handler:
        is_list = answers.startswith("list:")
        made = Endpoint(
            method,
            path,
            handler,
            params or Params(),
            answers.removeprefix("list:"),
            is_list,
            publishable,
            talks,
        )
        known = ENDPOINTS.get(made.name)
        if known is not None and known.handler.__module__ != handler.__module__:
            raise RuntimeError(f"{method} {path} has a handler already")
        ENDPOINTS[made.name] = made
        return handler

    return register
