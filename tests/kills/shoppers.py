"""Programs that take payments as fast as they can, repeat what got no answer, and remember every answer they got."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

PHONE = {"User-Agent": "Android Mobile"}
AMOUNTS = (1, 333, 1507, 99_99)


@dataclass
class Memory:
    """What was promised to the programs, by the key under which they had asked for it."""

    intents: dict[str, str] = field(default_factory=dict)
    refunds: dict[str, str] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
    strange: list[str] = field(default_factory=list)
    unanswered: int = 0

    def wait_for(self, payments: int, seconds: float = 90) -> None:
        """Wait until so many more payments are made, however long this machine takes for them."""
        enough, until = len(self.paid) + payments, time.monotonic() + seconds
        while len(self.paid) < enough:
            if time.monotonic() > until:
                raise TimeoutError(
                    f"{len(self.paid)} payments, {enough} were waited for; {self.unanswered} had no answer"
                )
            time.sleep(0.02)


class Shopper(threading.Thread):
    """One program with one payer: asks for money, pays at the gateway, gives a part back, and begins again."""

    def __init__(self, base: str, key: str, memory: Memory, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._base, self._key, self._memory, self._stopped = base, key, memory, stop

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._buy()
            except requests.RequestException:  # the web server is dead just now
                self._memory.unanswered += 1
                self._stopped.wait(0.2)

    def _buy(self) -> None:
        key = f"key-{secrets.token_hex(8)}"
        form = {
            "amount": secrets.choice(AMOUNTS), "currency": "cny", "confirm": "true",
            "payment_method_types[0]": "alipay", "payment_method_data[type]": "alipay",
            "return_url": "http://127.0.0.1/thanks",
        }  # fmt: skip
        intent = self._post("/v1/payment_intents", key, form)
        if intent is None:
            return
        self._memory.intents[key] = intent["id"]
        if not self._pay(intent["next_action"]["alipay_handle_redirect"]["url"], intent["id"]):
            return
        if intent["amount"] > 1 and secrets.randbelow(2) and self._has_come(intent["id"]):
            back = f"back-{secrets.token_hex(8)}"
            refund = self._post("/v1/refunds", back, {"payment_intent": intent["id"], "amount": 1})
            if refund is not None:
                self._memory.refunds[back] = refund["id"]

    def _post(self, path: str, key: str, form: dict[str, Any]) -> dict[str, Any] | None:
        """Ask under one key until there is an answer: whoever got none cannot know whether it was done."""
        until = time.monotonic() + 60
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": key}
        while time.monotonic() < until:
            try:
                answer = requests.post(self._base + path, data=form, headers=headers, timeout=20)
            except requests.RequestException:
                self._memory.unanswered += 1
                if self._stopped.wait(0.2):
                    return None
                continue
            if answer.status_code == 200:
                told: dict[str, Any] = answer.json()
                return told
            if answer.status_code not in {409, 429, 500, 503}:
                self._memory.strange.append(f"{path} {answer.status_code} {answer.text[:300]}")
                return None
            # It may be in the hands of a process that died, for as long as its lease.
            if self._stopped.is_set():
                return None
            time.sleep(0.2)
        return None

    def _pay(self, url: str, payment_id: str) -> bool:
        """Follow our page to the cashier and press pay there."""
        to_cashier = requests.get(url, headers=PHONE, timeout=20, allow_redirects=False)
        if to_cashier.status_code != 303:
            return False
        page = requests.get(to_cashier.headers["Location"], timeout=20)
        done = requests.post(page.url, timeout=20, allow_redirects=False)
        if done.status_code in {302, 303}:
            self._memory.paid.add(payment_id)
            return True
        return False

    def _has_come(self, payment_id: str) -> bool:
        until = time.monotonic() + 5
        while time.monotonic() < until and not self._stopped.is_set():
            headers = {"Authorization": f"Bearer {self._key}"}
            answer = requests.get(
                f"{self._base}/v1/payment_intents/{payment_id}", headers=headers, timeout=20
            )
            if answer.status_code == 200 and answer.json()["status"] == "succeeded":
                return True
            time.sleep(0.1)
        return False


def crowd(base: str, key: str, memory: Memory, stop: threading.Event, number: int = 6) -> Callable[[], None]:
    """Let some programs begin; the returned function waits until the last has given up."""
    shoppers = [Shopper(base, key, memory, stop) for _ in range(number)]
    for shopper in shoppers:
        shopper.start()

    def end() -> None:
        stop.set()
        for shopper in shoppers:
            shopper.join(70)

    return end
