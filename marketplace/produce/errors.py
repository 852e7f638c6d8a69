"""What can be wrong with a seller, a product or a lot."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Refusal


class NotASeller(Refusal):
    """Nobody vouches for this person as a seller yet."""

    code = "not_a_seller"

    def __init__(self) -> None:
        super().__init__(_("村里还没有核实您的卖家登记，核实之后就能上架"))


class LicenceNeeded(Refusal):
    """A licence or co-op needs its number."""

    code = "licence_needed"

    def __init__(self) -> None:
        super().__init__(_("请填 18 位统一社会信用代码"), field="licence_no")


class SupplierNeeded(Refusal):
    """A co-op names the group that supplies it."""

    code = "supplier_needed"

    def __init__(self) -> None:
        super().__init__(_("合作社要写明由哪个组、哪几户供货"), field="supplier_group")


class ForbiddenCategory(Refusal):
    """Not to be sold here at all."""

    code = "forbidden_category"

    def __init__(self, words: str) -> None:
        super().__init__(_("%(kind)s不能在网上卖", kind=_(words)), field="category")


class PaperNeeded(Refusal):
    """The category needs a paper."""

    code = "paper_needed"

    def __init__(self, words: str, paper: str) -> None:
        super().__init__(
            _("卖%(kind)s要有%(paper)s，请填证书名称和编号", kind=_(words), paper=_(paper)),
            field="certificate",
        )


class ClaimNeedsCertificate(Refusal):
    """A word was used that stands for a certificate."""

    code = "claim_needs_certificate"

    def __init__(self, claims: list[str]) -> None:
        super().__init__(
            _("写“%(claims)s”要有证书，请填证书名称和编号，或去掉这几个字", claims="、".join(claims)),
            field="certificate",
        )


class Boasting(Refusal):
    """A word was used that nobody may use of food."""

    code = "boasting"

    def __init__(self, boasts: list[str]) -> None:
        super().__init__(_("食品不能写“%(boasts)s”，请去掉", boasts="、".join(boasts)), field="name")


class BadPrice(Refusal):
    """A price must be more than nothing."""

    code = "bad_price"

    def __init__(self) -> None:
        super().__init__(_("价钱要大于 0，不超过 1 万元"), field="price")


class BadStock(Refusal):
    """Stock cannot be below nothing."""

    code = "bad_stock"

    def __init__(self) -> None:
        super().__init__(_("数量要在 0 到 10 万之间"), field="stock")


class HarvestedInFuture(Refusal):
    """What is not harvested cannot be in stock."""

    code = "harvested_in_future"

    def __init__(self) -> None:
        super().__init__(_("采收日期不能晚于今天"), field="harvest_on")


class NotEnoughLeft(Refusal):
    """Somebody was faster."""

    code = "not_enough_left"

    def __init__(self, name: str, left: int) -> None:
        words = (
            _("%(name)s只剩 %(left)s 份", name=name, left=left) if left else _("%(name)s刚刚卖完", name=name)
        )
        super().__init__(words, field="quantity")
        self.left = left


class BadField(Refusal):
    """A field's place that is no place."""

    code = "bad_field"

    def __init__(self) -> None:
        super().__init__(
            _("田块位置写纬度和经度，例如 30.8712, 113.9406，或北斗网格码（第 6 级以上）"),
            field="field_place",
        )


class FieldFarAway(Refusal):
    """A field that cannot be this village's."""

    code = "field_far_away"

    def __init__(self) -> None:
        super().__init__(_("这个位置离本村太远，请看看经度和纬度是不是写反了"), field="field_place")
