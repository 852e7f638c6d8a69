"""What a browser sent, as every page reads it: text without zero bytes, and a sign where bytes were no text."""

from __future__ import annotations

from functools import cached_property
from typing import IO, Any
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

# What stands in a text for bytes that were no UTF-8, and for nothing else that anybody types.
UNREADABLE = "\ufffd"


class TextParser(FormDataParser):
    """
    Reads forms of both kinds alike.

    Werkzeug leaves bytes that are no UTF-8 as harmless percent signs in a plain form, which nobody could tell from text, and
    puts its sign for them in a form with files. PostgreSQL takes no zero byte.
    """

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Return the stream, the fields and the files of a form."""
        if mimetype == "application/x-www-form-urlencoded":
            return stream, self.cls(_pairs(stream.read())), self.cls()
        stream, fields, files = super().parse(stream, mimetype, content_length, options)
        return stream, self.cls([(name, _plain(value)) for name, value in fields.items(multi=True)]), files


class SentRequest(Request):
    """A request whose form and query are text, whatever bytes came."""

    form_data_parser_class = TextParser

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The query of the address."""
        words: Any = _pairs(self.query_string)
        return self.parameter_storage_class(words)


def _pairs(sent: bytes) -> list[tuple[str, str]]:
    pairs = parse_qsl(sent.decode(errors="replace"), keep_blank_values=True, errors="replace")
    return [(name, _plain(value)) for name, value in pairs]


def _plain(text: str) -> str:
    return text.replace("\x00", "")
