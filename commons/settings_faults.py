"""Everything that can be wrong with the settings of a deployment, each in a sentence that says what to do."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from commons.deployment import Deployment

PLACEHOLDERS = {"", "changeme", "secret", "dev", "development", "test"}
HOST = re.compile(r"\w([\w.-]*\w)?")
LARGEST_CACHE_MB = 4096


def faults_of(settings: Deployment) -> Iterator[str]:
    """Say everything that is wrong, not only the first thing."""
    if settings.mode not in {"private", "public"}:
        yield "MODE 只能是 private 或 public"
    yield from _key_faults(settings)
    yield from _storage_faults(settings)
    yield from _listening_faults(settings)
    yield from _base_url_faults(settings)
    yield from _message_faults(settings)
    yield from _alipay_faults(settings)
    if settings.plate_font_file and not Path(settings.plate_font_file).is_file():
        yield "PLATE_FONT_FILE 指的文件不存在"
    if settings.mode == "public":
        yield from _public_faults(settings)


def _key_faults(settings: Deployment) -> Iterator[str]:
    for name in ("secret_key", "data_key"):
        value = getattr(settings, name)
        if value.lower() in PLACEHOLDERS or len(value) < 32:
            yield f"{name.upper()} 必须是至少 32 个字符的随机文字，不能用默认值"
    if settings.secret_key and settings.secret_key == settings.data_key:
        yield "SECRET_KEY 不能和 DATA_KEY 一样，请给 SECRET_KEY 另换一段随机文字"


def _storage_faults(settings: Deployment) -> Iterator[str]:
    known = settings.database_url.startswith(("sqlite:///", "postgresql+psycopg://"))
    if not known or ":memory:" in settings.database_url:  # every connection would have a memory of its own
        yield "DATABASE_URL 只支持 PostgreSQL（postgresql://…），或留空使用自带数据库"
    if (
        settings.mode == "public"
        and settings.instance_dir.exists()
        and not os.access(settings.instance_dir, os.W_OK)
    ):
        yield f"INSTANCE_DIR 不能写：{settings.instance_dir}"
    if settings.redis_url and not _is_address(settings.redis_url, {"redis", "rediss", "unix"}):
        yield "REDIS_URL 要写成 redis://主机:端口/编号"
    if not 0 <= settings.page_cache_mb <= LARGEST_CACHE_MB:
        yield f"PAGE_CACHE_MB 必须在 0 到 {LARGEST_CACHE_MB} 之间"


def _listening_faults(settings: Deployment) -> Iterator[str]:
    if settings.bind != "localhost" and not _is_ip(settings.bind):
        yield "BIND 要写成本机的一个 IP 地址，例如 127.0.0.1"
    for name in ("port", "local_gateway_port"):
        if not 1 <= getattr(settings, name) <= 65535:
            yield f"{name.upper()} 必须在 1 到 65535 之间"
    if settings.web_workers < 0:
        yield "WEB_WORKERS 不能小于 0"
    if settings.trusted_proxies < 0:
        yield "TRUSTED_PROXIES 是前面可信代理的层数，不能小于 0"


def _base_url_faults(settings: Deployment) -> Iterator[str]:
    parts = _parts(settings.public_base_url)
    if parts is None or parts.scheme not in {"http", "https"}:
        yield "PUBLIC_BASE_URL 必须是完整网址，例如 https://xq.example.cn"
    elif parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username:
        yield "PUBLIC_BASE_URL 只写到主机名为止，后面不带路径"


def _message_faults(settings: Deployment) -> Iterator[str]:
    if settings.sms_sender not in {"demonstration", "http"}:
        yield "SMS_SENDER 只能是 demonstration 或 http"
    if settings.sms_sender == "http" and not (settings.sms_endpoint and settings.sms_key):
        yield "SMS_SENDER=http 时需要 SMS_ENDPOINT 和 SMS_KEY"
    if settings.sms_endpoint and not _is_address(settings.sms_endpoint, {"http", "https"}):
        yield "SMS_ENDPOINT 必须是完整网址，例如 https://sms.example.cn/send"


def _alipay_faults(settings: Deployment) -> Iterator[str]:
    if settings.payments_live and not settings.alipay_app_id:
        yield "PAYMENTS_LIVE=1 时需要 ALIPAY_APP_ID"
    if settings.alipay_gateway_url and not _is_address(settings.alipay_gateway_url, {"http", "https"}):
        yield "ALIPAY_GATEWAY_URL 必须是完整网址，例如 https://openapi.alipay.com/gateway.do"
    if not settings.alipay_app_id:
        return
    if not (settings.alipay_app_id.isascii() and settings.alipay_app_id.isdigit()):
        yield "ALIPAY_APP_ID 应该全是数字"
    for name in (
        "alipay_private_key_file",
        "alipay_public_key_file",
        "alipay_seller_id",
        "alipay_gateway_url",
    ):
        if not getattr(settings, name):
            yield f"设置了 ALIPAY_APP_ID，还缺 {name.upper()}"
    for name in (
        "alipay_private_key_file",
        "alipay_public_key_file",
        "alipay_app_cert_file",
        "alipay_root_cert_file",
    ):
        path = getattr(settings, name)
        if path and not Path(path).is_file():
            yield f"{name.upper()} 指的文件不存在"


def _public_faults(settings: Deployment) -> Iterator[str]:
    if not settings.public_base_url.startswith("https://"):
        yield "公开服务时 PUBLIC_BASE_URL 必须以 https:// 开头"
    parts = _parts(settings.public_base_url)
    if parts is not None and _is_only_here(parts.hostname or ""):
        yield "公开服务时 PUBLIC_BASE_URL 不能是本机地址"
    for name in ("organiser", "icp_record", "police_record"):
        if not getattr(settings, name):
            yield f"公开服务需要 {name.upper()}（页脚的主办单位与备案号）"
    if settings.sms_sender == "demonstration":
        yield "公开服务需要真实的短信通道：SMS_SENDER 不能是 demonstration"
    if settings.sms_endpoint.startswith("http://"):
        yield "公开服务时 SMS_ENDPOINT 必须以 https:// 开头：短信里有手机号和验证码"
    if settings.testing:
        yield "公开服务时不能设置 TESTING：密码会保护得很弱"


def _parts(address: str) -> SplitResult | None:
    """Return the parts of a complete address, or None if it is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for a port that cannot be
    except ValueError:
        return None
    host = parts.hostname or ""
    return parts if HOST.fullmatch(host) or _is_ip(host) else None


def _is_address(address: str, schemes: set[str]) -> bool:
    if address.startswith("unix://"):
        return "unix" in schemes
    parts = _parts(address)
    return parts is not None and parts.scheme in schemes


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_only_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = ipaddress.ip_address(host) if _is_ip(host) else None
    return address is not None and (address.is_loopback or address.is_unspecified)
