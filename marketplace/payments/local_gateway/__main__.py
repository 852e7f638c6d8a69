"""Serve the gateway: python -m marketplace.payments.local_gateway --instance DIR --port N."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from marketplace.payments.local_gateway.app import start


def main() -> None:
    """Run until told to stop; say where everything is."""
    parser = argparse.ArgumentParser(prog="local_gateway", description="本地支付网关，只用于演示和测试。")
    parser.add_argument("--instance", type=Path, required=True, help="存放密钥和交易的目录")
    parser.add_argument("--port", type=int, default=8010, help="端口；0 表示任选一个")
    parser.add_argument("--pace", type=float, default=1.0, help="通知重发间隔的倍数，0.01 表示快一百倍")
    wanted = parser.parse_args()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    running = start(wanted.instance, port=wanted.port, pace=wanted.pace)
    lines = (
        f"本地支付网关：{running.base_url}/（操作台）",
        f"网关地址：{running.base_url}/gateway.do",
        f"商户配置：{running.merchant_file}",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    stopping.wait()
    running.stop()


if __name__ == "__main__":
    main()
