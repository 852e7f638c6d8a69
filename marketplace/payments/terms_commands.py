"""``flask --app wsgi terms …``: what each area decided about money."""

from __future__ import annotations

from decimal import Decimal

import click

from commons import audit
from commons.db import transaction
from commons.errors import Refusal
from marketplace.payments.models import PaymentTerms
from marketplace.payments.queries import Terms, all_terms
from marketplace.payments.terms_actions import set_terms


def decide_terms(area: str, share_points: int, limit_fen: int) -> None:
    """Decide for an area, and write down that somebody did."""
    set_terms(area, share_points=share_points, offline_limit_fen=limit_fen)
    audit.record("terms.decided", area=area, share_points=share_points, offline_limit_fen=limit_fen)


@click.group("terms")
def terms() -> None:
    """各地的平台服务费和当面付上限。"""


@terms.command("list")
def list_command() -> None:
    """列出各地定了什么；没有定的按上一级。"""
    for row in all_terms() or [PaymentTerms(area="", **_as_columns(Terms()))]:
        share, limit = Decimal(row.share_points) / 100, Decimal(row.offline_limit_fen) / 100
        click.echo(f"{row.area or '全部'}  服务费 {share}%  当面付上限 {limit} 元")


def _as_columns(default: Terms) -> dict[str, int]:
    return {"share_points": default.share_points, "offline_limit_fen": default.offline_limit_fen}


@terms.command("set")
@click.argument("area", default="")
@click.option("--share", type=click.FloatRange(0, 100), required=True, help="平台服务费，百分之几，例如 3。")
@click.option("--limit", type=click.FloatRange(0, 1_000_000), required=True, help="当面付一单最多几元。")
def set_command(area: str, share: float, limit: float) -> None:
    """给一个地方（2、4、6、9 或 12 位区划代码，空着是全部）定服务费和当面付上限。"""
    try:
        with transaction():
            decide_terms(area, round(share * 100), round(limit * 100))
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    click.echo(f"{area or '全部'}：服务费 {share:g}%，当面付上限 {limit:g} 元")
