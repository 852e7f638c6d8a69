"""Real-name checks and signing in, through the pages that a person sees."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.outcomes import DefinitelyNot, Done, Outcome
from tests.marketplace.payments.gateway_control import GatewayControl

# An ID number with a date that no calendar has, so that it cannot be anybody's.
PERSON = {"cert_name": "示例农户", "cert_no": "000000190002300000"}


def answer_of(told: Outcome) -> dict[str, Any]:
    assert isinstance(told, Done), told
    return dict(told.answer)


@pytest.mark.parametrize("passed", ["T", "F"])
def test_a_real_name_check_is_decided_on_its_page_and_asked_about_afterwards(
    passed: str, alipay: AlipayClient
) -> None:
    begun = alipay.certify_initialize("order1", PERSON, return_url="http://127.0.0.1:9/back")
    certify_id = str(answer_of(begun)["certify_id"])
    assert answer_of(alipay.certify_query(certify_id))["passed"] == "F"

    page = requests.get(alipay.certify_url(certify_id), timeout=10)
    assert "示＊＊＊" in page.text
    assert PERSON["cert_no"] not in page.text
    answer = requests.post(page.url, data={"passed": passed}, timeout=10, allow_redirects=False)

    assert answer.headers["Location"] == "http://127.0.0.1:9/back"
    assert answer_of(alipay.certify_query(certify_id))["passed"] == passed


def test_a_check_begun_twice_is_one_check_and_a_bad_one_none(
    alipay: AlipayClient, control: GatewayControl
) -> None:
    ids = {
        str(answer_of(alipay.certify_initialize("order1", PERSON, return_url=""))["certify_id"])
        for _ in range(2)
    }
    assert len(ids) == 1
    assert isinstance(alipay.certify_initialize("order-2", PERSON, return_url=""), DefinitelyNot)
    assert isinstance(alipay.certify_query("nothing"), DefinitelyNot)
    assert requests.get(alipay.certify_url("nothing"), timeout=10).status_code == 400


def test_signing_in_gives_a_code_that_is_good_once(alipay: AlipayClient) -> None:
    url = alipay.authorize_url("http://127.0.0.1:9/back", state="s1")
    assert requests.get(url, timeout=10).status_code == 200
    answer = requests.post(url, timeout=10, allow_redirects=False)
    told = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert told["state"] == ["s1"]

    token = answer_of(alipay.oauth_token(told["auth_code"][0]))
    person = answer_of(alipay.user_info(str(token["access_token"])))

    assert (person["user_id"], person["open_id"]) == (token["user_id"], token["open_id"])
    again = alipay.oauth_token(told["auth_code"][0])
    assert isinstance(again, DefinitelyNot)
    assert again.sub_code == "isv.code-invalid"
    assert isinstance(alipay.user_info("stolen"), DefinitelyNot)


def test_signing_in_leads_only_to_web_addresses_and_only_for_our_application(alipay: AlipayClient) -> None:
    url = alipay.authorize_url("javascript:alert(1)", state="")

    assert requests.get(url, timeout=10).status_code == 400
    assert requests.get(url.replace(alipay.config.app_id, "1"), timeout=10).status_code == 400
