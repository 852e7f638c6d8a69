"""What a page says that could not be given: what happened, and beneath it something more than that."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.exceptions import default_exceptions

from commons.error_pages import answer_http, answer_missing
from commons.errors import Missing

SAID = re.compile(r"<h1[^>]*>([^<]+)</h1>\s*<div class=\"prose\"><p>([^<]+)</p>")


def said(text: str) -> tuple[str, str]:
    found = SAID.search(text)
    assert found is not None
    return found[1], found[2]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 415, 429, 503])
def test_an_error_says_beneath_its_heading_something_that_the_heading_does_not(
    app: Flask, status: int
) -> None:
    with app.test_request_context("/somewhere"):
        heading, sentence = said(answer_http(default_exceptions[status]()).get_data(as_text=True))

    assert heading not in sentence


def test_what_is_not_there_is_answered_alike_whether_it_never_was_or_is_not_for_everybody(app: Flask) -> None:
    with app.test_request_context("/somewhere"):
        never, hidden = (
            said(answer.get_data(as_text=True))
            for answer in (answer_http(default_exceptions[404]()), answer_missing(Missing()))
        )

    assert never == hidden


def test_a_service_that_is_busy_asks_to_wait(app: Flask) -> None:
    with app.test_request_context("/somewhere"):
        assert said(answer_http(default_exceptions[503]()).get_data(as_text=True))[0] == "请稍等一会儿"
