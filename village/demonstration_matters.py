"""The demonstration's matters, at every stage: reported from doors, answered by the same actions that the desk calls."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import select

from commons import clock
from commons.accounts.permissions import acting_as
from commons.db import db, transaction
from commons.demonstration import Guide
from commons.guide import SITE
from village.demonstration import VILLAGE, official
from village.doors.models import Door
from village.matters.actions import NewMatter, report_matter
from village.matters.desk_actions import Deed, handle_matter
from village.matters.intake import where_of
from village.matters.models import Matter
from village.matters.rules import Act
from village.public import door_of

TAKE = (Act.take, "")
# Days ago, kind, words, place, and what officials did since.
MATTERS: tuple[tuple[int, str, str, str, tuple[tuple[Act, str], ...]], ...] = (
    (5, "welfare", "低保复核要带哪些材料？我妈走不动，能不能上门看看", "", ()),
    (6, "roads", "塘边那盏路灯不亮，晚上看不见路", "一组塘边", (TAKE, (Act.answer, "已经看过，约了电工"))),
    (2, "papers", "医保卡丢了，在哪里补？", "", (TAKE, (Act.answer, "带身份证到村部就能补"), (Act.close, "已补办"))),
    (0, "neighbours", "两家为田埂起争执，请来调解", "一组田边", ()),
    (0, "water", "水管渗漏，路面积水", "", (TAKE, (Act.answer, "已报供水站，明天上午来修"))),
    (0, "rubbish", "垃圾桶满了两天没有清", "村口", (TAKE, (Act.answer, "已联系清运车"), (Act.close, "今天下午清走了"))),
    (0, "electricity", "空调外机漏水滴到我家", "", ((Act.refuse, "这是两家之间的安装问题，请先找安装的师傅；谈不拢再报邻里纠纷"),)),
    (0, "cadres", "建议公开去年修路的招标情况", "", ()),
)  # fmt: skip


def report_matters(guide: Guide) -> None:
    """Report the matters of a week, and let officials get on with some of them."""
    query = select(Door.id).where(Door.village_code == VILLAGE, Door.group_no == 1).order_by(Door.door_no)
    doors = list(db.session.scalars(query.limit(len(MATTERS))))
    for door_id, (days, category, words, place, acts) in zip(doors, MATTERS, strict=True):
        matter = _report(door_id, days, category, words, place)
        for act, said in acts:
            handler = official(matter.desk)
            with acting_as(handler), transaction():
                handle_matter(handler, matter.number, Deed(act, said))
    guide.say(f"报事：在门牌页按“我要报事”；查进展打开 {SITE}/matters")


def _report(door_id: int, days: int, category: str, words: str, place: str) -> Matter:
    door = door_of(door_id)
    if door is None:
        raise LookupError(f"no door {door_id}")
    key, code = secrets.token_urlsafe(18), f"{secrets.randbelow(10_000):04d}"
    new = NewMatter(category, words, where_of(door, place), key, secrets.token_hex(32), code)
    then = clock.now() - timedelta(days=days)
    with clock.reading(lambda: then), transaction():
        return report_matter(new)
