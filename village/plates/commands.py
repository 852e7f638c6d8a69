"""``flask --app wsgi plates …``: printing plates, and every host that ever stood on one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from commons import clock
from commons.db import db, transaction
from commons.errors import Refusal
from village.divisions.commands import NewFile, refusals_said
from village.plates import actions, queries
from village.plates.faces import LAYOUTS
from village.plates.models import PlateBatch
from village.plates.printing import finish

plates = AppGroup("plates", help="门牌：印制、网址清单。")


@plates.command("print")
@click.option("--village", help="村的 12 位代码：给还没有门牌的门各印一块")
@click.option("--batch", "batch_id", type=int, help="重印已有的一批（编号见 plates batches）")
@click.option("--out", type=NewFile(), required=True, help="PDF 写到哪里；清单写在旁边的 .json")
@click.option("--layout", type=click.Choice(list(LAYOUTS)), default="a3", help="版式")
@click.option(
    "--limit", type=click.IntRange(1, actions.MOST_AT_ONCE), default=actions.MOST_AT_ONCE, help="最多几块"
)
def print_plates(village: str | None, batch_id: int | None, out: Path, layout: str, limit: int) -> None:
    """印门牌。每个码都重新扫过、核对无误，才写出文件。"""
    if (village is None) == (batch_id is None):
        raise click.ClickException("请写 --village 或 --batch，两者选一")
    with refusals_said():
        if village is not None:
            with transaction():
                batch = actions.begin_batch(village, layout, most=limit)
            finish(batch)
        else:
            batch = _known(batch_id)
        file = actions.file_again(batch, layout)
    try:
        out.write_bytes(file.pdf)
        out.with_suffix(".json").write_bytes(file.manifest)
    except OSError as error:  # the plates are printed all the same: their codes are given out
        again = f"这一批已经印好，换个地方再取一次：plates print --batch {batch.id} --out …"
        raise click.ClickException(f"写不了 {out}：{error.strerror}。{again}") from error
    click.echo(f"第 {batch.number} 批，{batch.plates} 块，网址主机 {batch.public_host}，文件 {out}")
    if batch_id is not None and layout == batch.layout and not file.is_as_first_printed:
        click.echo("注意：字体或程序换过，文件与第一次印的不完全相同；每个码都已重新核对")
    left = queries.count_without_plate(batch.village_code)
    if village is not None and left:
        click.echo(f"还有 {left} 个门没有门牌，请再印一批")


def _known(batch_id: int | None) -> PlateBatch:
    batch = db.session.get(PlateBatch, batch_id)
    if batch is None or batch.state != "printed":
        raise Refusal("没有这一批，或者还没有印好")
    return batch


@plates.command("batches")
def list_batches() -> None:
    """列出印过的每一批。"""
    for batch, name in queries.batches(PlateBatch.state == "printed", limit=1000):
        click.echo(
            f"{batch.id}  {name} 第 {batch.number} 批  {batch.plates} 块  {_day(batch.made_at)}  {batch.public_host}"
        )


@plates.command("hosts")
def list_hosts() -> None:
    """列出门牌上印过的每个网址主机：只要还有一块牌挂着，它就必须一直能打开。"""
    for host in queries.printed_hosts():
        demo = "  演示" if host.is_demonstration else ""
        days = f"{_day(host.first_at)} 至 {_day(host.last_at)}"
        click.echo(f"{host.host}  {host.batches} 批  {host.plates} 块  {days}{demo}")


def _day(moment: datetime | None) -> str:
    return "?" if moment is None else f"{clock.to_beijing(moment):%Y-%m-%d}"
