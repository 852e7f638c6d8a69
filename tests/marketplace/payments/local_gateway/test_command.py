"""The gateway as a program of its own."""

import subprocess
import sys
from pathlib import Path

from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import read_merchant_file
from marketplace.payments.alipay.outcomes import DefinitelyNot
from tests.marketplace.payments.buying import make_purchase, pay


def test_it_says_where_it_is_serves_and_ends_when_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "marketplace.payments.local_gateway", "--instance", str(tmp_path)]
    with subprocess.Popen([*command, "--port", "0"], stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            said = [program.stdout.readline() for _ in range(3)]
            alipay = AlipayClient(read_merchant_file(tmp_path / "merchant.json"))
            unknown = alipay.query("pi_none_1")
            paid = pay(alipay, make_purchase())
        finally:
            program.terminate()
        assert program.wait(30) == 0

    assert alipay.config.gateway_url in said[1]
    assert str(tmp_path / "merchant.json") in said[2]
    assert isinstance(unknown, DefinitelyNot)
    assert unknown.sub_code == "ACQ.TRADE_NOT_EXIST"
    assert paid.status_code == 303
