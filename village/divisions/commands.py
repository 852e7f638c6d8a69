"""``flask --app wsgi divisions …``: the division table of this deployment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from commons.db import transaction
from commons.errors import Missing, Refusal
from village.divisions import actions, queries, rules
from village.divisions.errors import SHOWN, SheetRefused

divisions = AppGroup("divisions", help="区划表：导入、查找、启用村。")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class NewFile(click.Path):
    """A file to be written: that there is a folder for it is known before any work is done for it."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(value)
        if not path.parent.is_dir():
            self.fail(f"没有文件夹 {path.parent}", param, ctx)
        if not os.access(path.parent, os.W_OK):
            self.fail(f"文件夹 {path.parent} 不能写", param, ctx)
        return super().convert(value, param, ctx)


@contextmanager
def refusals_said() -> Iterator[None]:
    """Say what was refused in plain words, one fault to a line, and end with a failure."""
    try:
        yield
    except SheetRefused as refused:
        for fault in refused.faults[:SHOWN]:
            click.echo(str(fault), err=True)
        raise click.ClickException(f"有 {len(refused.faults)} 处不对，没有存入任何一行") from refused
    except (Refusal, Missing) as refusal:
        raise click.ClickException(refusal.sentence) from refusal


@divisions.command("import")
@click.argument("file", type=FILE)
def import_table(file: Path) -> None:
    """导入区划表 FILE（CSV，列：code、name、level、kind、as_of）。先全部检查，再一次存入。"""
    with refusals_said():
        sheet = rules.read_sheet(file.read_bytes())
        with transaction():
            change = actions.import_divisions(sheet)
    click.echo(
        f"新增 {change.added} 行，更新 {change.changed} 行，未变 {change.unchanged} 行；表里没提到、保留原样 {change.kept} 行"
    )


@divisions.command("find")
@click.argument("text", nargs=-1, required=True)
def find(text: tuple[str, ...]) -> None:
    """按名称查找区划，例如：divisions find 柳河 青石湾。"""
    found = queries.find_divisions(" ".join(text))
    for one in found:
        mark = "  已启用" if one.is_enabled else ""
        click.echo(f"{one.code}  {one.path}  {one.kind_name}{mark}")
    if not found:
        raise click.ClickException("没有找到")


@divisions.command("enable")
@click.argument("code")
@click.option("--name", default="", help="页面和门牌上的村名；不写就用区划表里的")
@click.option("--phone", default="", help="值班电话，印在门牌上")
def enable(code: str, name: str, phone: str) -> None:
    """启用一个村。"""
    with refusals_said(), transaction():
        village = actions.enable_village(code, name=name, duty_phone=phone)
    click.echo(f"已启用 {village.county_name}{village.town_name}{village.name}（{code}）")


@divisions.command("outline")
@click.argument("county")
@click.argument("file", type=FILE)
def outline(county: str, file: Path) -> None:
    """登记县界：COUNTY 是 6 位县代码，FILE 是 GeoJSON 面。以后县界以外的门会被拒绝。"""
    with refusals_said():
        try:
            geojson = json.loads(file.read_bytes())
        except ValueError as error:
            raise click.ClickException("文件不是 JSON") from error
        with transaction():
            kept = actions.set_county_outline(county, geojson)
    click.echo(f"已登记县界，共 {len(kept.cells)} 个格子")


@divisions.command("merge")
@click.argument("code")
@click.argument("into")
def merge(code: str, into: str) -> None:
    """登记村的合并：CODE 并入 INTO。已经发出的编码都不变。"""
    with refusals_said(), transaction():
        actions.merge_village(code, into)
    click.echo(f"已登记：{code} 并入 {into}")
