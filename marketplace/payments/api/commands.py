"""Commands for keys: ``flask --app wsgi keys create [--live]``, ``keys roll``, ``keys end``, ``keys list``."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from commons import clock
from commons.db import transaction
from commons.errors import Missing, Refusal
from commons.settings import current
from marketplace.payments.api.keys import end_key, keys, make_key, roll_key
from marketplace.payments.api.who import account_is_known

group = AppGroup("keys", help="付款接口的密钥。")


@group.command("create")
@click.option("--live", is_flag=True, help="正式密钥（真钱）；不加就是测试密钥。")
@click.option("--account", default="", help="只限某个卖家账户（acct_…）。")
@click.option("--name", default="", help="给谁用，写给自己看。")
def create_command(live: bool, account: str, name: str) -> None:
    """发一对新密钥；只显示这一次。"""
    if account and not account_is_known(account, livemode=live):
        raise click.ClickException("没有这个卖家账户；正式和测试账户互不相通")
    try:
        with transaction():
            made = [make_key(kind, livemode=live, account=account, name=name) for kind in ("sk", "pk")]
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    for row, key in made:
        click.echo(f"{row.id}  {key}")
    click.echo(f"接口地址：{current().public_base_url.rstrip('/')}")
    click.echo("密钥只显示这一次，请收好；丢了用 keys roll 换新的。")


@group.command("roll")
@click.argument("key_id")
@click.option("--hours", type=click.FloatRange(0, 168), default=0, help="旧密钥再用几小时（默认立刻停用）。")
def roll_command(key_id: str, hours: float) -> None:
    """换一把新密钥。"""
    try:
        with transaction():
            row, key = roll_key(key_id, hours)
    except Missing as missing:
        raise click.ClickException("没有这把密钥，或者已经停用") from missing
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    click.echo(f"{row.id}  {key}")


@group.command("end")
@click.argument("key_id")
def end_command(key_id: str) -> None:
    """立刻停用一把密钥，比如已经泄露。"""
    try:
        with transaction():
            row = end_key(key_id)
    except Missing as missing:
        raise click.ClickException("没有这把密钥，或者已经停用") from missing
    click.echo(f"{row.id} 已停用")


@group.command("list")
def list_command() -> None:
    """列出还能用的密钥；只看得到末四位。"""
    for row in keys():
        ends = f"  用到 {clock.to_beijing(row.ends_at):%Y-%m-%d %H:%M}" if row.ends_at else ""
        world = "live" if row.livemode else "test"
        click.echo(f"{row.id}  {row.kind}_{world}_…{row.hint}  {row.account or '平台'}  {row.name}{ends}")
