"""
What an endpoint takes, said as data; reading a form by it, and telling it to a machine (OpenAPI).

Every kind reads what the form gave, or refuses in Stripe's words and names the parameter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from marketplace.money import LARGEST_FEN, yuan
from marketplace.payments.api.decoding import Tree
from marketplace.payments.api.errors import bad_parameter

EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
MOST_METADATA, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What all kinds have: whether it must be given, whether an empty text unsets it, and a word for the reader."""

    required: bool = False
    can_unset: bool = False
    about: str = ""

    def read(self, given: str | Tree, name: str) -> Any:
        """Return the value of the parameter *name*, None where it is to be unset."""
        if given == "":
            if self.can_unset:
                return None
            raise bad_parameter(
                name,
                f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty "
                "value.",
                "parameter_invalid_empty",
            )
        return self.take(given, name)

    def take(self, given: str | Tree, name: str) -> Any:
        """Return the value of what is not empty."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """Return the parameter as JSON Schema."""
        raise NotImplementedError


def _text(given: str | Tree, name: str) -> str:
    if isinstance(given, str):
        return given
    raise bad_parameter(name, f"Invalid string: {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Kind):
    """A text of at most *longest* characters."""

    longest: int = 5000

    def take(self, given: str | Tree, name: str) -> str:
        text = _text(given, name)
        if len(text) > self.longest:
            raise bad_parameter(
                name, f"Invalid string: {text[:10]}...; must be at most {self.longest} characters"
            )
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.longest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Text):
    """An address for mail, as far as its look can tell."""

    longest: int = 512

    def take(self, given: str | Tree, name: str) -> str:
        text = Text.take(self, given, name)
        if not EMAIL.fullmatch(text):
            raise bad_parameter(name, f"Invalid email address: {text[:100]}", "email_invalid")
        return text

    def schema(self) -> dict[str, Any]:
        return Text.schema(self) | {"format": "email"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Url(Text):
    """A complete http(s) address."""

    def take(self, given: str | Tree, name: str) -> str:
        text = Text.take(self, given, name)
        try:
            parts = urlsplit(text)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in {"http", "https"} or not parts.hostname or any(ch.isspace() for ch in text):
            raise bad_parameter(name, "Not a valid URL", "url_invalid")
        return text


def _one_of(words: tuple[str, ...]) -> str:
    """Write a choice as Stripe does: ``a``, ``a or b``, ``a, b, or c``."""
    comma = "," if len(words) > 2 else ""
    return f"{', '.join(words[:-1])}{comma} or {words[-1]}" if len(words) > 1 else words[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf(Kind):
    """One of *words*."""

    words: tuple[str, ...]

    def take(self, given: str | Tree, name: str) -> str:
        text = _text(given, name)
        if text not in self.words:
            raise bad_parameter(name, f"Invalid {name}: must be one of {_one_of(self.words)}")
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.words)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Int(Kind):
    """A whole number; ``parameter_invalid_integer`` when it is none or out of bounds."""

    least: int = 0
    most: int = 99_999_999_999

    def take(self, given: str | Tree, name: str) -> int:
        text = _text(given, name)
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
            raise bad_parameter(name, f"Invalid integer: {text[:40]}", "parameter_invalid_integer")
        number = int(text)
        if number < self.least:
            words = f"This value must be greater than or equal to {self.least}."
            raise bad_parameter(name, words, "parameter_invalid_integer")
        if number > self.most:
            words = f"This value must be less than or equal to {self.most}."
            raise bad_parameter(name, words, "parameter_invalid_integer")
        return number

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Int):
    """Money in fen; ``amount_too_large`` when it is more than a payment may be."""

    least: int = 1
    most: int = LARGEST_FEN

    def take(self, given: str | Tree, name: str) -> int:
        text = _text(given, name)
        digits = text.lstrip("0")
        if digits.isascii() and digits.isdigit() and (len(digits) > 18 or int(digits) > self.most):
            raise bad_parameter(
                name, f"Amount must be no more than ¥{yuan(self.most)} cny", "amount_too_large"
            )
        return Int.take(self, text, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bool(Kind):
    """``true`` or ``false``."""

    def take(self, given: str | Tree, name: str) -> bool:
        text = _text(given, name)
        if text not in {"true", "false"}:
            raise bad_parameter(name, f"Invalid boolean: {text[:40]}")
        return text == "true"

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Never(Bool):
    """What is not offered here; a program may say that it does not want it."""

    def take(self, given: str | Tree, name: str) -> bool:
        if Bool.take(self, given, name):
            raise bad_parameter(name, f"{name} is not offered here: it can only be false.")
        return False

    def schema(self) -> dict[str, Any]:
        return Bool.schema(self) | {"enum": [False]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Kind):
    """A list, however its places were written; with *is_set* one in which nothing stands twice."""

    of: Kind
    most: int = 100
    is_set: bool = False

    def take(self, given: str | Tree, name: str) -> list[Any]:
        if isinstance(given, str) or not all(key.isascii() and key.isdigit() for key in given):
            raise bad_parameter(name, "Invalid array")
        if len(given) > self.most:
            raise bad_parameter(name, f"Invalid array: at most {self.most} items")
        places = sorted(given, key=int)
        values = [self.of.read(given[place], f"{name}[{place}]") for place in places]
        if self.is_set and len(set(values)) < len(values):
            raise bad_parameter(name, "Invalid array: each value may be given once")
        return values

    def schema(self) -> dict[str, Any]:
        unique = {"uniqueItems": True} if self.is_set else {}
        return {"type": "array", "items": self.of.schema(), "maxItems": self.most} | unique


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested(Kind):
    """A parameter that has parameters of its own."""

    of: dict[str, Kind]

    def take(self, given: str | Tree, name: str) -> dict[str, Any]:
        if isinstance(given, str):
            raise bad_parameter(name, "Invalid object")
        return read(self.of, given, name)

    def schema(self) -> dict[str, Any]:
        return object_schema(self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Either(Kind):
    """A text of the kind *plain*, or an object of *of*: ``created=5`` and ``created[gte]=5``."""

    plain: Kind
    of: dict[str, Kind]

    def take(self, given: str | Tree, name: str) -> Any:
        if isinstance(given, str):
            return self.plain.read(given, name)
        return read(self.of, given, name)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.plain.schema(), object_schema(self.of)]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata(Kind):
    """
    The caller's own words: up to fifty pairs of texts.

    Read as pairs to be merged by :func:`merged`; an empty value removes its key, an empty text removes all (None).
    """

    can_unset: bool = True

    def take(self, given: str | Tree, name: str) -> dict[str, str]:
        if isinstance(given, str):
            raise bad_parameter(name, "Invalid object")
        pairs: dict[str, str] = {}
        for key, value in given.items():
            if not isinstance(value, str):
                raise bad_parameter(f"{name}[{key}]", "Metadata values must be strings")
            if not key or len(key) > LONGEST_KEY:
                words = f"Metadata keys can have up to {LONGEST_KEY} characters. Invalid key: {key[:60]}"
                raise bad_parameter(name, words)
            if len(value) > LONGEST_VALUE:
                words = f"Metadata values can have up to {LONGEST_VALUE} characters, but you passed in {len(value)}."
                raise bad_parameter(f"{name}[{key}]", words)
            pairs[key] = value
        return pairs

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "string", "maxLength": LONGEST_VALUE}}


def merged(before: dict[str, str], params: dict[str, Any]) -> dict[str, str]:
    """
    Return the metadata after a call: what was there, changed by ``metadata`` of *params*.

    Raises:
        ApiError: there would be more than fifty keys.
    """
    if "metadata" not in params:
        return before
    if params["metadata"] is None:
        return {}
    after = {key: value for key, value in (before | params["metadata"]).items() if value != ""}
    if len(after) > MOST_METADATA:
        raise bad_parameter("metadata", f"You can specify up to {MOST_METADATA} keys")
    return after


@dataclass(frozen=True, slots=True)
class Params:
    """All parameters of one endpoint. ``expand`` belongs to every one and is not named."""

    of: dict[str, Kind] = field(default_factory=dict)

    def __init__(self, **of: Kind) -> None:
        object.__setattr__(self, "of", of)


def read(kinds: dict[str, Kind], given: Tree, inside: str = "") -> dict[str, Any]:
    """Return the values of *given*, or refuse the first that is unknown, missing or wrong."""
    unknown = [_name(key, inside) for key in given if key not in kinds]
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        words = f"Received unknown parameter{plural}: {', '.join(unknown)}"
        raise bad_parameter(unknown[0], words, "parameter_unknown")
    for key, kind in kinds.items():
        if kind.required and key not in given:
            name = _name(key, inside)
            raise bad_parameter(name, f"Missing required param: {name}.", "parameter_missing")
    return {key: kinds[key].read(value, _name(key, inside)) for key, value in given.items()}


def _name(key: str, inside: str) -> str:
    return f"{inside}[{key}]" if inside else key


def object_schema(kinds: dict[str, Kind]) -> dict[str, Any]:
    """Return parameters as the JSON Schema of an object."""
    properties = {
        key: kind.schema() | ({"description": kind.about} if kind.about else {})
        for key, kind in kinds.items()
    }
    wanted = [key for key, kind in kinds.items() if kind.required]
    return {"type": "object", "properties": properties} | ({"required": wanted} if wanted else {})


ADDRESS = Nested(
    can_unset=True,
    of={
        name: Text(can_unset=True, longest=200)
        for name in ("city", "country", "line1", "line2", "postal_code", "state")
    },
)
SHIPPING = Nested(
    can_unset=True,
    of={
        "address": ADDRESS,
        "name": Text(longest=200),
        "phone": Text(longest=40, can_unset=True),
        "carrier": Text(longest=200, can_unset=True),
        "tracking_number": Text(longest=200, can_unset=True),
    },
)
MOMENT = Int(most=9_999_999_999)
SPAN = Either(plain=MOMENT, of=dict.fromkeys(("gt", "gte", "lt", "lte"), MOMENT))
