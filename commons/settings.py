"""
What a deployment decides, read once from the environment, checked as a whole, and frozen.

Nothing else in the project reads the environment. Every wrong setting is named at start, all of them together.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDERS = {"", "changeme", "secret", "dev", "development", "test"}
TRUE = {"1", "true", "yes", "on"}


class BadSettings(SystemExit):
    """The settings contradict themselves or lack something; the message lists every fault."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("设置有误，系统没有启动：\n" + "\n".join(f"  - {fault}" for fault in faults))


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one deployment; see docs/running.md for what each means."""

    database_url: str = ""
    redis_url: str = ""
    instance_dir: Path = ROOT / "instance"
    secret_key: str = field(default="", repr=False)
    data_key: str = field(default="", repr=False)
    # "private" is a machine of one's own; "public" is open to the people and checks much more.
    mode: str = "private"
    public_base_url: str = ""
    bind: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 0
    site_name: str = "乡情码"
    organiser: str = ""
    icp_record: str = ""
    police_record: str = ""
    trusted_proxies: int = 0
    sms_sender: str = "demonstration"
    sms_endpoint: str = ""
    sms_key: str = field(default="", repr=False)
    alipay_app_id: str = ""
    alipay_seller_id: str = ""
    alipay_gateway_url: str = ""
    alipay_private_key_file: str = ""
    alipay_public_key_file: str = ""
    alipay_app_cert_file: str = ""
    alipay_root_cert_file: str = ""
    payments_live: bool = False
    local_gateway_port: int = 0
    # Webhooks go to the public internet only, unless their receivers stand in the same house.
    webhooks_may_be_private: bool = False
    plate_font_file: str = ""
    page_cache_mb: int = 24
    testing: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str], **overrides: Any) -> Settings:
        """
        Read *environ*, check everything, and return the settings.

        Raises:
            BadSettings: at least one setting is wrong; all of them are listed.
        """
        values: dict[str, Any] = {}
        faults: list[str] = []
        for item in fields(cls):
            raw = environ.get(item.name.upper())
            if raw is not None:
                _read_one(item.name, raw, values, faults)
        values.update(overrides)
        settings = cls(**values).completed()
        faults.extend(settings.faults())
        if faults:
            raise BadSettings(faults)
        return settings

    def completed(self) -> Settings:
        """Fill in what a machine of one's own may leave out: the embedded database, addresses that follow the port, kept random keys."""
        changes: dict[str, Any] = {}
        if not self.database_url:
            changes["database_url"] = f"sqlite:///{(self.instance_dir / 'xiangqingma.db').resolve()}"
        elif self.database_url.startswith(("postgres://", "postgresql://")):
            rest = self.database_url.split("://", 1)[1]
            changes["database_url"] = f"postgresql+psycopg://{rest}"
        if not self.public_base_url:
            changes["public_base_url"] = f"http://127.0.0.1:{self.port}"
        if not self.local_gateway_port:
            changes["local_gateway_port"] = self.port + 1
        if self.mode == "private":
            for name in ("secret_key", "data_key"):
                if not getattr(self, name):
                    changes[name] = _kept_key(self.instance_dir, name)
        return Settings(**({item.name: getattr(self, item.name) for item in fields(self)} | changes))

    def faults(self) -> Iterator[str]:
        """Say everything that is wrong, not only the first thing."""
        if self.mode not in {"private", "public"}:
            yield "MODE 只能是 private 或 public"
        for name in ("secret_key", "data_key"):
            value = getattr(self, name)
            if value.lower() in PLACEHOLDERS or len(value) < 32:
                yield f"{name.upper()} 必须是至少 32 个字符的随机文字，不能用默认值"
        if not self.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            yield "DATABASE_URL 只支持 PostgreSQL（postgresql://…），或留空使用自带数据库"
        if self.trusted_proxies < 0:
            yield "TRUSTED_PROXIES 是前面可信代理的层数，不能小于 0"
        if not 1 <= self.port <= 65535:
            yield "PORT 必须在 1 到 65535 之间"
        if self.sms_sender not in {"demonstration", "http"}:
            yield "SMS_SENDER 只能是 demonstration 或 http"
        if self.sms_sender == "http" and not (self.sms_endpoint and self.sms_key):
            yield "SMS_SENDER=http 时需要 SMS_ENDPOINT 和 SMS_KEY"
        yield from self._base_url_faults()
        yield from self._alipay_faults()
        if self.mode == "public":
            yield from self._public_faults()

    def _base_url_faults(self) -> Iterator[str]:
        parts = urlsplit(self.public_base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            yield "PUBLIC_BASE_URL 必须是完整网址，例如 https://xq.example.cn"
        elif parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username:
            yield "PUBLIC_BASE_URL 只写到主机名为止，后面不带路径"

    def _alipay_faults(self) -> Iterator[str]:
        if self.payments_live and not self.alipay_app_id:
            yield "PAYMENTS_LIVE=1 时需要 ALIPAY_APP_ID"
        if not self.alipay_app_id:
            return
        if not (self.alipay_app_id.isascii() and self.alipay_app_id.isdigit()):
            yield "ALIPAY_APP_ID 应该全是数字"
        for name in (
            "alipay_private_key_file",
            "alipay_public_key_file",
            "alipay_seller_id",
            "alipay_gateway_url",
        ):
            if not getattr(self, name):
                yield f"设置了 ALIPAY_APP_ID，还缺 {name.upper()}"
        files = ("alipay_private_key_file", "alipay_public_key_file", "alipay_app_cert_file", "alipay_root_cert_file")
        for name in files:
            path = getattr(self, name)
            if path and not Path(path).is_file():
                yield f"{name.upper()} 指的文件不存在"

    def _public_faults(self) -> Iterator[str]:
        if not self.public_base_url.startswith("https://"):
            yield "公开服务时 PUBLIC_BASE_URL 必须以 https:// 开头"
        if urlsplit(self.public_base_url).hostname in {"localhost", "127.0.0.1", "::1"}:
            yield "公开服务时 PUBLIC_BASE_URL 不能是本机地址"
        for name in ("organiser", "icp_record", "police_record"):
            if not getattr(self, name):
                yield f"公开服务需要 {name.upper()}（页脚的主办单位与备案号）"
        if self.sms_sender == "demonstration":
            yield "公开服务需要真实的短信通道：SMS_SENDER 不能是 demonstration"

    def for_flask(self) -> dict[str, Any]:
        """Return what Flask and its extensions want to find in ``app.config``."""
        secure = self.public_base_url.startswith("https://")
        return {
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "TESTING": self.testing,
            "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
            # Far more than any field may hold: who pastes too much is told so beside it, and loses nothing.
            "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
            "MAX_FORM_PARTS": 2_000,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": secure,
            "SESSION_COOKIE_NAME": "xq",
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_SSL_STRICT": secure,
            "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
            "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        }

    @property
    def is_loopback(self) -> bool:
        """Say whether the web server would listen to this machine alone."""
        return self.bind in {"127.0.0.1", "::1", "localhost"}


def _read_one(name: str, raw: str, values: dict[str, Any], faults: list[str]) -> None:
    default = Settings.__dataclass_fields__[name].default
    if isinstance(default, bool):
        values[name] = raw.strip().lower() in TRUE
    elif isinstance(default, int):
        try:
            values[name] = int(raw)
        except ValueError:
            faults.append(f"{name.upper()} 应该是一个整数")
    elif isinstance(default, Path):
        values[name] = Path(raw).resolve()
    else:
        values[name] = raw.strip()


def _kept_key(instance_dir: Path, name: str) -> str:
    """Return the random key kept in *instance_dir* under *name*, made at first need, readable by its owner alone."""
    instance_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = instance_dir / f"{name}.txt"
    try:
        with path.open("x", encoding="ascii") as kept:
            path.chmod(0o600)
            kept.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")


def from_environment(**overrides: Any) -> Settings:
    """Read the process's environment; the only place in the project that does."""
    return Settings.from_env(os.environ, **overrides)


def current() -> Settings:
    """Return the settings of the running application."""
    settings: Settings = current_app.extensions["settings"]
    return settings
