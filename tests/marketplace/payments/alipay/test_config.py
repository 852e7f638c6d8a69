"""All faults of a configuration are told at once, and no secret is repeated."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from marketplace.payments.alipay.config import (
    AlipayConfig,
    BadAlipayConfigError,
    keyring_of,
    read_merchant_file,
)
from marketplace.payments.alipay.keys import load_private_key, public_text


def test_what_the_gateway_wrote_has_no_fault_in_either_mode(merchant: AlipayConfig) -> None:
    by_key = replace(merchant, app_certificate="", alipay_certificate="", alipay_root_certificate="")

    assert list(merchant.faults()) == []
    assert list(by_key.faults()) == []
    assert merchant.has_certificates
    assert not by_key.has_certificates
    assert keyring_of(merchant).alipay.public_numbers() == keyring_of(by_key).alipay.public_numbers()
    assert keyring_of(by_key).app_cert_sn == ""


def test_every_fault_is_listed() -> None:
    config = AlipayConfig(
        app_id="12",
        gateway_url="openapi.alipay.com",
        app_private_key="nonsense!",
        seller_id="2089",
        timeout_s=0,
    )

    faults = list(config.faults())

    named = ("app_id", "gateway_url", "seller_id", "timeout_s", "app_private_key", "alipay_public_key")
    assert all(any(fault.startswith(name) for fault in faults) for name in named)
    assert len(faults) == len(named)
    with pytest.raises(BadAlipayConfigError, match="app_id.*gateway_url"):
        keyring_of(config)


def test_the_applications_own_public_key_in_alipays_place_is_noticed(merchant: AlipayConfig) -> None:
    own = public_text(load_private_key(merchant.app_private_key).public_key())
    swapped = replace(
        merchant,
        alipay_public_key=own,
        app_certificate="",
        alipay_certificate="",
        alipay_root_certificate="",
    )

    assert any("own public key" in fault for fault in swapped.faults())


def test_certificates_come_all_three_and_fit_the_private_key(merchant: AlipayConfig) -> None:
    assert list(replace(merchant, alipay_root_certificate="").faults()) == [
        "alipay_root_certificate is missing"
    ]
    mixed = replace(merchant, app_certificate=merchant.alipay_certificate)
    assert list(mixed.faults()) == ["app_certificate does not belong to app_private_key"]


def test_secrets_are_in_no_representation_and_no_message(merchant: AlipayConfig) -> None:
    broken = replace(merchant, app_private_key=merchant.app_private_key[:200])

    assert "PRIVATE KEY" not in repr(merchant)
    assert "PRIVATE KEY" not in repr(keyring_of(merchant))
    assert not any(merchant.app_private_key[60:90] in fault for fault in broken.faults())


def test_the_merchant_file_may_say_more_than_we_know(merchant: AlipayConfig, tmp_path: Path) -> None:
    path = tmp_path / "merchant.json"
    path.write_text(
        json.dumps({"app_id": "9021000100000001", "gateway_url": "x", "app_private_key": "y", "later": 1})
    )

    assert read_merchant_file(path).app_id == "9021000100000001"
