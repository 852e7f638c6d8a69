"""Words that stand among the rules as plain data and are shown in the reader's language: listed here to be found by translators."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SHOWN = (
    # the solar terms of a year
    _l("立春"), _l("雨水"), _l("惊蛰"), _l("春分"), _l("清明"), _l("谷雨"), _l("立夏"), _l("小满"), _l("芒种"), _l("夏至"),
    _l("小暑"), _l("大暑"), _l("立秋"), _l("处暑"), _l("白露"), _l("秋分"), _l("寒露"), _l("霜降"), _l("立冬"), _l("小雪"),
    _l("大雪"), _l("冬至"), _l("小寒"), _l("大寒"),
    # payments' products
    _l("快递送货上门"),
)  # fmt: skip
