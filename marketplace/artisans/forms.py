"""The form in which an official enters an artisan."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from commons.forms import ChoicesField, DayField, Form, LineField, PhoneField, choices
from marketplace.artisans.actions import NewArtisan
from marketplace.artisans.rules import CONSENT_WAY_WORDS, CONTACT_WORDS, TRADES

NEEDED = _l("这一项要填")


class ArtisanForm(Form):
    """Who, which trades, how to be called, and how the choice was recorded."""

    public_name = LineField(_l("对外怎么称呼"), [InputRequired(NEEDED)], longest=12)
    door = LineField(_l("门牌上的乡情码"), [InputRequired(NEEDED)], longest=20)
    trades = ChoicesField(_l("手艺"), choices=choices((trade.key, trade.words) for trade in TRADES))
    phone = PhoneField(_l("手机号"), [InputRequired(NEEDED)])
    contact = RadioField(
        _l("本人选哪一种"),
        choices=choices(CONTACT_WORDS),
        validators=[InputRequired(_l("请按本人的意思选一种"))],
    )
    consent_way = RadioField(
        _l("怎么说定的"), choices=choices(CONSENT_WAY_WORDS), validators=[InputRequired(_l("请选一种"))]
    )
    agreed = BooleanField(
        _l("本人清楚：登记后大家都能看到，随时可以撤回"),
        validators=[InputRequired(_l("要本人说清楚同意，才能登记"))],
    )
    price_guide = LineField(_l("大概价钱"), longest=40)
    certificate = LineField(_l("证书名称"), longest=30)
    certificate_until = DayField(_l("证书到期日"), validators=[Optional()])
    form_key = HiddenField(
        default=lambda: secrets.token_urlsafe(18),
        validators=[Length(min=20, max=40), Regexp(r"^[A-Za-z0-9_-]+$")],
    )

    def new_artisan(self) -> NewArtisan:
        """Return what was typed."""
        return NewArtisan(
            public_name=self.public_name.data, trades=tuple(self.trades.data or ()), phone=self.phone.data,
            contact=self.contact.data, consent_way=self.consent_way.data, form_key=self.form_key.data,
            price_guide=self.price_guide.data or "", certificate=self.certificate.data or "",
            certificate_until=self.certificate_until.data,
        )  # fmt: skip
