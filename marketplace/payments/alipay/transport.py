"""Carry a signed request to the gateway and say honestly whether it can have arrived."""

import http.cookiejar
import threading
import time
from typing import Protocol

import requests
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, InvalidURL, MissingSchema, RequestException
from urllib3.exceptions import MaxRetryError, NewConnectionError

LARGEST_ANSWER = 4 * 1024 * 1024
LARGEST_BILL = 256 * 1024 * 1024
_PIECE = 64 * 1024
_FORM = "application/x-www-form-urlencoded;charset=utf-8"


class NotSentError(Exception):
    """No connection came about, so the gateway cannot have seen the request."""


class NoAnswerError(Exception):
    """The request may have arrived, but no usable answer came back."""


class Transport(Protocol):
    """What the client needs of a network; a test may put the gateway in its place."""

    def post(self, url: str, body: str, timeout_s: float) -> bytes:
        """Send a form; return a 200 answer's body, or raise one of the two errors above."""

    def get(self, url: str, timeout_s: float) -> bytes:
        """Fetch a file; same errors."""


class HttpTransport:
    """
    HTTP by ``requests``: pooled, never repeating, never following a redirect, bounded in time and size.

    *timeout_s* bounds connecting, each wait for bytes, and the whole answer. The environment's proxy
    settings are not read, since settings are read in one place; a proxy is given by *proxy_url*.
    """

    def __init__(self, proxy_url: str = "") -> None:
        self._proxies = {"http": proxy_url, "https": proxy_url} if proxy_url else {}
        self._own = threading.local()

    def post(self, url: str, body: str, timeout_s: float) -> bytes:
        return self._send("POST", url, body.encode("ascii"), timeout_s)

    def get(self, url: str, timeout_s: float) -> bytes:
        return self._send("GET", url, None, timeout_s)

    def _send(self, verb: str, url: str, body: bytes | None, timeout_s: float) -> bytes:
        ends_at = time.monotonic() + timeout_s
        try:
            with self._session().request(
                verb,
                url,
                data=body,
                headers={"Content-Type": _FORM} if body is not None else {},
                timeout=timeout_s,
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code != 200:
                    raise NoAnswerError(f"HTTP status {answer.status_code}")
                return _read(answer, ends_at, LARGEST_ANSWER if verb == "POST" else LARGEST_BILL)
        except (MissingSchema, InvalidURL, ConnectTimeout) as error:
            raise NotSentError(type(error).__name__) from error
        except RequestsConnectionError as error:
            if _never_connected(error):
                raise NotSentError("no connection to the gateway") from error
            raise NoAnswerError(type(error).__name__) from error
        except RequestException as error:
            raise NoAnswerError(type(error).__name__) from error

    def _session(self) -> requests.Session:
        """One session per thread: requests does not promise that one may be shared."""
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.proxies.update(self._proxies)
            session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
            self._own.session = session
        return session


def _read(answer: requests.Response, ends_at: float, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in answer.iter_content(_PIECE):
        size += len(piece)
        if size > limit:
            raise NoAnswerError(f"an answer of more than {limit} bytes")
        if time.monotonic() > ends_at:
            raise NoAnswerError("the answer came too slowly")
        pieces.append(piece)
    return b"".join(pieces)


def _never_connected(error: RequestsConnectionError) -> bool:
    """Refused, unreachable or unresolved; anything that failed after connecting stays unknown."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
