"""Deliver notifications from a background thread: at once, then again and again until `success`."""

import json
import sqlite3
import threading
from collections.abc import Callable
from itertools import islice

import requests

from marketplace.payments.local_gateway.gateway import Gateway
from marketplace.payments.local_gateway.notices import signed_fields
from marketplace.payments.local_gateway.rules import DELIVERY_TIMEOUT_S, RETRY_WAITS_S
from marketplace.payments.local_gateway.trade_rows import WAITING
from marketplace.payments.local_gateway.trades import expire_all_due

_LONGEST_NAP_S = 60.0  # the machine's own clock may be set while we sleep
_KEPT_ANSWER = 200  # bytes

# Post the fields to the address; give the status (nothing if it failed) and what was answered.
Post = Callable[[str, dict[str, str]], tuple[int | None, str]]


class Courier:
    """
    One thread that sleeps until something is due: a delivery, or the expiry of an unpaid trade.

    A simulation does not start the thread but calls `deliver_next` itself, with its own *post*.
    """

    def __init__(self, gateway: Gateway, post: Post | None = None) -> None:
        self._gateway = gateway
        self._post = post or self._post_over_http
        self._bell = threading.Condition()
        self._has_rung = False
        self._is_stopping = False
        self._session = requests.Session()
        self._session.trust_env = False
        self._thread = threading.Thread(target=self._work, name="local-gateway-courier", daemon=True)
        gateway.wake = self.wake

    def start(self) -> None:
        """Begin delivering, what an earlier run left behind included."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the delivery under way and end."""
        with self._bell:
            self._is_stopping = True
            self._bell.notify_all()
        if self._thread.is_alive():
            self._thread.join(DELIVERY_TIMEOUT_S + 5)
        self._session.close()

    def wake(self) -> None:
        """Look again now: something new may be due, or the clock was moved."""
        with self._bell:
            self._has_rung = True
            self._bell.notify_all()

    def _work(self) -> None:
        while not self._is_stopping:
            if not self.deliver_next():
                self._sleep()

    def _sleep(self) -> None:
        # Asked before the bell is held: who changes the store rings it, so the other order would be a deadlock.
        nap_s = self._nap_s()
        with self._bell:
            if not self._has_rung and not self._is_stopping:
                self._bell.wait(nap_s)
            self._has_rung = False

    def _nap_s(self) -> float:
        store, now = self._gateway.store, self._gateway.now()
        due = [
            store.row("SELECT min(due_at) AS at FROM notification WHERE state = 'waiting'"),
            store.row("SELECT min(expires_at) AS at FROM trade WHERE status = ?", WAITING),
        ]
        moments = [float(row["at"]) - now for row in due if row is not None and row["at"] is not None]
        return max(0.0, min([*moments, _LONGEST_NAP_S]))

    def deliver_next(self) -> bool:
        """Let due trades expire, then deliver the one notification that is due first, if any is."""
        expire_all_due(self._gateway)
        store = self._gateway.store
        row = store.row(
            "SELECT * FROM notification WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, id LIMIT 1",
            self._gateway.now(),
        )
        if row is None:
            return False
        fields = signed_fields(self._gateway, json.loads(row["fields"]), row["forgery"])
        status, told = self._post(row["url"], fields)
        with store.writing():
            # As the row now is: an operator may have held it while it was on its way. Where everything was
            # forgotten meanwhile, it is gone, and its number may be another's.
            present = store.row(
                "SELECT * FROM notification WHERE id = ? AND notify_id = ?", row["id"], row["notify_id"]
            )
            if present is not None:
                store.insert(
                    "delivery", notification_id=row["id"], at=self._gateway.now(), status=status, answer=told
                )
                self._settle(present, is_taken=status == 200 and told == "success")
        return True

    def _settle(self, row: sqlite3.Row, *, is_taken: bool) -> None:
        store = self._gateway.store
        changes: dict[str, object] = {"attempts": row["attempts"] + 1}
        if row["forgery"]:
            changes["state"] = "delivered" if is_taken else "refused"
        elif is_taken and row["repeats"] > 0:
            changes |= {"repeats": row["repeats"] - 1, "due_at": self._gateway.now()}
        elif is_taken:
            changes["state"] = "delivered"
        elif row["state"] == "waiting":
            changes |= self._next_try(row["attempts"])
        store.update("notification", "id", row["id"], **changes)
        # What was told to arrive after its successor may go now.
        store.rows(
            "UPDATE notification SET state = 'waiting', due_at = ? WHERE state = 'swapped' AND trade_no = ?",
            self._gateway.now(),
            row["trade_no"],
        )

    def _next_try(self, attempts: int) -> dict[str, object]:
        if attempts >= len(RETRY_WAITS_S):
            return {"state": "given_up"}
        return {"due_at": self._gateway.now() + RETRY_WAITS_S[attempts] * self._gateway.pace}

    def _post_over_http(self, url: str, fields: dict[str, str]) -> tuple[int | None, str]:
        try:
            with self._session.post(
                url, data=fields, timeout=DELIVERY_TIMEOUT_S, allow_redirects=False, stream=True
            ) as answer:
                told = b"".join(islice(answer.iter_content(1), _KEPT_ANSWER))
                return answer.status_code, told.decode("utf-8", "replace")
        # Whatever an address or its answer is like, it is a failed delivery and no more.
        except Exception as error:
            return None, type(error).__name__
