"""Who may sell what, in law and in honest words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lunar_python.Solar import Solar

from commons.errors import _n


class SellerKind(StrEnum):
    """Who a seller is in law (E-Commerce Law, article 10: produce of one's own needs no registration)."""

    licence = "licence"
    own_produce = "own_produce"
    coop = "coop"


KIND_WORDS = {
    SellerKind.licence: _n("有营业执照"),
    SellerKind.own_produce: _n("个人销售自产农副产品"),
    SellerKind.coop: _n("合作社"),
}

# Unified social credit code, GB 32100-2015: 18 characters without I, O, S, V, Z.
LICENCE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


class Entry(StrEnum):
    """What a category asks of its seller."""

    free = "free"
    paper = "paper"
    forbidden = "forbidden"


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of goods: its words, its drawing, how one says that it was got ready, and whether a paper is needed."""

    key: str
    words: str
    drawing: str
    ready: str
    entry: Entry = Entry.free
    paper: str = ""


CATEGORIES = (
    Category("vegetable", _n("蔬菜"), "red-greens", _n("%(day)s采")),
    Category("root", _n("莲藕薯芋"), "lotus-root", _n("%(day)s挖")),
    Category("egg", _n("禽蛋"), "egg", _n("%(day)s装盒")),
    Category("fruit", _n("水果"), "orange", _n("%(day)s摘")),
    Category("grain", _n("米面粮油"), "rice", _n("%(day)s碾")),
    Category("tea", _n("茶叶"), "tea", _n("%(day)s采")),
    Category("mountain", _n("山货菌菇"), "mushroom", _n("%(day)s采")),
    Category("honey", _n("蜂蜜"), "honey", _n("%(day)s取")),
    Category("fish", _n("水产"), "fish", _n("%(day)s捞")),
    Category("nut", _n("花生坚果"), "peanut", _n("%(day)s收")),
    Category("cooked", _n("熟食腌腊"), "basket", _n("%(day)s做"), Entry.paper, _n("食品生产或小作坊登记证")),
    Category("meat", _n("鲜肉"), "basket", _n("%(day)s备"), Entry.paper, _n("检疫合格证")),
    Category("spirits", _n("散酒"), "basket", _n("%(day)s酿"), Entry.paper, _n("酒类生产许可")),
    Category("wild", _n("野生动物"), "basket", _n("%(day)s收"), Entry.forbidden),
    Category("medicine", _n("药品"), "basket", _n("%(day)s收"), Entry.forbidden),
)
CATEGORY_OF = {category.key: category for category in CATEGORIES}

# Words that may be said only with the certificate they stand for.
CLAIMS = ("有机", "绿色食品", "无公害", "地理标志", "富硒", "非转基因", "SC认证", "名特优新")
# Words that no produce may carry (Advertising Law, articles 9 and 17).
BOASTS = (
    "最好",
    "第一",
    "国家级",
    "最佳",
    "特效",
    "治疗",
    "治病",
    "抗癌",
    "降血糖",
    "降血压",
    "包治",
    "特供",
)

UNITS = {
    "jin": _n("斤（500 克）"),
    "box10": _n("盒（10 个）"),
    "box30": _n("箱（30 个）"),
    "bag5": _n("袋（5 千克）"),
    "bag10": _n("袋（10 千克）"),
    "bottle": _n("瓶（500 克）"),
    "piece": _n("个"),
    "bunch": _n("把"),
}

LEAST_FEN = 1
MOST_FEN = 1_000_000
MOST_STOCK = 100_000


def claims_in(text: str) -> list[str]:
    """Return the words in *text* that need a certificate."""
    return [claim for claim in CLAIMS if claim in text]


def boasts_in(text: str) -> list[str]:
    """Return the words in *text* that nobody may use of food."""
    return [boast for boast in BOASTS if boast in text]


def is_licence(text: str) -> bool:
    """Say whether *text* has the shape of a unified social credit code."""
    return LICENCE.fullmatch(text) is not None


def solar_term(day: date) -> str:
    """Return the solar term in which *day* lies: 小雪 from 22 November on."""
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return str(lunar.getPrevJieQi(True).getName())


def seller_in_law(kind: str, public_name: str, licence_no: str, supplier_group: str) -> str:
    """Return how a seller is named on a product and an order, as the law asks."""
    if kind == SellerKind.licence:
        return f"{public_name}（统一社会信用代码 {licence_no}）"
    if kind == SellerKind.coop:
        return f"{public_name}（统一社会信用代码 {licence_no}），由{supplier_group}供货"
    return f"{public_name}（个人销售自产农副产品）"
