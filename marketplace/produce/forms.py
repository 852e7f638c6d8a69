"""The forms in which a seller says who it is and what it offers."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Regexp

from commons import clock
from commons.forms import DayField, FenField, Form, LineField, PhoneField, ProseField, choices, tidy
from marketplace.produce.actions import NewLot, NewProduct, NewSeller
from marketplace.produce.rules import CATEGORIES, KIND_WORDS, MOST_STOCK, UNITS, Entry, SellerKind

NEEDED = _l("这一项要填")


def _key_field() -> HiddenField:
    rules = [Length(min=20, max=40), Regexp(r"^[A-Za-z0-9_-]+$")]
    return HiddenField(default=lambda: secrets.token_urlsafe(18), validators=rules)


class SellerForm(Form):
    """Who sells, in law and in people's mouths."""

    door = LineField(_l("自家门牌上的乡情码"), [InputRequired(NEEDED)], longest=20)
    kind = RadioField(
        _l("按法律是哪一种卖家"),
        choices=choices(KIND_WORDS),
        validators=[InputRequired(_l("请选一种，不选不能上架"))],
    )
    public_name = LineField(_l("对外叫什么"), [InputRequired(NEEDED)], longest=20)
    group_words = LineField(_l("哪个组或哪片园子"), [InputRequired(NEEDED)], longest=15)
    licence_no = LineField(_l("统一社会信用代码"), longest=18)
    supplier_group = LineField(_l("由谁供货（合作社填）"), longest=40)
    form_key = _key_field()

    def new_seller(self, village_code: str) -> NewSeller:
        """Return what was typed."""
        return NewSeller(
            village_code=village_code, kind=SellerKind(self.kind.data).value, public_name=self.public_name.data,
            group_words=self.group_words.data, form_key=self.form_key.data,
            licence_no=tidy(self.licence_no.data).upper(), supplier_group=self.supplier_group.data or "",
        )  # fmt: skip


class DeskSellerForm(SellerForm):
    """The same, typed by an official for a household."""

    phone = PhoneField(_l("农户手机号（没有手机就空着，由村里代管）"))


class LotForm(Form):
    """A harvest."""

    harvest_on = DayField(
        _l("采收（装盒）日期"), validators=[InputRequired(_l("请选日期"))], default=clock.today
    )
    unit = SelectField(_l("怎么卖"), choices=choices(UNITS), validators=[InputRequired(NEEDED)])
    price = FenField(_l("单价"), [InputRequired(NEEDED)])
    stock = IntegerField(
        _l("有多少份"),
        validators=[
            InputRequired(_l("请填数量，写整数")),
            NumberRange(0, MOST_STOCK, _l("数量要在 0 到 10 万之间")),
        ],
    )

    def new_lot(self) -> NewLot:
        """Return what was typed."""
        return NewLot(self.harvest_on.data, self.stock.data, self.unit.data, self.price.fen or 0)


class ProductForm(LotForm):
    """A product with its first harvest."""

    seller = SelectField(_l("哪个卖家"), validators=[InputRequired(NEEDED)], coerce=int)
    name = LineField(_l("叫什么"), [InputRequired(NEEDED)], longest=20)
    category = SelectField(
        _l("哪一类"),
        choices=choices((each.key, each.words) for each in CATEGORIES if each.entry is not Entry.forbidden),
        validators=[InputRequired(NEEDED)],
    )
    note = LineField(_l("一句话"), longest=30)
    inputs = ProseField(_l("用过什么药肥、什么时候用的"), longest=300)
    certificate = LineField(_l("证书名称和编号"), longest=60)
    field_place = LineField(_l("田块位置"), longest=40)
    has_origin_consent = BooleanField(
        _l("同意公开到田块（约 60 米），离住户 100 米以外才行；不勾只公开到约 1.6 公里")
    )
    picture = FileField(_l("照片"))
    form_key = _key_field()

    def new_product(self, origin_code: str, picture_id: int | None) -> NewProduct:
        """Return what was typed."""
        return NewProduct(
            name=self.name.data, category=self.category.data, origin_code=origin_code, form_key=self.form_key.data,
            lot=self.new_lot(), note=self.note.data or "", inputs=self.inputs.data or "",
            certificate=self.certificate.data or "", has_origin_consent=bool(self.has_origin_consent.data),
            picture_id=picture_id,
        )  # fmt: skip
