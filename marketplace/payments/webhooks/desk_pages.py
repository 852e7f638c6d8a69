"""What the operator of money sees and does about webhooks: where events go, every attempt, and sending one again."""

from __future__ import annotations

import json
from datetime import timedelta

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons import audit, slots
from commons.accounts.permissions import allow
from commons.db import db, transaction
from commons.desk import desk_link
from commons.desk_frame import DeskLink
from commons.paging import asked_page
from marketplace.payments.objects import event_object
from marketplace.payments.webhooks import queries
from marketplace.payments.webhooks.actions import replay, roll_secret
from marketplace.payments.webhooks.claiming import pending_webhooks
from marketplace.payments.webhooks.forms import RollForm
from marketplace.payments.webhooks.words import STATE_WORDS, TROUBLE_WORDS

bp = Blueprint("webhooks_desk", __name__, template_folder="../../templates", url_prefix="/desk/webhooks")


def init_app(app: Flask) -> None:
    """Add the pages, and their way in the desk's navigation."""
    app.register_blueprint(bp)
    slots.fill(app, "desk-nav", _way, order=81)


def _way(person: object) -> DeskLink | None:
    link = desk_link("see-payments", _("事件推送"), "/desk/webhooks", "bolt")
    if link is None:
        return None
    return desk_link("see-payments", link.title, link.url, link.icon, waiting=queries.count_in_trouble())


@bp.get("")
@allow("see-payments")
def show_endpoints() -> str:
    """The operator of money sees where events are sent, and whether they arrive."""
    return render_template(
        "marketplace/payments/webhooks/endpoints.html",
        endpoints=queries.all_endpoints(),
        counts=queries.states_of_deliveries(),
    )


@bp.get("/<endpoint_id>")
@allow("see-payments")
def show_endpoint(endpoint_id: str) -> str:
    """The operator of money sees one endpoint and what was sent to it."""
    return _endpoint_page(endpoint_id, RollForm())


@bp.post("/<endpoint_id>/secret")
@allow("handle-payments")
def roll(endpoint_id: str) -> str:
    """The operator of money gives an endpoint a new secret and reads it, this once."""
    form = RollForm()
    form.require()
    with transaction():
        secret = roll_secret(endpoint_id, timedelta(hours=int(form.hours.data)))
        audit.record("webhook.secret_rolled", subject=f"webhook:{endpoint_id}", hours=int(form.hours.data))
    return _endpoint_page(endpoint_id, form, secret)


@bp.get("/deliveries/<int:delivery_id>")
@allow("see-payments")
def show_delivery(delivery_id: int) -> str:
    """The operator of money sees one event on its way to one address, with every attempt."""
    row, event = queries.the_delivery(delivery_id)
    told = event_object(event, pending_webhooks([event.id]).get(event.id, 0))
    return render_template(
        "marketplace/payments/webhooks/delivery.html",
        row=row,
        event=event,
        endpoint=queries.the_endpoint(row.endpoint_id),
        body=json.dumps(_without_secrets(told), ensure_ascii=False, indent=2),
        attempts=queries.attempts_of(delivery_id),
        state_words=STATE_WORDS,
        trouble_words=TROUBLE_WORDS,
    )


@bp.post("/deliveries/<int:delivery_id>/replay")
@allow("handle-payments")
def send_again(delivery_id: int) -> Response:
    """The operator of money has one event sent once more, now."""
    with transaction():
        row = replay(delivery_id)
        audit.record("webhook.replayed", subject=f"webhook:{row.endpoint_id}", event=row.event_id)
    flash(_("已安排重新推送，过几秒刷新本页看结果"))
    return redirect(url_for("webhooks_desk.show_delivery", delivery_id=delivery_id), 303)


def _endpoint_page(endpoint_id: str, form: RollForm, secret: str = "") -> str:
    db.session.expire_all()
    return render_template(
        "marketplace/payments/webhooks/endpoint.html",
        endpoint=queries.the_endpoint(endpoint_id),
        page=queries.deliveries_to(endpoint_id, asked_page()),
        state_words=STATE_WORDS,
        form=form,
        secret=secret,
    )


def _without_secrets(told: dict[str, object]) -> dict[str, object]:
    """Return the event as the desk may see it: whoever reads over a shoulder could pay with a client secret."""
    data = told["data"]
    assert isinstance(data, dict)
    shown = {
        name: "…" if name == "client_secret" and value else value for name, value in data["object"].items()
    }
    return told | {"data": {"object": shown}}
