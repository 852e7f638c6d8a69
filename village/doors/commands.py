"""``flask --app wsgi doors …``: doors from a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from commons.db import end_read, transaction
from village.divisions.commands import FILE, NewFile, refusals_said
from village.divisions.errors import SheetRefused
from village.doors import actions, sheets
from village.doors.plan_rules import Plan

doors = AppGroup("doors", help="门：从 Excel 导入。")


@doors.command("import")
@click.argument("file", type=FILE)
@click.option("--village", required=True, help="村的 12 位代码，须已启用")
@click.option(
    "--frame", type=click.Choice(["wgs84", "gcj02", "bd09"]), default="wgs84", help="表里没写时的坐标系"
)
@click.option("--dry-run", is_flag=True, help="只检查，不存入")
@click.option("--errors", type=NewFile(), help="有错时，把带“原因”列的表写到这里")
def import_file(file: Path, village: str, frame: str, dry_run: bool, errors: Path | None) -> None:
    """导入门 FILE（.xlsx 或 .xls）。先全部检查，再一次存入。"""
    with refusals_said():
        data = file.read_bytes()
        cells = sheets.read_cells(data)
        guess = sheets.guess_columns(cells)
        columns = {"head_row": guess.head_row, **guess.columns}
        checked = actions.check_sheet(cells, columns, village, frame)
        plan = actions.plan_import(checked, village)
        for row in plan.rows():
            for warning in row.warnings:
                click.echo(f"提醒：第 {row.row} 行：{warning}")
        if plan.faults:
            if errors is not None:
                errors.write_bytes(sheets.with_reasons(cells, guess.head_row, plan.faults))
            raise SheetRefused(plan.faults)
        if not dry_run:
            end_read()
            with transaction():
                actions.import_doors(village, file.name, data, checked)
    click.echo(_summary(plan) + ("（只检查，没有存入）" if dry_run else "，已存入"))


@doors.command("template")
@click.argument("file", type=NewFile())
def write_template(file: Path) -> None:
    """把空白的导入模板写到 FILE。"""
    file.write_bytes(sheets.template())
    click.echo(f"模板在 {file}")


def _summary(plan: Plan) -> str:
    counts = plan.counts
    return f"新增 {counts['new']}，更改 {counts['changed']}，未变 {counts['unchanged']}，提醒 {counts['warnings']}"
