"""The gateway's control API as methods, for tests."""

import time
from typing import Any

import requests


class GatewayControl:
    """Steers a running gateway over HTTP, as any other program on this machine could."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def state(self) -> dict[str, Any]:
        """Everything there is to see."""
        answer = requests.get(f"{self.base_url}/control/state", timeout=10)
        return dict(answer.json())

    def post(self, path: str, **told: Any) -> dict[str, Any]:
        """Any control call, told to succeed."""
        answer = requests.post(f"{self.base_url}/control/{path}", json=told, timeout=10)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def fault(self, kind: str, **order: Any) -> None:
        """Let the next fitting request or notification go wrong."""
        self.post("faults", kind=kind, **order)

    def trade(self, out_trade_no: str, deed: str, **told: Any) -> dict[str, Any]:
        """pay, expire, finish or forge."""
        return self.post(f"trades/{out_trade_no}/{deed}", **told)

    def advance(self, seconds: float) -> None:
        """Move the gateway's clock."""
        self.post("clock", advance_s=seconds)

    def wait_for_states(self, *states: str, seconds: float = 60.0) -> dict[str, str]:
        """Wait until the notifications are in these *states*, in any order; return them by their number."""
        ends_at = time.monotonic() + seconds
        while True:
            seen = {one["id"]: one["state"] for one in self.state()["notifications"]}
            if sorted(seen.values()) == sorted(states):
                return seen
            assert time.monotonic() < ends_at, f"{sorted(seen.values())} are not {sorted(states)}"
            time.sleep(0.02)

    def wait_for_deliveries(self, count: int, seconds: float = 60.0) -> None:
        """Wait until the newest notification has been delivered *count* times, answers written down."""
        ends_at = time.monotonic() + seconds
        while len(self.state()["notifications"][0]["deliveries"]) < count:
            assert time.monotonic() < ends_at, f"no delivery number {count}"
            time.sleep(0.02)
