"""
A signed cashier's address, against the same one made by the SDK's own client.

    python -m bench signing [--count 300]

What is compared and why stands in README.md. The last line is the result as JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from alipay.aop.api.request.AlipayTradeWapPayRequest import AlipayTradeWapPayRequest  # noqa: E402

from commons import clock  # noqa: E402
from marketplace.payments.alipay.client import AlipayClient, Purchase  # noqa: E402
from marketplace.payments.alipay.config import AlipayConfig, read_merchant_file  # noqa: E402
from marketplace.payments.local_gateway.direct import BASE_URL, gateway_over  # noqa: E402
from marketplace.payments.local_gateway.keys_on_disk import write_merchant_file  # noqa: E402
from marketplace.payments.local_gateway.store import Store  # noqa: E402
from tests.marketplace.payments.alipay.stock_client import stock_client  # noqa: E402

PAGE = "https://shop.example.cn/"
MOST_MS = 2.0
STOCK_COUNT = 5  # the SDK's own takes a tenth of a second each


def timed(make: Callable[[], str], count: int) -> float:
    """Return the median of *count* calls in milliseconds of processor time."""
    found = []
    for _ in range(count):
        begun = process_time()
        assert "sign=" in make()
        found.append((process_time() - begun) * 1000)
    return statistics.median(found)


def merchant(folder: Path) -> AlipayConfig:
    """Make a gateway's keys and return the merchant's side."""
    gateway = gateway_over(Store(folder / "gateway.sqlite3"))
    write_merchant_file(gateway.keys, BASE_URL, folder / "merchant.json")
    return read_merchant_file(folder / "merchant.json")


def stock_address(config: AlipayConfig, biz: dict[str, Any]) -> Callable[[], str]:
    """Return how the SDK's own client makes the same address, as its manual says."""
    client = stock_client(config)

    def make() -> str:
        request = AlipayTradeWapPayRequest()
        request.biz_content = biz
        request.notify_url = PAGE
        request.return_url = PAGE
        return str(client.page_execute(request, "GET"))

    return make


def main() -> int:
    """Measure, print both and the result as JSON; 1 if ours takes longer than it may."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = merchant(Path(folder))
        client = AlipayClient(config)
        purchase = Purchase(
            "pi_bench_1", 1230, "青石湾村农产品", clock.now() + timedelta(minutes=15), PAGE
        )  # fmt: skip
        ours = timed(lambda: client.wap_pay_url(purchase, return_url=PAGE, quit_url=PAGE), told.count)
        stock = timed(stock_address(config, purchase.biz("QUICK_WAP_WAY", quit_url=PAGE)), STOCK_COUNT)
    print(f"ours {ours:.2f} ms, the SDK's own {stock:.1f} ms")
    lines = [
        ("2 ms : one signed cashier's address", MOST_MS / ours, 1.0),
        ("the SDK's own : ours", stock / ours, None),
    ]
    print(json.dumps({"ours_ms": round(ours, 3), "stock_ms": round(stock, 1), "ratios": lines}))
    return 0 if ours <= MOST_MS else 1


if __name__ == "__main__":
    sys.exit(main())
