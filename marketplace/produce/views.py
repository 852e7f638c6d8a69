"""Words that stand among the rules as plain data and are shown in the reader's language: listed here to be found by translators."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SHOWN = (
    # units
    _l("斤（500 克）"), _l("盒（10 个）"), _l("箱（30 个）"), _l("袋（5 千克）"), _l("袋（10 千克）"), _l("瓶（500 克）"),
    _l("个"), _l("把"),
    # categories
    _l("蔬菜"), _l("莲藕薯芋"), _l("禽蛋"), _l("水果"), _l("米面粮油"), _l("茶叶"), _l("山货菌菇"), _l("蜂蜜"), _l("水产"),
    _l("花生坚果"), _l("熟食腌腊"), _l("鲜肉"), _l("散酒"),
    # how produce was got ready on a day
    _l("%(day)s做"), _l("%(day)s取"), _l("%(day)s备"), _l("%(day)s挖"), _l("%(day)s捞"), _l("%(day)s摘"), _l("%(day)s收"), _l("%(day)s碾"), _l("%(day)s装盒"), _l("%(day)s酿"), _l("%(day)s采"),
    # the solar terms of a year
    _l("立春"), _l("雨水"), _l("惊蛰"), _l("春分"), _l("清明"), _l("谷雨"), _l("立夏"), _l("小满"), _l("芒种"), _l("夏至"),
    _l("小暑"), _l("大暑"), _l("立秋"), _l("处暑"), _l("白露"), _l("秋分"), _l("寒露"), _l("霜降"), _l("立冬"), _l("小雪"),
    _l("大雪"), _l("冬至"), _l("小寒"), _l("大寒"),
    # payments' products
    _l("快递送货上门"),
)  # fmt: skip
