"""The thirteen faults of the official client: each shown in it, and shown mended in ours."""

import base64
import gc
import importlib.util
import pkgutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from alipay.aop.api import util as stock_util
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import THREAD_LOCAL
from alipay.aop.api.response.AlipayResponse import AlipayResponse
from alipay.aop.api.util.SignatureUtils import sign_with_rsa2, verify_with_rsa
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from marketplace.payments.alipay.answers import read_answer
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import SANDBOX_GATEWAY, AlipayConfig, keyring_of
from marketplace.payments.alipay.keys import (
    is_signed_by,
    load_private_key,
    load_public_key,
    public_text,
    sign,
)
from marketplace.payments.alipay.notifications import is_authentic
from marketplace.payments.alipay.outcomes import Done, Unknown
from marketplace.payments.alipay.sdk import Call, Sdk, request_of
from tests.marketplace.payments.alipay.stock_client import (
    pem,
    pkcs1_text,
    pkcs8_text,
    stock_client,
    teach_ports,
)
from tests.marketplace.payments.buying import make_purchase, pay
from tests.marketplace.payments.gateway_control import GatewayControl
from tests.marketplace.payments.listening_shop import ListeningShop

QUERY = Call("alipay.trade.query", {"out_trade_no": "pi_any_1"})


@pytest.fixture
def clock_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Let this machine's clock show another place's time; a container shows Greenwich."""

    def show(place: str) -> None:
        monkeypatch.setenv("TZ", place)
        time.tzset()

    yield show
    monkeypatch.undo()
    time.tzset()


def test_01_the_stock_client_cannot_dial_a_port(merchant: AlipayConfig, alipay: AlipayClient) -> None:
    with pytest.raises(TypeError):
        stock_client(merchant).execute(request_of(QUERY))

    purchase = make_purchase()
    pay(alipay, purchase)
    assert isinstance(alipay.query(purchase.out_trade_no), Done)


def test_02_the_stock_client_loses_a_bad_status_in_a_type_error(
    merchant: AlipayConfig,
    alipay: AlipayClient,
    control: GatewayControl,
    clock_of: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock_of("Asia/Shanghai")
    teach_ports(monkeypatch)
    control.fault("http_502", times=2)

    with pytest.raises(TypeError):
        stock_client(merchant).execute(request_of(QUERY))
    assert alipay.query("pi_any_1") == Unknown("HTTP status 502")


def test_03_the_stock_client_lets_a_timeout_escape_and_its_socket_leak(
    merchant: AlipayConfig,
    control: GatewayControl,
    clock_of: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock_of("Asia/Shanghai")
    teach_ports(monkeypatch)
    control.fault("slow", seconds=10, times=2)

    with pytest.warns(ResourceWarning, match="unclosed <socket"):
        assert times_out(lambda: stock_client(merchant, timeout=0.1).execute(request_of(QUERY)))
        gc.collect()
    patient = AlipayClient(replace(merchant, timeout_s=0.1))
    assert patient.query("pi_any_1") == Unknown("ReadTimeout")


def test_04_the_stock_client_reads_only_one_of_four_private_key_forms(merchant: AlipayConfig) -> None:
    key = load_private_key(merchant.app_private_key)
    pkcs1, pkcs8 = serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8

    for text in (pem(key, pkcs8), pkcs8_text(key)):
        with pytest.raises(Exception, match=r".+"):
            sign_with_rsa2(text, "content", "utf-8")
    for text in (pem(key, pkcs1), pem(key, pkcs8), pkcs1_text(key), pkcs8_text(key)):
        assert load_private_key(text).private_numbers() == key.private_numbers()


def test_05_the_stock_client_cannot_encrypt_and_ours_never_asks_it_to(
    merchant: AlipayConfig, alipay: AlipayClient
) -> None:
    encrypting = stock_client(merchant, encrypt_type="AES", encrypt_key="MDEyMzQ1Njc4OWFiY2RlZg==")
    with pytest.raises(TypeError):
        encrypting.page_execute(request_of(QUERY), "GET")

    told = parse_qs(urlsplit(alipay.certify_url("abc")).query)
    assert told["biz_content"] == ['{"certify_id":"abc"}']
    assert "encrypt_type" not in told


def test_06_the_stock_client_signs_many_times_slower(merchant: AlipayConfig) -> None:
    key = load_private_key(merchant.app_private_key)
    text = pkcs1_text(key)
    sdk = Sdk(merchant.app_id, merchant.gateway_url, keyring_of(merchant))
    sdk.form(QUERY)  # the request class is loaded once

    stock_s = quickest(lambda: sign_with_rsa2(text, "content", "utf-8"), 3)
    our_s = quickest(lambda: sdk.form(QUERY), 20)

    assert our_s * 10 < stock_s, (our_s, stock_s)


def test_07_the_stock_client_accepts_sha1_and_raises_where_it_should_say_no(merchant: AlipayConfig) -> None:
    key = load_private_key(merchant.app_private_key)
    public = key.public_key()
    public_pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
    weak = base64.b64encode(key.sign(b"content", padding.PKCS1v15(), hashes.SHA1())).decode()

    assert verify_with_rsa(public_pem, b"content", weak) is True
    assert is_signed_by(public, b"content", weak) is False
    with pytest.raises(Exception, match="Verification failed"):
        verify_with_rsa(public_pem, b"other", sign(key, b"content"))
    assert is_signed_by(public, b"other", sign(key, b"content")) is False
    assert is_signed_by(load_public_key(public_pem), b"content", sign(key, b"content")) is True


def test_08_the_stock_client_cannot_read_an_answer_in_certificate_mode(
    merchant: AlipayConfig, alipay: AlipayClient
) -> None:
    purchase = make_purchase()
    pay(alipay, purchase)
    body = raw_answer(merchant, Call("alipay.trade.query", {"out_trade_no": purchase.out_trade_no}))
    assert b'"alipay_cert_sn":' in body

    in_certificate = public_text(
        load_public_key(merchant.alipay_certificate)
    )  # so the signature is not what it stumbles over
    THREAD_LOCAL.logger, THREAD_LOCAL.uuid = None, "1"  # as its execute() does first

    with pytest.raises(Exception, match="shape maybe illegal"):
        stock_client(merchant, alipay_public_key=in_certificate)._DefaultAlipayClient__parse_response(body)
    assert isinstance(read_answer("alipay.trade.query", body, keyring_of(merchant)), Done)


def test_09_the_stock_client_takes_code_20000_for_success(
    merchant: AlipayConfig, alipay: AlipayClient, control: GatewayControl
) -> None:
    stock: Any = AlipayResponse()
    stock.parse_response_content('{"code":"20000","msg":"Service Currently Unavailable"}')
    assert stock.is_success() is True

    control.fault("code_20000")
    assert alipay.query("pi_any_1") == Unknown("code 20000")


def test_10_the_stock_client_is_eight_hours_off_in_a_utc_container(
    clock_of: Callable[[str], None], merchant: AlipayConfig, alipay: AlipayClient
) -> None:
    clock_of("UTC")
    refused = requests.get(stock_client(merchant).page_execute(request_of(QUERY), "GET"), timeout=10)
    assert "isv.invalid-timestamp" in refused.text

    told = alipay.query("pi_any_1")
    assert getattr(told, "sub_code", "") == "ACQ.TRADE_NOT_EXIST"


def test_11_the_stock_sandbox_address_is_dead_and_ours_must_be_said() -> None:
    settings: Any = AlipayClientConfig(sandbox_debug=True)

    assert urlsplit(settings.server_url).hostname == "openapi.alipaydev.com"
    assert urlsplit(SANDBOX_GATEWAY).hostname == "openapi-sandbox.dl.alipaydev.com"
    with pytest.raises(TypeError, match="gateway_url"):
        AlipayConfig(app_id="9021000100000001", app_private_key="x")  # type: ignore[call-arg]


class FormFields(HTMLParser):
    """What a browser would send from a form."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "input" and told.get("name"):
            self.fields[str(told["name"])] = told.get("value") or ""


