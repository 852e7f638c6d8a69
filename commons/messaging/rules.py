"""The words of every message. Providers know a message by its template's name; only the values travel."""

from __future__ import annotations

from string import Formatter

_templates: dict[str, str] = {}


def register_template(name: str, words: str) -> None:
    """
    Make *words* (with ``{places}`` for values) known as the template *name*.

    Each template is registered with the provider by hand once, word for word, since providers send nothing else.
    """
    if _templates.get(name, words) != words:
        raise ValueError(f"template {name} has other words already")
    _templates[name] = words


def places_of(name: str) -> set[str]:
    """Return the names of the values that the template *name* needs; ``KeyError`` for an unknown one."""
    return {place for _, place, _, _ in Formatter().parse(_templates[name]) if place}


def worded(name: str, values: dict[str, str]) -> str:
    """Return the message as a person reads it."""
    return _templates[name].format_map(values)


register_template(
    "sign-in-code", "您的验证码是 {code}，{minutes} 分钟内有效，只用一次。任何人向您索要都不要告诉。"
)
register_template(
    "code-read-out", "工作人员{who}刚为这个手机号当面生成了登录验证码。如果不是您请他办的，请打村里值班电话。"
)
