"""The check names what is wrong: the key, the certificate, the address, the clock; a wrong setting stops the start in Chinese."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response
from werkzeug.serving import make_server

from commons.settings import BadSettings
from marketplace.payments.alipay import doctor
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import AlipayConfig, keyring_of
from marketplace.payments.alipay.doctor import Finding, Health, examine, plain_faults
from marketplace.payments.alipay.keys import certificate_sn, load_certificate, load_private_key, public_text
from marketplace.payments.alipay.sdk import beijing_now
from marketplace.payments.alipay_driver import AlipayGateway
from marketplace.payments.gateways import config_from, init_app
from tests.database import settings_for
from tests.marketplace.payments.gateway_control import GatewayControl


def fresh_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def by_keys(merchant: AlipayConfig, **changes: str) -> AlipayConfig:
    plain = replace(merchant, app_certificate="", alipay_certificate="", alipay_root_certificate="")
    return replace(plain, **changes)  # type: ignore[arg-type]


def worst(config: AlipayConfig) -> str:
    """What is said of the first thing that is wrong."""
    return next(finding.words for finding in examine(config) if finding.health is Health.bad)


def test_a_good_set_up_is_good_all_over(merchant: AlipayConfig) -> None:
    found = list(examine(merchant))

    assert {finding.health for finding in found} == {Health.good}, found
    assert len(found) == 6


def test_without_certificates_one_sells_but_pays_nobody(merchant: AlipayConfig) -> None:
    found = list(examine(by_keys(merchant)))

    assert [finding for finding in found if finding.health is Health.bad] == []
    assert any(each.health is Health.warning and "证书方式" in each.words for each in found)


def test_each_wrong_key_address_and_number_is_named(merchant: AlipayConfig) -> None:
    own = public_text(load_private_key(merchant.app_private_key).public_key())
    other = public_text(load_private_key(fresh_key()).public_key())

    assert "不是一对" in worst(by_keys(merchant, app_private_key=fresh_key()))
    assert "应用自己的公钥" in worst(by_keys(merchant, alipay_public_key=own))
    assert "支付宝公钥不对" in worst(by_keys(merchant, alipay_public_key=other))
    assert "不认识这个应用号" in worst(by_keys(merchant, app_id="9021000999999999"))
    assert "16 位应用号" in worst(by_keys(merchant, app_id="12"))
    assert "不是应用私钥" in worst(by_keys(merchant, app_private_key="nonsense!"))
    assert "连不上" in worst(by_keys(merchant, gateway_url="http://127.0.0.1:9/gateway.do"))
    assert "完整网址" in worst(by_keys(merchant, gateway_url="openapi.alipay.com"))
    assert "2023 年起已停用" in worst(
        by_keys(merchant, gateway_url="https://openapi.alipaydev.com/gateway.do")
    )
    assert "不是一对" in worst(replace(merchant, app_private_key=fresh_key()))
    assert "应用公钥证书" in worst(replace(merchant, app_certificate="x"))
    assert "支付宝公钥证书" in worst(replace(merchant, alipay_certificate="x"))
    assert "根证书" in worst(replace(merchant, alipay_root_certificate="x"))


def test_a_wrong_clock_is_named_by_us_and_by_alipay(
    merchant: AlipayConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "beijing_now", lambda: beijing_now() - timedelta(hours=8))
    late = list(
        examine(merchant, lambda config: AlipayClient(config, now=lambda: beijing_now() - timedelta(hours=8)))
    )

    assert any("慢 480 分钟" in each.words for each in late if each.health is Health.bad)
    assert late[-1] == Finding(
        Health.bad, "支付宝说时间不对：请把服务器的时钟对准（例如开启 systemd-timesyncd）"
    )


@pytest.fixture
def website() -> Iterator[str]:
    """Something that answers and is no gateway."""
    app = Flask("website")
    app.add_url_rule("/gateway.do", view_func=lambda: Response("<html>hello</html>"), methods=["GET", "POST"])
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/gateway.do"
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_an_address_that_is_no_gateway_is_named(merchant: AlipayConfig, website: str) -> None:
    assert "不是支付宝网关" in worst(by_keys(merchant, gateway_url=website))


def test_a_missing_permission_is_a_warning_where_one_can_sell_without(
    merchant: AlipayConfig, control: GatewayControl
) -> None:
    control.fault(
        "refuse", method="alipay.fund.trans.common.query", sub_code="isv.insufficient-isv-permissions"
    )

    found = list(examine(merchant))

    assert [each.words for each in found if each.health is not Health.good] == [
        "应用没有开通这个功能的权限，请在开放平台签约并上线应用"
    ]


def test_the_command_says_it_and_ends_accordingly(app: Flask, merchant: AlipayConfig) -> None:
    run = app.test_cli_runner().invoke
    app.extensions["payment_gateways"].fixed[:] = []
    nothing = run(args=["alipay", "check"])
    app.extensions["payment_gateways"].fixed[:] = [AlipayGateway(AlipayClient(merchant), livemode=False)]
    good = run(args=["alipay", "check"])
    wrong = by_keys(merchant, app_private_key=fresh_key())
    app.extensions["payment_gateways"].fixed[:] = [AlipayGateway(AlipayClient(wrong), livemode=False)]
    bad = run(args=["alipay", "check"])

    assert nothing.exit_code == 1 and "没有设置支付宝" in nothing.output
    assert good.exit_code == 0 and "可以用" in good.output
    assert bad.exit_code == 1 and "不是一对" in bad.output
    assert "PRIVATE KEY" not in bad.output


def test_a_wrong_key_stops_the_start_in_plain_words(merchant: AlipayConfig, tmp_path: Path) -> None:
    files = {}
    for name, text in (("private", "nonsense!"), ("public", merchant.alipay_public_key)):
        files[name] = tmp_path / f"{name}.pem"
        files[name].write_text(text)
    settings = settings_for(
        "sqlite:///x.db", tmp_path, alipay_app_id=merchant.app_id, alipay_seller_id=merchant.seller_id,
        alipay_gateway_url=merchant.gateway_url, alipay_private_key_file=str(files["private"]),
        alipay_public_key_file=str(files["public"]),
    )  # fmt: skip

    with pytest.raises(BadSettings, match="不是应用私钥") as stopped:
        init_app(Flask("x"), settings)

    assert plain_faults(by_keys(merchant, app_private_key="nonsense!")) == stopped.value.faults


def files_of(merchant: AlipayConfig, folder: Path) -> dict[str, str]:
    """The files that Alipay's console gives, each certificate as its plain DER; and the setting that names each."""
    texts = {
        "alipay_public_key_file": merchant.alipay_certificate,
        "alipay_app_cert_file": merchant.app_certificate,
    }
    names = {}
    for name, text in texts.items():
        path = folder / f"{name}.crt"
        path.write_bytes(load_certificate(text).public_bytes(serialization.Encoding.DER))
        names[name] = str(path)
    for name, text in (
        ("alipay_private_key_file", merchant.app_private_key),
        ("alipay_root_cert_file", merchant.alipay_root_certificate),
    ):
        path = folder / f"{name}.pem"
        path.write_text(text, encoding="utf-8-sig")
        names[name] = str(path)
    return names


def test_certificates_are_read_as_the_console_gives_them(merchant: AlipayConfig, tmp_path: Path) -> None:
    settings = settings_for(
        "sqlite:///x.db", tmp_path, alipay_app_id=merchant.app_id, alipay_seller_id=merchant.seller_id,
        alipay_gateway_url=merchant.gateway_url, **files_of(merchant, tmp_path),
    )  # fmt: skip

    read = keyring_of(config_from(settings))

    assert (read.app_cert_sn, read.alipay_cert_sn) == (
        certificate_sn(merchant.app_certificate), certificate_sn(merchant.alipay_certificate)
    )  # fmt: skip


def test_a_file_that_is_not_there_stops_the_start_in_plain_words(
    merchant: AlipayConfig, tmp_path: Path
) -> None:
    files = files_of(merchant, tmp_path) | {"alipay_root_cert_file": str(tmp_path / "gone.crt")}
    named = {"alipay_app_id": merchant.app_id, "alipay_seller_id": merchant.seller_id}

    with pytest.raises(BadSettings, match="ALIPAY_ROOT_CERT_FILE 指的文件不存在"):
        settings_for("sqlite:///x.db", tmp_path, alipay_gateway_url=merchant.gateway_url, **named, **files)
