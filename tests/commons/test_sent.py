"""What a browser sent is text on every page, whatever bytes came."""

from __future__ import annotations

import io

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from wtforms import HiddenField

from commons.db import transaction
from commons.forms import Form, LineField
from commons.paging import asked_page
from commons.routing import LARGEST_NUMBER
from tests.commons.accounts.browsing import token_on
from tests.make.people import make_person, sign_in

PLAIN = "application/x-www-form-urlencoded"
GBK = b"%D5%C5%C8%FD"
HUGE = "9" * 20


class NameForm(Form):
    class Meta(Form.Meta):
        csrf = False

    name = LineField("姓名")
    next = HiddenField()


def in_parts(name: bytes, content: bytes) -> bytes:
    return (
        b'--XX\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + content + b"\r\n--XX--\r\n"
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"name=" + GBK, PLAIN),
        (b"name=\xd5\xc5\xc8\xfd", PLAIN),
        (in_parts(b"name", b"\xd5\xc5\xc8\xfd"), "multipart/form-data; boundary=XX"),
    ],
)
def test_bytes_that_are_no_text_are_told_so_beside_their_field(app: Flask, body: bytes, kind: str) -> None:
    with app.test_request_context(method="POST", data=body, content_type=kind):
        form = NameForm()

        assert not form.validate_on_submit()
        assert "文字编码不对" in str(form.name.errors)


def test_a_percent_sign_beside_such_bytes_is_only_a_percent_sign(app: Flask) -> None:
    with app.test_request_context(method="POST", data=b"name=50%25&next=" + GBK, content_type=PLAIN):
        assert NameForm().validate_on_submit()


def test_a_zero_byte_is_left_out_of_either_kind_of_form(app: Flask) -> None:
    for body, kind in (
        (b"name=a%00b", PLAIN),
        (in_parts(b"name", b"a\x00b"), "multipart/form-data; boundary=XX"),
    ):
        with app.test_request_context(method="POST", data=body, content_type=kind):
            assert request.form["name"] == "ab"


def test_a_file_is_no_text_and_neither_is_a_document_of_a_program(app: Flask) -> None:
    for sent in ({"data": {"name": (io.BytesIO(b"x"), "a.txt")}}, {"json": [1]}, {"json": {"name": 5}}):
        with app.test_request_context(method="POST", **sent):
            assert not NameForm().name.data


def test_a_name_in_another_encoding_is_not_stored(client: FlaskClient) -> None:
    with transaction():
        person = make_person(name="王秀兰")
        sign_in(client, person)
    token = token_on(client, "/me/name").encode()
    answer = client.post("/me/name", data=b"name=" + GBK + b"&csrf_token=" + token, content_type=PLAIN)

    assert "文字编码不对" in answer.get_data(as_text=True)
    assert person.name == "王秀兰"


@pytest.mark.parametrize("query", ["q=%D5%C5", "q=\xd5\xc5", "page=" + "9" * 5000, "village=%FF&q=%ED%A0%80"])
def test_a_query_of_odd_bytes_is_a_query_for_nothing(client: FlaskClient, query: str) -> None:
    for page in ("/shop", "/artisans", "/notices"):  # the last has nothing to show where no village is named
        assert client.get(page, environ_overrides={"QUERY_STRING": query}).status_code in {200, 404}


def test_a_page_number_beyond_all_reading_means_the_first(app: Flask) -> None:
    with app.test_request_context("/?page=" + "9" * 5000):
        assert asked_page() == 1


def test_no_page_stands_at_a_number_that_no_row_can_have(client: FlaskClient) -> None:
    for number in (HUGE, "9" * 5000, str(LARGEST_NUMBER + 1), str(LARGEST_NUMBER)):
        for page in ("/shop", "/notices"):
            assert client.get(f"{page}/{number}").status_code == 404
