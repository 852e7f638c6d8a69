"""
The style and the scripts of every page, joined and made small once at start.

There is no build step: `static/css/` and `static/js/` are the sources, and this file is all that stands between
them and a browser. A cached page carries its style inline, with the hash that the content security policy needs;
every other page links a file whose name contains a hash of its content, so it may be kept for ever.
"""

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import brotli
from flask import Flask, Response, abort, request
from markupsafe import Markup

STATIC = Path(__file__).resolve().parent.parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"

_GROUND = ("tokens", "base", "layout")
_DOOR = (
    "icon", "landscape", "door-plate", "tiles", "section-head", "notice-row", "artisan-row", "drawing", "price",
    "produce-card", "privacy-note", "button", "action-bar", "mark-strip",
)  # fmt: skip
_PICTURES = ("icon", "landscape", "drawing")
# A rule for one thing that a page without pictures does not have.
_PICTURE_RULE = re.compile(
    r"(?<=})[^{},]*(?:\.icon|\.drawing|\.artisan-row-trade|html\.desk)\b[^{},]*\{[^}]*}"
)
_FORMS = ("field", "error-summary", "flash", "tag", "steps", "pager", "table", "empty", "receipt")
_PUBLIC = (
    "blank-plate", "page-head", "prose", "chips", "summary-list", "facts", "notice-sheet", "shop-head", "shop-card",
    "quantity", "total-bar", "emergency", "pay-steps", "sheet", "fold",
)  # fmt: skip
_DESK = (
    "page-head",
    "prose",
    "chips",
    "panel",
    "stat-cards",
    "facts",
    "summary-list",
    "notice-sheet",
    "occupancy",
    "grid-map",
    "fold",
    "desk",
)

# The order of files is the order of rules: what comes later wins.
PAGE_TYPES: dict[str, tuple[str, ...]] = {
    "door": _DOOR,
    "lean": (*(name for name in _DOOR if name not in _PICTURES), "lean"),
    "scan": ("icon", "landscape", "blank-plate", "button", "mark-strip", "prose"),
    "public": (*_DOOR, *_FORMS, *_PUBLIC, "print"),
    "desk": (*_DOOR, *_FORMS, *_DESK, "print"),
}


@dataclass(frozen=True)
class Asset:
    """One file as it is sent: its name with the hash in it, its type, and its bytes in each encoding."""

    name: str
    media_type: str
    plain: bytes

    @cached_property
    def encodings(self) -> dict[str, bytes]:
        """The compressed bytes, made when they are first asked for: a worker never is, and a web process need not wait."""
        return {"br": _brotli(self.plain), "gzip": gzip.compress(self.plain, 9, mtime=0)}


def small_css(source: str) -> str:
    """
    Return *source* without comments and needless whitespace. The meaning stays the same.

    >>> small_css("a { color : red;  /* why */ }")
    'a{color:red}'
    """
    text = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,]) ?", r"\1", text)
    text = re.sub(r"(?<=[\w-]) ?: ", ":", text)
    return text.replace(";}", "}").strip()


def small_js(source: str) -> str:
    """Return *source* without comment blocks, indentation and empty lines; names stay as they were written."""
    text = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def small_html(page: str) -> str:
    """Return *page* without indentation. Not for pages with <pre> or <textarea>."""
    return re.sub(r"\s*\n\s*", "\n", page).strip()


@cache
def style(page_type: str) -> str:
    """Return the whole style of a page type, made small."""
    files = [STATIC / "css" / f"{name}.css" for name in _GROUND]
    files += [STATIC / "css" / "components" / f"{name}.css" for name in PAGE_TYPES[page_type]]
    text = small_css("\n".join(file.read_text(encoding="utf-8") for file in files))
    return _PICTURE_RULE.sub("", text) if page_type == "lean" else text


def inline_style(page_type: str) -> Markup:
    """Return the style element of a page that must arrive in one piece."""
    return Markup(f"<style>{style(page_type)}</style>")  # noqa: S704 - our own file, read at start


@cache
def _door_script() -> str:
    return small_js((STATIC / "js" / "door.js").read_text(encoding="utf-8"))


def inline_script() -> Markup:
    """Return the door page's one script element."""
    return Markup(f"<script>{_door_script()}</script>")  # noqa: S704 - our own file, read at start


def style_hash(page_type: str) -> str:
    """Return the source expression that lets `inline_style(page_type)` through a content security policy."""
    return _policy_hash(style(page_type))


def script_hash() -> str:
    """Return the source expression that lets `inline_script()` through a content security policy."""
    return _policy_hash(_door_script())


def _policy_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _brotli(content: bytes) -> bytes:
    return bytes(brotli.compress(content, quality=11))


def _short_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


@cache
def _assets() -> dict[str, Asset]:
    """Return everything that may be asked for, by the short name that templates use."""
    found: dict[str, Asset] = {}
    for page_type in ("public", "desk"):
        content = style(page_type).encode()
        name = f"css/{page_type}-{_short_hash(content)}.css"
        found[f"{page_type}.css"] = Asset(name, "text/css; charset=utf-8", content)
    # Scripts import one another by relative names, so the hash of them all is in the folder's name.
    scripts = {
        path.relative_to(STATIC / "js").as_posix(): path for path in sorted((STATIC / "js").rglob("*.js"))
    }
    contents = {name: path.read_bytes() for name, path in scripts.items()}
    folder = f"js-{_short_hash(b''.join(contents.values()))}"
    for name, content in contents.items():
        found[name] = Asset(f"{folder}/{name}", "text/javascript; charset=utf-8", content)
    return found


def asset(name: str) -> str:
    """Return the address of *name* (`public.css`, `desk.css`, `main.js`) with the hash of its content in it."""
    return f"/static/{_assets()[name].name}"


def _serve(folder: str, filename: str) -> Response:
    """Anyone may fetch a style or a script; it says nothing about anybody."""
    wanted = f"{folder}/{filename}"
    found = next((each for each in _assets().values() if each.name == wanted), None)
    if found is None:
        abort(404)
    encoding = next((each for each in ("br", "gzip") if request.accept_encodings[each]), "")
    answer = Response(found.encodings.get(encoding, found.plain), content_type=found.media_type)
    answer.headers["Cache-Control"] = FOR_EVER
    answer.headers["Vary"] = "Accept-Encoding"
    if encoding:
        answer.headers["Content-Encoding"] = encoding
    return answer


def init_app(app: Flask) -> None:
    """Serve the joined files and give templates `asset`, `inline_style` and `inline_script`."""
    app.add_url_rule("/static/<any(css):folder>/<filename>", "assets.style", _serve)
    script_folder = asset("main.js").split("/")[2]
    app.add_url_rule(f"/static/<any('{script_folder}'):folder>/<path:filename>", "assets.script", _serve)
    app.jinja_env.globals.update(asset=asset, inline_style=inline_style, inline_script=inline_script)
