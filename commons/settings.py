"""
What a deployment decides, read once from the environment, checked as a whole, and frozen.

Nothing else in the project reads the environment. Every wrong setting is named at start, all of them together.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from flask import current_app

from commons.deployment import ROOT, Deployment
from commons.settings_faults import faults_of

TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


class BadSettings(SystemExit):
    """The settings contradict themselves or lack something; the message lists every fault."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("设置有误，系统没有启动：\n" + "\n".join(f"  - {fault}" for fault in faults))


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


@dataclass(frozen=True, slots=True)
class Settings(Deployment):
    """All settings of one deployment; see docs/running.md for what each means."""

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
        settings = cls(**values)
        try:
            settings = settings.completed()
        except OSError as error:
            faults.append(f"INSTANCE_DIR 不能写：{settings.instance_dir}（{error.strerror}）")
            # Keys that are missing now are no fault of theirs.
            settings = settings.completed(kept_key=lambda *_: secrets.token_urlsafe(48))
        faults.extend(faults_of(settings))
        if faults:
            raise BadSettings(faults)
        return settings

    def completed(self, kept_key: Callable[[Path, str], str] = _kept_key) -> Settings:
        """Fill in what a machine of one's own may leave out: the embedded database, addresses that follow the port, kept random keys."""
        changes: dict[str, Any] = {}
        if not self.database_url:
            changes["database_url"] = f"sqlite:///{(self.instance_dir / 'xiangqingma.db').resolve()}"
        elif self.database_url.startswith(("postgres://", "postgresql://")):
            rest = self.database_url.split("://", 1)[1]
            changes["database_url"] = f"postgresql+psycopg://{rest}"
        if not self.public_base_url:
            changes["public_base_url"] = f"http://127.0.0.1:{self.followed_port}"
        if not self.local_gateway_port:
            changes["local_gateway_port"] = self.followed_port + 1
        if self.mode != "public":
            for name in ("secret_key", "data_key"):
                if not getattr(self, name):
                    changes[name] = kept_key(self.instance_dir, name)
        return replace(self, **changes)

    @property
    def followed_port(self) -> int:
        """Return the port that other addresses follow; one that is none is no fault of theirs."""
        return self.port if 1 <= self.port < 65535 else 8000

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

    @property
    def is_for_one_machine(self) -> bool:
        """Say whether nobody else is meant to reach it: where a demonstration may stand."""
        return self.mode != "public" and self.is_loopback


def _read_one(name: str, raw: str, values: dict[str, Any], faults: list[str]) -> None:
    default = Settings.__dataclass_fields__[name].default
    if isinstance(default, bool):
        values[name] = raw.strip().lower() in TRUE
        if raw.strip().lower() not in TRUE | FALSE:
            faults.append(f"{name.upper()} 只能是 1 或 0")
    elif isinstance(default, int):
        try:
            values[name] = int(raw)
        except ValueError:
            faults.append(f"{name.upper()} 应该是一个整数")
    elif isinstance(default, Path):
        values[name] = Path(raw.strip()).resolve()
    else:
        values[name] = raw.strip()


def from_environment(**overrides: Any) -> Settings:
    """Read the process's environment; the only place in the project that does."""
    return Settings.from_env(os.environ, **overrides)


def current() -> Settings:
    """Return the settings of the running application."""
    settings: Settings = current_app.extensions["settings"]
    return settings


__all__ = ["ROOT", "BadSettings", "Settings", "current", "from_environment"]
