"""``flask --app wsgi ledger …``: prove the books."""

from __future__ import annotations

import sys

import click

from commons.db import db
from marketplace.ledger.models import LedgerAccount, LedgerTransfer
from marketplace.ledger.proofs import Findings, all_faults


@click.group("ledger")
def ledger() -> None:
    """账：核对、查余额。"""


@ledger.command("check")
def check() -> None:
    """从每一笔转账重新算一遍；账不对就列出来（同一种只列前几处，其余计数），并以非零状态结束。"""
    found = Findings()
    for fault in all_faults():
        if found.note(fault):
            click.echo(f"不对：{fault.where}：{fault.words}", err=True)
    for kind, count in found.untold():
        click.echo(f"不对：另有 {count} 处和上面的“{kind}”一样，没有列出", err=True)
    accounts = db.session.query(LedgerAccount).count()
    transfers = db.session.query(LedgerTransfer).count()
    click.echo(f"{accounts} 个账户，{transfers} 笔转账，{found.total} 处不对")
    sys.exit(1 if found.total else 0)
