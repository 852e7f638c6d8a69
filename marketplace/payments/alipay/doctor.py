"""What is wrong with an Alipay set-up, in the words of whoever has to put it right: which key, certificate, address, clock."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

import requests

from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import LIVE_GATEWAY, SANDBOX_GATEWAY, AlipayConfig
from marketplace.payments.alipay.keys import load_certificate
from marketplace.payments.alipay.outcomes import NOT_SENT, DefinitelyNot, Done, Outcome
from marketplace.payments.alipay.sdk import beijing_now

# Nobody is ever given these numbers: Alipay answers that there is no such thing, which proves that it understood us.
NO_TRADE, NO_TRANSFER = "xqm_check_no_such_trade", "xqm_check_no_such_transfer"
CLOCK_TOLERANCE = timedelta(minutes=2)
SOON = timedelta(days=30)


class Health(StrEnum):
    """How one thing stands."""

    good = "好"
    warning = "注意"
    bad = "错"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    health: Health
    words: str


# What the configuration's own faults mean to whoever wrote the settings, first match counts.
_FAULTS = (
    (r"app_id must", "ALIPAY_APP_ID 应是支付宝开放平台上显示的 16 位应用号"),
    (
        r"gateway_url must",
        f"ALIPAY_GATEWAY_URL 应是完整网址：正式环境 {LIVE_GATEWAY}，沙箱 {SANDBOX_GATEWAY}",
    ),
    (r"seller_id must", "ALIPAY_SELLER_ID 应是 2088 开头的 16 位商户号"),
    (r"app_private_key is missing", "ALIPAY_PRIVATE_KEY_FILE 是空的，里面应放应用私钥"),
    (r"app_private_key: .*bits", "ALIPAY_PRIVATE_KEY_FILE 里的应用私钥太短，RSA2 要 2048 位"),
    (
        r"app_private_key",
        "ALIPAY_PRIVATE_KEY_FILE 里不是应用私钥：要没有密码的 RSA 私钥，PKCS#1、PKCS#8 都行",
    ),
    (
        r"alipay_public_key is the application's own",
        "ALIPAY_PUBLIC_KEY_FILE 里放的是应用自己的公钥，请换成开放平台上的“支付宝公钥”",
    ),
    (r"alipay_public_key", "ALIPAY_PUBLIC_KEY_FILE 里不是支付宝公钥"),
    (
        r"app_certificate does not belong",
        "应用公钥证书（ALIPAY_APP_CERT_FILE）和应用私钥（ALIPAY_PRIVATE_KEY_FILE）不是一对",
    ),
    (r"app_certificate", "ALIPAY_APP_CERT_FILE 里不是应用公钥证书（appCertPublicKey_….crt）"),
    (
        r"alipay_certificate",
        "用证书方式时，ALIPAY_PUBLIC_KEY_FILE 里应放支付宝公钥证书（alipayCertPublicKey_RSA2.crt）",
    ),
    (r"alipay_root_certificate", "ALIPAY_ROOT_CERT_FILE 里不是支付宝根证书（alipayRootCert.crt）"),
)

# What Alipay's refusals mean. The sub codes are its published common ones [S opendocs].
_REFUSALS = {
    "isv.invalid-signature": "支付宝验不过我们的签名：应用私钥和开放平台上登记的应用公钥（或证书）不是一对",
    "isv.invalid-app-id": "支付宝不认识这个应用号：核对 ALIPAY_APP_ID，并看网址是不是正式和沙箱弄混了",
    "isv.invalid-timestamp": "支付宝说时间不对：请把服务器的时钟对准（例如开启 systemd-timesyncd）",
    "isv.missing-app-cert-sn": "支付宝要求用证书方式，请设置 ALIPAY_APP_CERT_FILE 和 ALIPAY_ROOT_CERT_FILE",
    "isv.invalid-app-cert-sn": "支付宝不认识应用公钥证书：请从开放平台重新下载 ALIPAY_APP_CERT_FILE",
    "isv.invalid-alipay-root-cert-sn": "支付宝根证书不对：请从开放平台重新下载 ALIPAY_ROOT_CERT_FILE",
    "isv.invalid-alipay-cert-sn": "支付宝公钥证书不对：请从开放平台重新下载",
    "isv.insufficient-isv-permissions": "应用没有开通这个功能的权限，请在开放平台签约并上线应用",
    "isv.insufficient-user-permissions": "商户没有授权这个功能",
}


def plain_faults(config: AlipayConfig) -> list[str]:
    """Say every fault of the keys and addresses themselves, without asking anybody."""
    return list(dict.fromkeys(_plain(fault) for fault in config.faults()))


def _plain(fault: str) -> str:
    return next((words for pattern, words in _FAULTS if re.match(pattern, fault)), fault)


def examine(
    config: AlipayConfig, make: Callable[[AlipayConfig], AlipayClient] = AlipayClient
) -> Iterator[Finding]:
    """
    Look at keys, certificates, clock and address, then ask Alipay harmless questions; yield what was found.

    Nothing is changed there: what is asked about does not exist.
    """
    faults = plain_faults(config)
    if faults:
        yield from (Finding(Health.bad, words) for words in faults)
        return
    yield Finding(Health.good, "钥匙读得懂：" + ("证书方式" if config.has_certificates else "公钥方式"))
    yield from _certificates(config)
    yield from _address(config)
    clock = _clock(config)
    yield clock
    client = make(config)
    asked = _asked(client.query(NO_TRADE), "ACQ.TRADE_NOT_EXIST", "支付宝认得我们，我们也认得支付宝（查询）")
    yield asked
    if asked.health is Health.good:
        yield from _further(client, config)


def _certificates(config: AlipayConfig) -> Iterator[Finding]:
    named = (("应用公钥证书", config.app_certificate), ("支付宝公钥证书", config.alipay_certificate))
    for name, text in named if config.has_certificates else ():
        ends = load_certificate(text).not_valid_after_utc
        now = datetime.fromtimestamp(time.time(), UTC)
        if ends < now:
            yield Finding(Health.bad, f"{name}已在 {ends:%Y-%m-%d} 过期，请换新的")
        elif ends < now + SOON:
            yield Finding(Health.warning, f"{name}将在 {ends:%Y-%m-%d} 过期")


def _address(config: AlipayConfig) -> Iterator[Finding]:
    if "alipaydev.com" in config.gateway_url:
        yield Finding(Health.bad, f"旧沙箱网址 2023 年起已停用，请改成 {SANDBOX_GATEWAY}")
    elif config.gateway_url.startswith("http://") and "127.0.0.1" not in config.gateway_url:
        yield Finding(Health.bad, "ALIPAY_GATEWAY_URL 要用 https://")


def _clock(config: AlipayConfig) -> Finding:
    """Compare our clock with the date in the gateway's own answer."""
    session = requests.Session()
    session.trust_env = False
    session.proxies = {"http": config.proxy_url, "https": config.proxy_url} if config.proxy_url else {}
    try:
        with session.get(
            config.gateway_url, timeout=config.timeout_s, allow_redirects=False, stream=True
        ) as answer:
            theirs = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        return Finding(Health.warning, "没法和支付宝核对时钟")
    ours = beijing_now()
    apart = abs(ours - theirs)
    if apart > CLOCK_TOLERANCE:
        side = "快" if ours > theirs else "慢"
        minutes = round(apart.total_seconds() / 60)
        return Finding(Health.bad, f"服务器的时钟比支付宝{side} {minutes} 分钟，请对准")
    return Finding(Health.good, "时钟和支付宝一致")


