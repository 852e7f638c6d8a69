"""A small application that shows the project's pages and components without a database, and serves it to a browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import brotli
from flask import Flask, Response, g, request
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server

from commons import assets, filters, reading
from commons.security import content_policy
from commons.settings import ROOT, Settings

Page = Callable[[], str]


def face_app(pages: dict[str, Page], *, policy: bool = True) -> Flask:
    """Return an application that answers each address in *pages*, with the ground's languages and assets."""
    app = Flask("face", root_path=str(ROOT), static_folder=None)
    app.secret_key = "only for looking"
    folders = [ROOT / package / "templates" for package in ("commons", "village", "marketplace")]
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(folder) for folder in [*folders, Path(__file__).parent / "templates"]]
    )
    assets.init_app(app)
    filters.init_app(app)
    settings = Settings(
        organiser="柳河镇人民政府", icp_record="鄂ICP备00000000号", police_record="鄂公网安备00000000000000号"
    )
    reading.init_app(app, settings)
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    for address, page in pages.items():
        app.add_url_rule(address, address, page)
    app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
    app.before_request(_is_no_demonstration)
    app.after_request(_as_the_ground_answers if policy else _compressed)
    return app


def _is_no_demonstration() -> None:
    g.is_demonstration = False  # the mark stands in a database, and there is none here


def _as_the_ground_answers(response: Response) -> Response:
    if response.mimetype != "text/html":
        return response
    kinds = [kind for kind in ("door", "scan") if assets.style(kind) in response.get_data(as_text=True)]
    style = assets.style_hash(kinds[0]) if kinds else "'self'"
    script = assets.script_hash() if kinds else "'self'"
    response.headers["Content-Security-Policy"] = content_policy(style=style, script=script)
    return _compressed(response)


def _compressed(response: Response) -> Response:
    if response.mimetype == "text/html" and request.accept_encodings["br"]:
        small: bytes = brotli.compress(response.get_data(), quality=5)
        response.set_data(small)
        response.headers["Content-Encoding"] = "br"
    return response


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve *app* on a port of its own for as long as the block lasts; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
