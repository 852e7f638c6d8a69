"""Words that stand among the rules as plain data and are shown in the reader's language: listed here to be found by translators."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

SHOWN = (
    _l("木工门窗"), _l("水电维修"), _l("泥瓦砌墙"), _l("机耕收割"), _l("裁衣改衣"), _l("通马桶下水"), _l("换灯泡小修"),
    _l("电焊铁活"), _l("上门理发"), _l("红白喜事掌勺"), _l("竹编藤编"), _l("兽医配种"),
)  # fmt: skip
