"""Commands for the first official of a new deployment, and for one who is locked out of everything."""

from __future__ import annotations

import click

from commons.accounts import actions
from commons.accounts.desk.actions import disable_account, enable_account, open_account, reset_account
from commons.accounts.desk.rules import area_fault
from commons.accounts.models import Official
from commons.accounts.queries import official_of_name
from commons.accounts.rules import ROLES
from commons.db import db, transaction
from commons.errors import Refusal
from commons.forms import normal_phone


@click.group()
def officials() -> None:
    """工作账号：任命、重置、停用、恢复。"""


@officials.command("add")
@click.argument("sign_in_name")
@click.option("--name", required=True, help="姓名")
@click.option("--phone", required=True, help="手机号")
@click.option("--role", required=True, type=click.Choice(list(ROLES)), help="职务")
@click.option("--area", default="", help="范围代码")
@click.option("--organisation", default="", help="单位")
def add(sign_in_name: str, name: str, phone: str, role: str, area: str, organisation: str) -> None:
    """任命一名工作人员；没有工作账号的，同时开一个，临时密码只显示一次。"""
    fault = area_fault(role, area)
    if fault:
        raise click.ClickException(fault)
    try:
        with transaction():
            person = actions.find_or_make_person(normal_phone(phone), name=name)
            temporary = ""
            if db.session.get(Official, person.id) is None:
                temporary = open_account(person, sign_in_name, organisation)
            actions.appoint(person, role, area)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    click.echo(_words(sign_in_name, temporary) if temporary else "已任命；此人已有工作账号")


@officials.command("reset")
@click.argument("sign_in_name")
def reset(sign_in_name: str) -> None:
    """密码和第二步验证都丢了时：给新的临时密码，清掉第二步验证，退出所有登录。"""
    person_id = _person_of(sign_in_name)
    with transaction():
        temporary = reset_account(person_id)
    click.echo(_words(sign_in_name, temporary))


@officials.command("disable")
@click.argument("sign_in_name")
@click.option("--reason", default="", help="原因，会记下来")
def disable(sign_in_name: str, reason: str) -> None:
    """停用一个工作账号：马上退出所有登录，不能再进工作台；职务和没办完的事都还在。"""
    person_id = _person_of(sign_in_name)
    with transaction():
        disable_account(person_id, reason)
    click.echo("已停用")


@officials.command("enable")
@click.argument("sign_in_name")
def enable(sign_in_name: str) -> None:
    """恢复一个停用的工作账号，给新的临时密码，第二步验证重新设。"""
    person_id = _person_of(sign_in_name)
    with transaction():
        temporary = enable_account(person_id)
    click.echo(_words(sign_in_name, temporary))


def _person_of(sign_in_name: str) -> int:
    official = official_of_name(sign_in_name)
    if official is None:
        raise click.ClickException("没有这个登录名")
    return official.person_id


def _words(sign_in_name: str, temporary: str) -> str:
    return f"第一次登录还要填发到本人手机上的短信验证码。\n登录名 {sign_in_name}，临时密码 {temporary}"
