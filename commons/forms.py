"""The base of every form, and fields for what our people type: phones, yuan, moments in China."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    DateTimeLocalField,
    Field,
    FileField,
    HiddenField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from commons import clock
from commons.errors import Refusal
from commons.sent import UNREADABLE

MOBILE = re.compile(r"1[0-9]{10}")
# Control characters, invisible ones, and the private use areas, whose characters look different on every telephone.
HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"
    r"\ue000-\uf8ff\U000f0000-\U0010ffff]"
)
LONGEST_LINE = 200
LONGEST_TEXT = 4000


def tidy(text: str | None) -> str:
    """Return *text* as NFKC without control, invisible and private characters and without white space at its ends."""
    return HIDDEN.sub("", unicodedata.normalize("NFKC", text or "")).strip()


def tidy_prose(text: str | None) -> str:
    """Like :func:`tidy`, but keeps full-width punctuation as typed: for sentences that people read."""
    return HIDDEN.sub("", unicodedata.normalize("NFC", text or "")).replace("\r\n", "\n").strip()


def normal_phone(text: str | None) -> str:
    """
    Return a mobile number as 11 ASCII digits; spaces, hyphens, +86 and full-width digits are accepted.

    Raises:
        Refusal: code ``bad_phone``, when it is not the shape of a mobile number.
    """
    digits = re.sub(r"[\s\-()]", "", tidy(text)).removeprefix("+86")
    if not MOBILE.fullmatch(digits):
        raise Refusal(_("手机号应是 1 开头的 11 位数字"), field="phone", code="bad_phone")
    return digits


class FormRefused(Refusal):
    """At least one field of a form is wrong; the form itself knows which and keeps what was typed."""

    code = "form_refused"

    def __init__(self, form: Form) -> None:
        super().__init__(_("有几处需要改一下"))
        self.form = form


class Form(FlaskForm):
    """A form: CSRF on, Chinese messages, what was typed is kept."""

    class Meta:
        locales = ["zh", "zh_CN"]

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Fill a page's form from what was kept when somebody had to sign in or unlock first (``?draft=``)."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            return (_sent_to(form) if form.is_submitted() else None) or g.get("kept_fields")

    def validate(self, extra_validators: Any = None) -> bool:
        """Say whether every field is right; text whose bytes were no UTF-8 is not, wherever it was typed."""
        is_right = super().validate(extra_validators)
        garbled = [field for field in self if not isinstance(field, HiddenField) and _is_garbled(field)]
        for field in garbled:
            field.errors = [_("有些字看不懂（文字编码不对），请删掉乱码重新输入")]
        return is_right and not garbled

    def require(self) -> None:
        """Raise :class:`FormRefused` unless the form was posted and every field is right."""
        if not self.validate_on_submit():
            g.form_was_refused = True
            raise FormRefused(self)

    def blame(self, refusal: Refusal) -> None:
        """Show *refusal* beside the field it names, else above the form; the page that does so answers 400."""
        g.form_was_refused = True
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors = [*self.form_errors, _(refusal.sentence)]
        else:
            field.errors = [*field.errors, _(refusal.sentence)]


class LineField(StringField):
    """One line of text, tidied, at most *longest* characters."""

    def __init__(
        self, label: Any = None, validators: Any = (), longest: int = LONGEST_LINE, **kw: Any
    ) -> None:
        limit = Length(max=longest, message=_l("最多 %(max)d 个字"))
        super().__init__(label, [*validators, limit], filters=[_keep_none(tidy)], **kw)


class ProseField(TextAreaField):
    """Some sentences, at most *longest* characters."""

    def __init__(
        self, label: Any = None, validators: Any = (), longest: int = LONGEST_TEXT, **kw: Any
    ) -> None:
        limit = Length(max=longest, message=_l("最多 %(max)d 个字"))
        super().__init__(label, [*validators, limit], filters=[_keep_none(tidy_prose)], **kw)


class PhoneField(StringField):
    """A mobile number; ``data`` is 11 digits, or what was typed when it is none."""

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if self.data:
            try:
                self.data = normal_phone(self.data)
            except Refusal as refusal:
                raise ValidationError(refusal.sentence) from refusal


class FenField(StringField):
    """An amount typed in yuan; ``fen`` is the whole number of fen."""

    fen: int | None = None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        text = tidy(self.data).removeprefix("¥").removesuffix("元").strip()
        if not text:
            return
        try:
            amount = Decimal(text)
        except InvalidOperation as error:
            raise ValidationError(_("金额要写成数字，例如 4.80")) from error
        if not re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", text):
            raise ValidationError(_("金额不能是负数，最多到分，例如 4.80"))
        if amount > 1_000_000:
            raise ValidationError(_("金额太大了"))
        self.fen = int(amount * 100)


class DayField(DateField):
    """A day of our times; ``data`` is None for any other."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the day, and refuse one that is not of our times."""
        super().process_formdata(valuelist)
        try:
            _refuse_far(self.data)
        except ValidationError:
            self.data = None
            raise


class MomentField(DateTimeLocalField):
    """A date and time as a clock in China shows it; ``moment`` is aware, UTC."""

    def __init__(self, label: Any = None, validators: Any = (), **kw: Any) -> None:
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
        # Left empty it is no moment; a page that needs one says InputRequired.
        super().__init__(label, validators or [Optional()], format=formats, **kw)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        _refuse_far(self.data)

    @property
    def moment(self) -> datetime | None:
        """The moment that was meant, or nothing where none was given."""
        return None if self.data is None else clock.from_beijing(self.data)


class ChoicesField(SelectMultipleField):
    """Several of a list, each a box to tick."""

    widget = ListWidget(prefix_label=False)  # type: ignore[assignment]  # WTForms' own recipe
    option_widget = CheckboxInput()  # type: ignore[assignment]

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not in the list, in our words."""
        try:
            super().pre_validate(form)
        except ValidationError as error:  # WTForms has no Chinese for several
            raise ValidationError(_("请从列出的里面选")) from error


def choices(words: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Return pairs of value and words as WTForms wants them; words of the catalogue are shown in the language of the page."""
    pairs = words.items() if isinstance(words, Mapping) else words
    return [SelectChoice(value, _shown(label)) for value, label in pairs]


def _shown(label: Any) -> Any:
    return _l(label) if label and isinstance(label, str) else label


def _keep_none(tidier: Any) -> Any:
    return lambda text: None if text is None else tidier(text)


def _sent_to(form: Form) -> MultiDict[str, Any]:
    """Return what the browser sent: files for the fields that take files, words for all."""
    files = [
        pair for pair in request.files.items(multi=True) if isinstance(form._fields.get(pair[0]), FileField)
    ]
    return MultiDict([*files, *request.form.items(multi=True)])


def _is_garbled(field: Field) -> bool:
    return any(isinstance(text, str) and UNREADABLE in text for text in field.raw_data or ())


def _refuse_far(day: date | None) -> None:
    if day is not None and not clock.is_near(day):
        raise ValidationError(_("日期要在 1900 年到 2199 年之间"))
