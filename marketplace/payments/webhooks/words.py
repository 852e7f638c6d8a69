"""What stands on the desk's pages about deliveries, in a person's words."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.payments.webhooks.rules import DeliveryState, Trouble

# For each state: its word, and the shape of its tag.
STATE_WORDS: dict[str, tuple[LazyString, str]] = {
    DeliveryState.waiting: (_l("待送"), "waiting"),
    DeliveryState.delivered: (_l("已送到"), "done"),
    DeliveryState.given_up: (_l("三天没送到"), "late"),
    DeliveryState.dropped: (_l("不再送"), "closed"),
}

TROUBLE_WORDS: dict[str, LazyString] = {
    Trouble.none: _l("对方收下了"),
    Trouble.refused_address: _l("地址在内网或不许连，没有送出"),
    Trouble.no_such_host: _l("域名查不到"),
    Trouble.no_connection: _l("连不上对方"),
    Trouble.bad_certificate: _l("对方的证书不对"),
    Trouble.too_slow: _l("对方太久没答复"),
    Trouble.broken_answer: _l("对方的答复看不懂"),
    Trouble.redirected: _l("对方让改去别处，没有跟去"),
    Trouble.cannot_sign: _l("签名密钥打不开，没有送出，请换一次密钥"),
    Trouble.not_accepted: _l("对方没有收下"),
}
