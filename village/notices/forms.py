"""The form in which an official writes a notice."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Length, Regexp

from commons import clock
from commons.forms import DayField, Form, LineField, MomentField, ProseField, choices
from village.notices.actions import NewNotice
from village.notices.rules import (
    AFFAIR_WORDS,
    LONGEST_MEANING,
    LONGEST_TEXT,
    LONGEST_TITLE,
    PUBLISHED,
    Affair,
)

NEEDED = _l("这一项要填")


class NoticeForm(Form):
    """Affair, title, text, from, until, now or scheduled, and the clerk's own voice."""

    area = SelectField(_l("发给"), validators=[InputRequired(NEEDED)])
    affair = RadioField(
        _l("哪一务"), choices=choices(AFFAIR_WORDS), validators=[InputRequired(_l("请选一务"))]
    )
    title = LineField(_l("标题"), [InputRequired(NEEDED)], longest=LONGEST_TITLE)
    words = ProseField(_l("正文"), [InputRequired(NEEDED)], longest=LONGEST_TEXT)
    signed_by = LineField(_l("落款"), [InputRequired(NEEDED)], longest=30)
    leaf_day = DayField(_l("日期牌上的日子"), validators=[InputRequired(_l("请选日期"))], default=clock.today)
    leaf_meaning = LineField(
        _l("这一天是什么"), [InputRequired(NEEDED)], longest=LONGEST_MEANING, default=PUBLISHED
    )
    is_urgent = BooleanField(_l("要紧，排在最前；日期牌上的日子过了就不再排，写“公布”的排一个星期"))
    starts = MomentField(_l("什么时候开始显示（不填就是现在）"))
    until = MomentField(_l("什么时候撤下（不填就一直显示）"))
    voice = FileField(_l("本人录音"))
    form_key = HiddenField(
        default=lambda: secrets.token_urlsafe(18),
        validators=[Length(min=20, max=40), Regexp(r"^[A-Za-z0-9_-]+$")],
    )

    def new_notice(self, voice_id: int | None) -> NewNotice:
        """Return what was typed."""
        return NewNotice(
            area=self.area.data, affair=Affair(self.affair.data).value, title=self.title.data, words=self.words.data,
            signed_by=self.signed_by.data, leaf_day=self.leaf_day.data, leaf_meaning=self.leaf_meaning.data,
            form_key=self.form_key.data, is_urgent=self.is_urgent.data, from_at=self.starts.moment,
            until_at=self.until.moment, voice_id=voice_id,
        )  # fmt: skip
