"""``flask --app wsgi alipay …`` and ``… reconcile``: what a deployer asks of payments."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from marketplace.payments.alipay.config import AlipayConfig
from marketplace.payments.alipay.doctor import Health, examine
from marketplace.payments.gateways import gateways
from marketplace.payments.reconcile.flows import reconcile


@click.group("alipay")
def alipay() -> None:
    """支付宝：检查设置、对账。"""


@alipay.command("check")
def check() -> None:
    """检查钥匙、证书、网址和时钟，并问支付宝几个无害的问题；有错就以非零状态结束。"""
    found = gateways().all()
    if not found:
        click.echo("没有设置支付宝（ALIPAY_APP_ID），本机的演示网关也没有在运行")
        sys.exit(1)
    is_good = True
    for gateway in found:
        config: AlipayConfig = gateway.config
        click.echo(
            f"应用 {config.app_id}（{'正式收款' if gateway.livemode else '测试'}） {config.gateway_url}"
        )
        for finding in examine(config):
            click.echo(f"  {finding.health.value}：{finding.words}")
            is_good = is_good and finding.health is not Health.bad
    click.echo("可以用" if is_good else "请先改正上面的错")
    sys.exit(0 if is_good else 1)


@alipay.command("reconcile")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
def reconcile_day(day: datetime) -> None:
    """把某一天的支付宝账单和我们的账再对一次。"""
    is_clean = True
    for gateway in gateways().all():
        bill = reconcile(gateway.app_id, gateway.livemode, day.date(), again=True)
        if bill is None:
            continue
        counts = "，".join(f"{name} {number}" for name, number in bill.counts.items())
        click.echo(f"{bill.app_id} {bill.day}：{bill.state}　{counts or bill.last_words}")
        is_clean = is_clean and bill.state in {"done", "empty"}
    sys.exit(0 if is_clean else 1)
