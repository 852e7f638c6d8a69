"""Commands of the ground: migrate the database, do the work, let the clock ask for timed work."""

from __future__ import annotations

import signal
import threading

import click
from flask import Flask, current_app

from commons import worker
from commons.db import transaction
from commons.outbox import tick


def init_app(app: Flask) -> None:
    """Make the commands known to ``flask --app wsgi``."""
    for command in (migrate, work, tick_once):
        app.cli.add_command(command)


@click.command("migrate")
@click.option("--to", default="head", help="一直迁移到哪一步，默认最新")
@click.option("--down", is_flag=True, help="往回迁移")
def migrate(to: str, down: bool) -> None:
    """把数据库迁移到需要的版本。"""
    from migrations.run import downgrade, upgrade  # a web process never needs the tools of migrations

    (downgrade if down else upgrade)(to)
    click.echo("数据库已就绪")


@click.command("work")
@click.option("--once", is_flag=True, help="做完眼下到期的事就停")
def work(once: bool) -> None:
    """做后台的事：提醒、对账、到期的订单……"""
    if once:
        worker.beat()
        click.echo(f"做了 {worker.run_due()} 件")
        return
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    worker.work(app, stop)


@click.command("tick")
def tick_once() -> None:
    """把到点的定时事项写进待办；由系统定时器每分钟叫一次，或由 work 自己做。"""
    with transaction():
        tick()
