"""A shop's notification address over real HTTP, for tests of the gateway alone."""

import threading
import time
from collections.abc import Callable

from flask import Flask, Response, request
from werkzeug.serving import make_server


class ListeningShop:
    """Keeps every notification; *answers* decides what is said to the n-th one."""

    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []
        self.answers: Callable[[int], Response] = lambda number: Response("success")
        app = Flask(__name__)
        app.add_url_rule("/notify", view_func=self._notify, methods=["POST"])
        app.add_url_rule("/back", view_func=lambda: "back")
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self.notify_url = f"{self.url}/notify"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def wait_for(self, count: int, seconds: float = 60.0) -> list[dict[str, str]]:
        """Wait until *count* notifications came; fail loudly otherwise."""
        ends_at = time.monotonic() + seconds
        while len(self.received) < count:
            assert time.monotonic() < ends_at, f"{len(self.received)} of {count} notifications came"
            time.sleep(0.01)
        return self.received

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def _notify(self) -> Response:
        self.received.append(request.form.to_dict())
        return self.answers(len(self.received))