def _further(client: AlipayClient, config: AlipayConfig) -> Iterator[Finding]:
    """Ask whether bills can be fetched and sellers paid; without these one can still sell."""
    yesterday = (beijing_now() - timedelta(days=1)).date()
    bill = client.bill_download_url("trade", yesterday)
    yield _asked(bill, "isp.bill_not_exist", "能下载账单（对账）", or_else=Health.warning)
    if not config.has_certificates:
        yield Finding(Health.warning, "没有用证书方式：能收款，但不能用支付宝付给卖家")
        return
    transfer = client.transfer_query(NO_TRANSFER)
    yield _asked(transfer, "ORDER_NOT_EXIST", "能查转账（付给卖家）", or_else=Health.warning)
    yield _asked(client.balance(), "", f"商户号 {config.seller_id} 对得上", or_else=Health.warning)


def _asked(outcome: Outcome, expected: str, words: str, *, or_else: Health = Health.bad) -> Finding:
    if isinstance(outcome, Done) or (
        isinstance(outcome, DefinitelyNot) and expected and outcome.sub_code == expected
    ):
        return Finding(Health.good, words)
    return Finding(or_else, _why(outcome))


def _why(outcome: Outcome) -> str:
    if isinstance(outcome, DefinitelyNot):
        if outcome.code == NOT_SENT:
            return "连不上支付宝：请检查 ALIPAY_GATEWAY_URL、DNS、防火墙和代理"
        known = _REFUSALS.get(outcome.sub_code)
        return known or f"支付宝拒绝：{outcome.code} {outcome.sub_code} {outcome.message}".strip()
    reason = str(getattr(outcome, "reason", ""))
    if "bad signature" in reason:
        return "支付宝回答了，但签名验不过：支付宝公钥不对，请换成这个应用的“支付宝公钥”"
    if "another Alipay certificate" in reason:
        return "支付宝已换了公钥证书：请从开放平台重新下载 alipayCertPublicKey_RSA2.crt"
    if reason.startswith(("HTTP status", "unreadable answer")):
        return f"这个网址回答的不是支付宝网关：请检查 ALIPAY_GATEWAY_URL（{reason}）"
    return f"支付宝没有给出能用的回答：{reason}"
