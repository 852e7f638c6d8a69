"""Put the gateway together and serve it on loopback."""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as BaseResponse

from marketplace.payments.local_gateway import cashier, control, operator_desk, people
from marketplace.payments.local_gateway.bills import bill_behind
from marketplace.payments.local_gateway.courier import Courier
from marketplace.payments.local_gateway.gateway import Gateway
from marketplace.payments.local_gateway.guard import check_loopback, guard, the_gateway
from marketplace.payments.local_gateway.keys_on_disk import keys_in, write_merchant_file
from marketplace.payments.local_gateway.protocol import CASHIER_METHODS, CERTIFY_METHOD, Reply, answer
from marketplace.payments.local_gateway.store import Store

MERCHANT_FILE = "merchant.json"


def create_gateway(instance_dir: Path, *, port: int, host: str = "127.0.0.1", pace: float = 1.0) -> Flask:
    """
    Make the gateway's application over *instance_dir*, where keys and trades are kept.

    *pace* multiplies the waits between deliveries of a notification. The courier is made but not
    started; `serve` starts it, and ``app.extensions["local_gateway_courier"]`` is it.
    """
    check_loopback(host)
    store = Store(instance_dir / "gateway.sqlite3")
    base_url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    gateway = Gateway(store, keys_in(store), base_url, pace)
    write_merchant_file(gateway.keys, base_url, instance_dir / MERCHANT_FILE)
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    app.extensions["local_gateway"] = gateway
    app.extensions["local_gateway_courier"] = Courier(gateway)
    app.add_url_rule("/gateway.do", view_func=gateway_do, methods=["GET", "POST"])
    app.add_url_rule("/bill/<token>", view_func=download_bill)
    for blueprint in (cashier.bp, people.bp, control.bp, operator_desk.bp):
        app.register_blueprint(blueprint)
    guard(app)
    return app


def gateway_do() -> BaseResponse:
    """The protocol's one address: parameters may stand in the query and in the form."""
    params = {**request.args.to_dict(), **request.form.to_dict()}
    if params.get("method") in CASHIER_METHODS | {CERTIFY_METHOD}:
        return cashier.open_cashier(params)
    return _as_response(answer(the_gateway(), params, real_now=time.time()))


def download_bill(token: str) -> Response:
    """The zip of a day's bill. Whoever holds the address, for 30 seconds."""
    content = bill_behind(the_gateway(), token)
    if content is None:
        abort(404)
    return Response(content, mimetype="application/zip")


def _as_response(reply: Reply) -> Response:
    if reply.is_dropped:
        return Response(_dropping(), mimetype="text/html")
    if reply.delay_s:
        time.sleep(reply.delay_s)
    return Response(reply.body, reply.status, content_type="text/html;charset=utf-8")


def _dropping() -> Iterator[bytes]:
    """Break the connection before the first byte; the server closes the socket and says nothing."""
    raise ConnectionAbortedError("ordered to drop the answer")
    yield b""


class _QuietHandler(WSGIRequestHandler):
    """The operator page shows every request; addresses with cashiers' secrets belong in no log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return

    def connection_dropped(self, error: BaseException, environ: Mapping[str, Any] | None = None) -> None:
        """An answer ordered to be dropped closes its connection now; by itself the server would wait on."""
        self.close_connection = True


@dataclass(frozen=True)
class RunningGateway:
    """A gateway that serves from a thread of this process, until `stop`."""

    app: Flask
    base_url: str
    merchant_file: Path
    _server: BaseWSGIServer
    _thread: threading.Thread

    @property
    def gateway(self) -> Gateway:
        """The gateway's shared parts, for looking inside."""
        found = self.app.extensions["local_gateway"]
        assert isinstance(found, Gateway)
        return found

    def forget_everything(self) -> None:
        """Drop trades, notifications, faults and settings, set the clock right; keep the keys."""
        self.gateway.store.forget_everything()

    def stop(self) -> None:
        """Stop serving and delivering, and close the file."""
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()
        self.app.extensions["local_gateway_courier"].stop()
        self.gateway.store.close()


def start(instance_dir: Path, *, port: int = 0, pace: float = 1.0) -> RunningGateway:
    """Serve in the background; port 0 takes a free one."""
    host = "127.0.0.1"
    # The port must be known before the application is made, because the merchant's file names it.
    server = make_server(host, port, _not_yet, threaded=True, request_handler=_QuietHandler)
    app = create_gateway(instance_dir, port=server.port, pace=pace)
    server.app = app
    app.extensions["local_gateway_courier"].start()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="local-gateway", daemon=True)
    thread.start()
    base_url = f"http://{host}:{server.port}"
    return RunningGateway(app, base_url, instance_dir / MERCHANT_FILE, server, thread)


def _not_yet(environ: object, start_response: object) -> list[bytes]:
    raise RuntimeError("the gateway's application was not put in place")
