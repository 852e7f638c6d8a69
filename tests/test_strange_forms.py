"""
Every form of the demonstration is sent with nonsense in one field after another, and none of it is a fault of ours.

The forms are found by walking the pages as a stranger, as somebody who buys and farms, and as an official who holds every
office, so that a new form is tried from its first day. A fault raises through the test's client.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote_from_bytes, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from commons.accounts.models import Appointment, Official, Person
from commons.accounts.queries import person_of_phone
from commons.db import db, transaction
from commons.demonstration import load
from commons.throttle import ThrottleCount
from tests.commons.accounts.browsing import submit
from tests.make.people import make_appointment, sign_in

ODD_WORDS = [
    b"\x00%s{{7}}",
    b"9" * 20,
]  # bytes that are no text are stopped in one place: tests/commons/test_sent.py
ODD_TIMES = [b"0001-01-01T00:00", b"9999-12-31T23:59"]
ODD_DAYS = [b"0001-01-01", b"9999-12-31"]
# These only end what the walk itself needs.
ENDINGS = {"/sign-out", "/desk/lock", "/me/sign-ins/end", "/me/close", "/desk/account/password"}
FILLING = {
    "phone": "10000000077", "name": "甲", "title": "题", "words": "话", "price": "3", "stock": "5", "public_name": "甲", "group_words": "一组",
    "fee": "8", "signed_by": "村委", "sign_in_name": "abc", "place": "某处", "address": "某处", "reason": "有事", "quantity": "1",
}  # fmt: skip


@dataclass(slots=True)
class FormOnPage:
    """A form as a browser would send it."""

    action: str
    method: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)


class Reader(HTMLParser):
    """Finds the forms and the links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormOnPage] = []
        self.links: list[str] = []
        self._open: FormOnPage | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        name = told.get("name", "")
        if tag == "a":
            self.links.append(told.get("href", ""))
        elif tag == "form":
            self._open = FormOnPage(told.get("action", ""), told.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None and name and tag in {"input", "button", "textarea"}:
            self._open.fields.setdefault(name, (told.get("type", tag), told.get("value", "")))
        elif self._open is not None and name and tag == "select":
            self._select = name
            self._open.fields[name] = ("select", "")
        elif tag == "option" and self._open is not None and self._select:
            kind, value = self._open.fields[self._select]
            self._open.fields[self._select] = (kind, value or told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""


def endpoint_of(app: Flask, address: str, method: str = "GET") -> str | None:
    try:
        return str(app.url_map.bind("localhost").match(urlsplit(address).path, method=method)[0])
    except (HTTPException, RequestRedirect):
        return None


def forms_of(app: Flask, client: FlaskClient) -> dict[str, FormOnPage]:
    """Walk one page of every kind that is linked and return one form of every kind, by where it is sent."""
    todo = [
        str(rule)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and not str(rule).startswith(("/v1", "/healthz"))
    ]
    seen: set[str] = set()
    found: dict[str, FormOnPage] = {}
    while todo:
        address = todo.pop()
        endpoint = endpoint_of(app, address)
        if endpoint is None or endpoint in seen or endpoint == "static":
            continue
        answer = client.get(address)
        seen.add(endpoint)
        if answer.mimetype != "text/html":
            continue
        reader = Reader()
        reader.feed(answer.get_data(as_text=True))
        todo += [link for link in reader.links if link.startswith("/")]
        for form in reader.forms:
            form.action = form.action.partition("#")[0] or address
            kind = endpoint_of(app, form.action, form.method.upper())
            if kind is not None and urlsplit(form.action).path not in ENDINGS:
                found.setdefault(kind, form)
    return found


def fillings(form: FormOnPage) -> Iterator[bytes]:
    """Yield bodies: one field odd, the others as a person would leave or fill them."""
    for odd_name, (odd_kind, _) in form.fields.items():
        if odd_kind in {"file", "submit", "button"} or odd_name == "csrf_token":
            continue
        for odd in {"datetime-local": ODD_TIMES, "date": ODD_DAYS}.get(odd_kind, ODD_WORDS):
            pairs = []
            for name, (_, value) in form.fields.items():
                plain = value or FILLING.get(name.rpartition("-")[2], "")
                if name == "form_key":
                    plain = secrets.token_urlsafe(18)
                pairs.append(f"{name}={quote_from_bytes(odd if name == odd_name else plain.encode())}")
            yield "&".join(pairs).encode()


def send_all(client: FlaskClient, forms: dict[str, FormOnPage]) -> int:
    sent = 0
    for form in forms.values():
        with transaction() as session:
            session.execute(delete(ThrottleCount))
        for body in fillings(form):
            kind = "application/x-www-form-urlencoded"
            if form.method == "post":
                answer = client.post(form.action, data=body, content_type=kind)
            else:
                answer = client.get(
                    urlsplit(form.action).path, environ_overrides={"QUERY_STRING": body.decode()}
                )
            answer.close()
            assert answer.status_code < 500, (form.action, body)
            sent += 1
    return sent


def the_person_at(phone: str) -> Person:
    found = person_of_phone(phone)
    assert found is not None
    return found


def test_no_form_breaks_over_nonsense_in_any_field(own_app: Flask) -> None:
    load()
    stranger, farmer, official = (own_app.test_client() for _ in range(3))
    clerk = db.session.scalars(select(Official).where(Official.sign_in_name == "clerk")).one()
    with transaction():
        person = db.session.get_one(Person, clerk.person_id)
        held = {(each.role, each.area) for each in db.session.scalars(select(Appointment))}
        for role, area in held - {
            (each.role, each.area)
            for each in db.session.scalars(select(Appointment).where(Appointment.person_id == person.id))
        }:
            make_appointment(person=person, role=role, area=area)
        sign_in(official, person)
        sign_in(farmer, the_person_at("10000000021"))
    assert submit(farmer, "/shop", {"lot": "1", "quantity": "1"}, to="/cart/add").status_code == 303

    known: set[str] = set()
    sent = 0
    for client in (stranger, farmer, official):
        forms = {kind: form for kind, form in forms_of(own_app, client).items() if kind not in known}
        known |= set(forms)
        sent += send_all(client, forms)

    assert len(known) > 50 and sent > 300
