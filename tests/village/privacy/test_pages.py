"""The page that says what is kept."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons.accounts.jobs import KEEP_CODES, KEEP_SIGN_INS
from commons.messaging.jobs import KEEP_WORDS
from marketplace.orders.rules import FORGET_ADDRESS_AFTER
from marketplace.payments.connect.leaving import KEEP_PAYEE
from village.matters.jobs import KEEP_PHONES


def words(client: FlaskClient, language: str = "zh") -> str:
    answer = client.get(f"/privacy?lang={language}")
    assert answer.status_code == 200
    return re.sub(r"<[^>]+>", "", answer.get_data(as_text=True))


def test_anyone_reads_what_is_kept_and_who_answers_for_it(app: Flask, client: FlaskClient) -> None:
    page = words(client)

    assert "扫码不能入户" in page
    assert "柳河镇人民政府" in page


def test_every_time_named_is_the_time_the_code_keeps(app: Flask, client: FlaskClient) -> None:
    page = words(client)

    assert f"短信验证码 {KEEP_CODES.days} 天；短信内容 {KEEP_WORDS.days} 天" in page
    assert f"登录记录 {KEEP_SIGN_INS.days} 天" in page
    assert f"办结 {KEEP_PHONES.days} 天后删除" in page
    assert f"注销 {KEEP_PAYEE.days} 天后" in page
    assert f"下单 {FORGET_ADDRESS_AFTER.days} 天后删除" in page


def test_it_speaks_english_too(app: Flask, client: FlaskClient) -> None:
    page = words(client, "en")
    body = page[page.index("Privacy") :]

    left = re.findall(r"[\u4e00-\u9fff]{3,}", body.replace("柳河镇人民政府", ""))
    assert [each for each in left if "备" not in each and each != "乡情码"] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_foot_of_every_page_leads_there(app: Flask, client: FlaskClient, language: str) -> None:
    assert 'href="/privacy"' in client.get(f"/?lang={language}").get_data(as_text=True)