def test_12_the_stock_form_changes_what_was_signed_and_our_address_does_not(
    merchant: AlipayConfig, alipay: AlipayClient
) -> None:
    call = Call("alipay.trade.wap.pay", make_purchase().biz("QUICK_WAP_WAY", body="A&amp;B &lt; C"))
    form = FormFields(stock_client(merchant).page_execute(request_of(call)))
    assert "A&B < C" in form.fields["biz_content"]  # not what was signed

    sdk = Sdk(merchant.app_id, merchant.gateway_url, keyring_of(merchant))
    told = parse_qs(urlsplit(sdk.page_url(call)).query)
    assert "A&amp;B &lt; C" in told["biz_content"][0]
    assert requests.get(sdk.page_url(call), timeout=10).status_code == 200


def test_13_the_stock_client_has_nothing_for_notifications(
    merchant: AlipayConfig, alipay: AlipayClient, shop: ListeningShop
) -> None:
    modules = [module.name for module in pkgutil.iter_modules(stock_util.__path__)]
    assert modules
    assert not any("notify" in name.lower() for name in modules)
    assert importlib.util.find_spec("alipay.aop.api.notify") is None

    pay(alipay, make_purchase(notify_url=shop.notify_url))
    fields = shop.wait_for(1)[0]
    assert is_authentic(fields, alipay.keyring.alipay)
    assert not is_authentic({**fields, "total_amount": "0.01"}, alipay.keyring.alipay)


def raw_answer(merchant: AlipayConfig, call: Call) -> bytes:
    form = Sdk(merchant.app_id, merchant.gateway_url, keyring_of(merchant)).form(call)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"{merchant.gateway_url}?{form.query}"
    return requests.post(url, data=form.body, headers=headers, timeout=10).content


def times_out(deed: Callable[[], object]) -> bool:
    """Without pytest.raises, which would keep the traceback and with it the socket."""
    try:
        deed()
    except TimeoutError:
        return True
    return False


def quickest(deed: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        deed()
        taken.append(time.perf_counter() - begun)
    return min(taken)
