"""Only what Alipay provably said counts; everything else is unknown."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from marketplace.payments.alipay.answers import BadAnswerError, open_envelope, read_answer
from marketplace.payments.alipay.config import Keyring
from marketplace.payments.alipay.keys import sign
from marketplace.payments.alipay.outcomes import DefinitelyNot, Done, Outcome, Unknown

METHOD = "alipay.trade.query"
ALIPAY = rsa.generate_private_key(65537, 2048)
KEYRING = Keyring(ALIPAY, ALIPAY.public_key())


def answered(
    content: dict[str, Any], *, method: str = METHOD, name: str = "", is_signed: bool = True
) -> bytes:
    signed = json.dumps(content, ensure_ascii=False)
    name = name or method.replace(".", "_") + "_response"
    signature = f',"sign":"{sign(ALIPAY, signed.encode())}"' if is_signed else ""
    return f'{{"{name}":{signed}{signature}}}'.encode()


def judged(content: dict[str, Any], *, is_signed: bool = True) -> Outcome:
    return read_answer(METHOD, answered(content, is_signed=is_signed), KEYRING)


def test_code_10000_alone_is_done() -> None:
    told = judged({"code": "10000", "msg": "Success", "total_amount": "12.30"})

    assert isinstance(told, Done)
    assert told.answer["total_amount"] == "12.30"


@pytest.mark.parametrize(
    "content",
    [
        {"code": "20000", "msg": "Service Currently Unavailable"},
        {"code": "20000", "sub_code": "isp.unknow-error"},
        {"code": "10003", "msg": "order success pay inprocess"},
        {"code": "40004", "sub_code": "ACQ.SYSTEM_ERROR"},
        {"code": "40004", "sub_code": "SYSTEM_ERROR"},
        {"code": "40004", "sub_code": "aop.ACQ.SYSTEM_ERROR"},
        {"code": "99999"},
        {},
    ],
)
def test_what_alipay_itself_leaves_open_is_unknown(content: dict[str, Any]) -> None:
    assert isinstance(judged(content), Unknown)


def test_a_business_refusal_is_definite_and_keeps_its_sub_code() -> None:
    told = judged({"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.X", "sub_msg": "不行"})

    assert told == DefinitelyNot("40004", "ACQ.X", "不行")
    assert isinstance(told, DefinitelyNot)
    assert not told.is_configuration
    assert not told.may_repeat


def test_a_wrong_key_or_app_is_a_matter_of_configuration_signed_or_not() -> None:
    for is_signed in (True, False):
        told = judged({"code": "40002", "sub_code": "isv.invalid-signature"}, is_signed=is_signed)
        assert isinstance(told, DefinitelyNot)
        assert told.is_configuration


def test_an_unsigned_answer_about_money_is_unknown() -> None:
    assert isinstance(judged({"code": "10000"}, is_signed=False), Unknown)
    assert isinstance(judged({"code": "40004", "sub_code": "ACQ.X"}, is_signed=False), Unknown)


def test_one_changed_character_makes_an_answer_unknown() -> None:
    body = answered({"code": "10000", "total_amount": "12.30"}).replace(b"12.30", b"12.31")

    assert read_answer(METHOD, body, KEYRING) == Unknown("an answer with a bad signature")


def test_the_signed_text_is_cut_exactly_whatever_stands_inside_or_beside_it() -> None:
    nested = {"code": "10000", "body": '"alipay_trade_query_response":{},"sign":"x"', "in": {"sign": "y"}}
    signed = json.dumps(nested)
    text = f'{{ "alipay_cert_sn" : "abc" ,\n "alipay_trade_query_response" : {signed} , "sign":"{sign(ALIPAY, signed.encode())}" }}'

    envelope = open_envelope(METHOD, text)

    assert envelope.signed == signed
    assert envelope.cert_sn == "abc"
    assert isinstance(read_answer(METHOD, text.encode(), KEYRING), Done)


def test_amounts_written_as_numbers_keep_their_digits() -> None:
    signed = '{"code":"10000","refund_amount":12.30}'
    body = f'{{"alipay_trade_query_response":{signed},"sign":"{sign(ALIPAY, signed.encode())}"}}'

    told = read_answer(METHOD, body.encode(), KEYRING)

    assert isinstance(told, Done)
    assert told.answer["refund_amount"] == "12.30"


def test_an_answer_signed_with_another_certificate_is_unknown() -> None:
    signed = '{"code":"10000"}'
    body = f'{{"alipay_trade_query_response":{signed},"alipay_cert_sn":"new","sign":"{sign(ALIPAY, signed.encode())}"}}'
    keyring = Keyring(ALIPAY, ALIPAY.public_key(), alipay_cert_sn="old")

    assert isinstance(read_answer(METHOD, body.encode(), keyring), Unknown)


def test_the_gateways_own_error_node_is_read() -> None:
    body = answered({"code": "40002", "sub_code": "isv.code-invalid"}, name="error_response")

    assert isinstance(read_answer("alipay.system.oauth.token", body, KEYRING), DefinitelyNot)


def test_the_sign_in_token_is_done_without_a_code() -> None:
    method = "alipay.system.oauth.token"
    body = answered({"access_token": "t", "open_id": "o"}, method=method)

    assert isinstance(read_answer(method, body, KEYRING), Done)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502</html>",
        b"{}",
        b"[]",
        b'{"a":1',
        b'{"sign":"x"}',
        b'{"alipay_trade_query_response":"text","sign":"x"}',
        b'{"alipay_trade_query_response":{},"alipay_trade_query_response":{},"sign":"x"}',
        b"\xff\xfe",
        b'{"alipay_trade_query_response":' + b"[" * 100_000,
    ],
)
def test_what_is_no_answer_is_unknown(body: bytes) -> None:
    told = read_answer(METHOD, body, KEYRING)

    assert isinstance(told, Unknown)
    assert told.reason.startswith("unreadable answer")


def test_open_envelope_says_what_is_missing() -> None:
    with pytest.raises(BadAnswerError, match="no response member"):
        open_envelope(METHOD, '{"other":{}}')
