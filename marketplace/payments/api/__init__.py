"""
The interface for programs at ``/v1``: Stripe's shapes in front of the actions of payments. It adds no action of its own.

An endpoint is a function of one :class:`registry.Call` that returns an object (a dict with ``object``)::

    @endpoint("POST", "/v1/payouts", Params(amount=Int(required=True, least=1), metadata=Metadata()), answers="payout")
    def create_payout(call: Call) -> Answer:
        row = actions.ask_for_payout(call.account, call.params["amount"], livemode=call.livemode)
        return payout_object(row)

* It is read, authenticated and counted before the function runs; ``call.params`` holds only what was given, an unset
  parameter (``name=``) as None. Unknown, missing and wrong parameters are refused by ``params.py``.
* POST and DELETE run inside one ``transaction()``, in which the first answer for an ``Idempotency-Key`` is kept too, so
  actions are called directly. An endpoint that has to speak with a gateway says ``talks=True``: it runs outside, opens its
  own transactions, and must be safe to repeat.
* Every row it reads or changes has to be the caller's: ``livemode == call.livemode`` and ``account == call.account``.
* It refuses with ``errors.ApiError`` (``no_such("payout", id)``); a ``Refusal`` of an action becomes 400 with its code.
* A list is ``lists.page(call, "/v1/payouts", select(…), Model, show)`` with ``Params(**DATED)``.
* What may be expanded is registered with ``expand.expands``, ``expand.includes`` and ``expand.lists``, and looked at before
  the function runs.

The module with the endpoints has to be imported before ``api.init_app`` runs: add it to ``payments/__init__.py``.
"""

from __future__ import annotations

from flask import Flask

from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Serve what was registered, and add the commands for keys. Runs after every module with endpoints was imported."""
    from marketplace.payments.api import (  # noqa: F401
        charges,
        commands,
        customers,
        events,
        front,
        payment_intents,
        payment_methods,
        refunds,
    )

    front.init_app(app)
    app.cli.add_command(commands.group)
