"""The demonstration's market: three artisans, a co-op, two households and what they sell, all invented."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from commons import clock
from commons.accounts import actions as accounts
from commons.accounts.models import Official
from commons.accounts.permissions import acting_as
from commons.accounts.rules import CONSENT_VERSION, SERVICE_CONSENT
from commons.db import db, transaction
from commons.demonstration import Guide
from commons.guide import SITE
from marketplace.artisans.actions import NewArtisan, enter_artisan, verify_artisan
from marketplace.fulfilment.actions import NewPoint, account_for, open_point, set_delivery
from marketplace.fulfilment.rules import Week
from marketplace.payments.api.keys import make_key
from marketplace.payments.connect.actions import mark_verified, set_payee
from marketplace.payments.connect.rules import Means, Payee
from marketplace.produce.actions import (
    NewLot,
    NewProduct,
    NewSeller,
    enter_seller,
    publish_product,
    verify_seller,
)
from village.public import any_door_of, enabled_villages, origin_of_village

# Numbers beginning with 100 are never given to a telephone.
FARMER, BUYER = "10000000021", "10000000031"
ARTISANS = (
    ("杨师傅", ("carpenter",), "10000000041", "public", "门窗修理 80 元起"),
    ("刘师傅", ("tractor",), "10000000042", "public", "收割一亩 60 元"),
    ("水电维修", ("electrician", "bulb"), "10000000043", "relay", "换灯泡 10 元"),
)


@dataclass(frozen=True, slots=True)
class Good:
    """One thing for sale in the demonstration."""

    name: str
    category: str
    unit: str
    price_fen: int
    stock: int
    note: str


HOUSEHOLD_GOODS = (
    Good("散养鸡蛋", "egg", "box10", 1500, 40, "谷子喂"),
    Good("红菜薹", "vegetable", "jin", 350, 120, "霜打过"),
)
COOP_GOODS = (
    Good("新米 10 斤装", "grain", "bag5", 4800, 60, "十月碾"),
    Good("粉藕（煨汤）", "root", "jin", 480, 0, "下期有"),
)


def _official(name: str) -> int:
    return db.session.scalars(select(Official.person_id).where(Official.sign_in_name == name)).one()


def enter_artisans(guide: Guide) -> None:
    """Enter and verify three artisans, as a clerk does."""
    clerk, village = _official("clerk"), enabled_villages()[0]
    for number, (name, trades, phone, contact, price) in enumerate(ARTISANS):
        door = any_door_of(village.code, number * 13)
        with acting_as(clerk), transaction():
            artisan = enter_artisan(
                clerk,
                door,
                NewArtisan(
                    name, trades, phone, contact, "in_person", secrets.token_urlsafe(18), price_guide=price
                ),
            )
            verify_artisan(clerk, artisan.id)


def sell_produce(guide: Guide) -> None:
    """Let a household and a co-op sell."""
    clerk, village = _official("clerk"), enabled_villages()[0]
    with transaction() as session:
        farmer = accounts.find_or_make_person(FARMER, name="周大山")
        session.flush()  # the consent refers to the person
        accounts.give_consent(farmer.id, SERVICE_CONSENT, CONSENT_VERSION)
        farmer_id = farmer.id
    household = NewSeller(village.code, "own_produce", "谷子喂的鸡", "三组", secrets.token_urlsafe(18))
    coop = NewSeller(
        village.code, "coop", "青石湾合作社", "四组", secrets.token_urlsafe(18),
        licence_no="93420199MA4KTE0T0X", supplier_group="四组八户",
    )  # fmt: skip
    for new, goods in ((household, HOUSEHOLD_GOODS), (coop, COOP_GOODS)):
        _open_stall(clerk, farmer_id, new, goods)
    guide.say("集市（城里人买菜）：")
    guide.say(f"  {SITE}/shop，买家手机号 {BUYER}，农户手机号 {FARMER}，验证码看 {SITE}/demo/messages")


def open_pickup(guide: Guide) -> None:
    """Open a pickup point with its weekly round, and offer parcels."""
    clerk, village = _official("clerk"), enabled_villages()[0]
    week = Week(cutoff_day=2, cutoff_minute=20 * 60, pickup_day=3, from_minute=17 * 60, until_minute=19 * 60)
    with acting_as(clerk), transaction():
        open_point(
            NewPoint(village.code, "示范小区东门", "示范路 1 号东门岗亭", week, secrets.token_urlsafe(18))
        )
        set_delivery(village.code, fee_fen=800, free_from_fen=9900, is_offered=True)


def open_interface(guide: Guide) -> None:
    """Make a pair of test keys for programs; they are shown here and kept nowhere else."""
    with transaction():
        secret, publishable = (make_key(kind, livemode=False, name="演示")[1] for kind in ("sk", "pk"))
    guide.say("付款接口（给程序用，写法与 Stripe 相同）：")
    guide.say(f"  地址 {SITE}，说明在 /v1/openapi.json 和 docs/payments-api.md")
    guide.say(f"  测试密钥 {secret}")
    guide.say(f"  公开密钥 {publishable}")


def _open_stall(clerk: int, farmer_id: int, new: NewSeller, goods: tuple[Good, ...]) -> None:
    with acting_as(clerk), transaction():
        seller = enter_seller(clerk, new, for_person=farmer_id)
        verify_seller(clerk, seller.id)
        # The local gateway pays any account whose name does not say otherwise.
        account = account_for(seller)
        set_payee(account.id, Payee(Means.alipay, "周大山", "zhou@example.cn"))
        mark_verified(account.id, f"person:{clerk}")
        for good in goods:
            lot = NewLot(clock.today() - timedelta(days=1), good.stock, good.unit, good.price_fen)
            publish_product(
                seller,
                NewProduct(
                    good.name,
                    good.category,
                    origin_of_village(new.village_code),
                    secrets.token_urlsafe(18),
                    lot,
                    note=good.note,
                ),  # fmt: skip
            )
