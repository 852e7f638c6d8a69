"""What is for sale: only from verified sellers, named as the law asks, in honest words, with a price and a harvest."""

from __future__ import annotations

import gzip
import re
from datetime import date

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import select

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import Missing
from geocode import beidou
from marketplace.produce import actions
from marketplace.produce.errors import NotEnoughLeft
from marketplace.produce.models import Lot, Product, Seller
from marketplace.produce.rules import SellerKind, seller_in_law, solar_term
from tests.commons.uploading import long_form, sent
from tests.make.divisions import VILLAGE, make_village
from tests.make.doors import LAT, LNG, make_door, make_plate
from tests.make.people import make_official, make_person, sign_in
from tests.make.produce import add_lot, make_product, make_seller
from village.public import page_version


@pytest.fixture
def farmer(app: Flask, clock: FrozenClock) -> FlaskClient:
    """The phone of a farmer whom the village has verified."""
    app.config["WTF_CSRF_ENABLED"] = False
    make_plate(door=make_door())
    client = app.test_client()
    with transaction():
        person = make_person(name="周老汉")
        sign_in(client, person)
        make_seller(person=person)
    return client


def typed(**changes: str) -> dict[str, str]:
    seller = db.session.scalars(select(Seller)).first()
    return {
        "seller": str(seller.id if seller else 0), "name": "散养鸡蛋", "category": "egg", "unit": "box10", "price": "15",
        "stock": "20", "harvest_on": "2026-11-22", "note": "谷子喂", "form_key": "k" * 24, **changes,
    }  # fmt: skip


def products() -> list[Product]:
    db.session.rollback()
    return list(db.session.scalars(select(Product)))


def test_a_farmer_lists_something_and_the_city_sees_it(farmer: FlaskClient, client: FlaskClient) -> None:
    answer = farmer.post("/sell/new", data=typed())
    text = client.get("/shop").get_data(as_text=True)

    assert answer.status_code == 303
    assert "散养鸡蛋" in text
    assert "15.00" in text
    page = client.get(f"/shop/{products()[0].id}").get_data(as_text=True)
    assert "个人销售自产农副产品" in page
    assert "周老汉" not in page


def test_price_unit_and_what_was_done_to_it_are_said_in_the_words_of_its_kind(
    farmer: FlaskClient, client: FlaskClient
) -> None:
    farmer.post("/sell/new", data=typed())
    product = products()[0]
    stall, lot = (farmer.get(page).get_data(as_text=True) for page in ("/sell", f"/sell/{product.id}/lot"))

    assert "11月22日装盒，15.00 元/盒（10 个）" in stall
    assert "22日装盒" in client.get("/shop").get_data(as_text=True)
    assert "日采" not in stall + client.get(f"/shop/{product.id}").get_data(as_text=True)
    assert re.search(r'<option selected value="box10"', lot)


def test_the_same_form_twice_lists_one_thing(farmer: FlaskClient) -> None:
    for _ in range(2):
        farmer.post("/sell/new", data=typed())

    assert len(products()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"price": "0"}, "大于 0"),
        ({"price": "-3"}, "负数"),
        ({"price": "abc"}, "数字"),
        ({"stock": "-1"}, "0 到 10 万"),
        ({"stock": "1.5"}, "整数"),
        ({"harvest_on": "2026-11-23"}, "不能晚于今天"),
        ({"name": "有机鸡蛋"}, "证书"),
        ({"note": "降血压特效"}, "不能写"),
        ({"category": "wild"}, "哪一类"),
        ({"category": "meat"}, "检疫合格证"),
        ({"name": ""}, "要填"),
    ],
)
def test_what_may_not_be_listed_is_said_and_nothing_is_stored(
    farmer: FlaskClient, changes: dict[str, str], words: str
) -> None:
    answer = farmer.post("/sell/new", data=typed(**changes))

    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)
    assert products() == []


def test_a_field_is_named_only_with_consent_and_away_from_doors(
    farmer: FlaskClient, client: FlaskClient
) -> None:
    field = f"{LAT + 0.01:.5f}, {LNG + 0.01:.5f}"
    agreed = {"has_origin_consent": "y"}
    for changes, words in (
        ({"field_place": field}, "征得农户同意"),
        ({"field_place": f"{LAT}, {LNG}", **agreed}, "不到 100 米"),
        ({"field_place": f"{LNG}, {LAT}", **agreed}, "写纬度和经度"),
        ({"field_place": "22.5, 113.9", **agreed}, "离本村太远"),
        ({"field_place": "塘边那块", **agreed}, "写纬度和经度"),
    ):
        answer = farmer.post("/sell/new", data=typed(**changes))
        assert answer.status_code == 400
        assert words in answer.get_data(as_text=True)
        assert changes["field_place"] in answer.get_data(as_text=True)
    assert products() == []

    assert farmer.post("/sell/new", data=typed(field_place=field, **agreed)).status_code == 303
    (product,) = products()
    assert product.origin_code == beidou.latlng_to_code(LAT + 0.01, LNG + 0.01, 6)
    page = client.get(f"/shop/{product.id}").get_data(as_text=True)
    assert f"{product.origin_code}（约 60 米的田块）" in page


def test_a_claim_with_its_certificate_may_be_made(farmer: FlaskClient) -> None:
    farmer.post("/sell/new", data=typed(name="有机鸡蛋", certificate="有机产品认证 000TEST"))

    assert [product.name for product in products()] == ["有机鸡蛋"]


def test_without_a_verified_kind_in_law_nothing_is_published(
    app: Flask, clock: FrozenClock, client: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    farmer = app.test_client()
    with transaction():
        person = make_person()
        sign_in(farmer, person)
        seller = make_seller(person=person, verified=False)
    answer = farmer.post("/sell/new", data=typed())

    assert answer.status_code == 400
    assert "核实" in answer.get_data(as_text=True)
    assert products() == []
    make_product(seller=seller, name="偷跑的蛋")
    assert "偷跑的蛋" not in client.get("/shop").get_data(as_text=True)


def test_a_co_op_needs_its_number_and_who_supplies_it(app: Flask, clock: FrozenClock) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    farmer = app.test_client()
    plate = make_plate(door=make_door())
    with transaction():
        sign_in(farmer, make_person())
    fields = {
        "door": plate.code,
        "kind": "coop",
        "public_name": "青石湾合作社",
        "group_words": "全村",
        "form_key": "k" * 24,
    }

    assert "18 位" in farmer.post("/sell/register", data=fields).get_data(as_text=True)
    fields |= {"licence_no": "93420199ma4kte0t0x"}
    assert "供货" in farmer.post("/sell/register", data=fields).get_data(as_text=True)
    fields |= {"supplier_group": "三组八户"}
    assert farmer.post("/sell/register", data=fields).status_code == 303


def test_nobody_touches_anothers_stall(app: Flask, farmer: FlaskClient) -> None:
    other = make_product(seller=make_seller(person=None), name="别家的藕")

    assert farmer.post(f"/sell/{other.id}/withdraw").status_code == 404
    assert farmer.post(f"/sell/{other.id}/lot", data=typed()).status_code == 404
    assert farmer.post("/sell/new", data=typed(seller=str(other.seller_id))).status_code == 400


def test_the_villages_official_verifies_and_anothers_does_not(app: Flask, clock: FrozenClock) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    seller = make_seller(verified=False)
    answers = []
    for area in ("420199104999", VILLAGE):
        desk = app.test_client()
        with transaction():
            sign_in(desk, make_official(area=area))
        answers.append(desk.post(f"/desk/sellers/{seller.id}/verify").status_code)

    assert answers == [403, 303]


def test_a_door_shows_whether_there_is_some_and_never_how_much(
    client: FlaskClient, app: Flask, clock: FrozenClock
) -> None:
    code = make_plate(door=make_door()).code
    product = make_product(stock=7)
    before = page_version(VILLAGE)
    shown = []
    for quantity in (3, 4):
        shown.append("有货" in _door(client, code))
        with transaction():
            actions.take_stock({product.lots[0].id: quantity})
    shown.append("有货" in _door(client, code))
    versions = page_version(VILLAGE)

    assert shown == [True, True, False]
    assert versions == (before or 0) + 1  # a thousand sales render the page once


def _door(client: FlaskClient, code: str) -> str:
    return gzip.decompress(client.get(f"/D/{code}", headers={"Accept-Encoding": "gzip"}).data).decode()


def test_stock_is_taken_all_or_not_at_all(app: Flask, clock: FrozenClock) -> None:
    plenty, little = make_product(stock=5).lots[0], make_product(name="藕", stock=1).lots[0]
    with pytest.raises(NotEnoughLeft) as caught, transaction():
        actions.take_stock({plenty.id: 2, little.id: 2})

    assert caught.value.left == 1
    db.session.expire_all()
    assert (plenty.stock_left, little.stock_left) == (5, 1)


def test_what_was_withdrawn_is_not_sold(app: Flask, clock: FrozenClock) -> None:
    product = make_product()
    with transaction():
        actions.withdraw_product(product.id)
    with pytest.raises(Missing), transaction():
        actions.take_stock({product.lots[0].id: 1})


def test_the_oldest_harvest_with_stock_is_offered_first(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    product = make_product(stock=0, price_fen=100)
    first, second = add_lot(product, price_fen=200), add_lot(product, price_fen=300)
    page = client.get(f"/shop/{product.id}").get_data(as_text=True)

    assert f'value="{first.id}"' in page
    assert f'value="{second.id}"' not in page
    assert isinstance(first, Lot)


def test_the_shop_is_searched_by_words_and_category_and_village(
    client: FlaskClient, app: Flask, clock: FrozenClock
) -> None:
    make_product(name="散养鸡蛋")
    make_product(name="粉藕", category="root")
    found = {
        query: [
            name
            for name in ("散养鸡蛋", "粉藕")
            if name in client.get(f"/shop?{query}").get_data(as_text=True)
        ]
        for query in ("q=藕", "category=egg", f"village={VILLAGE}", "q=%25", "category=none")
    }

    assert found["q=藕"] == ["粉藕"]
    assert found["category=egg"] == ["散养鸡蛋"]
    assert found[f"village={VILLAGE}"] == ["散养鸡蛋", "粉藕"]


@pytest.mark.parametrize(
    ("day", "term"), [("2026-11-22", "小雪"), ("2026-11-21", "立冬"), ("2026-02-04", "立春")]
)
def test_the_season_is_named(day: str, term: str) -> None:
    assert solar_term(date.fromisoformat(day)) == term


def test_every_kind_of_seller_is_named_as_the_law_asks(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    make_village()
    for kind in SellerKind:
        product = make_product(seller=make_seller(kind=kind, public_name="青石湾"), name=f"藕{kind}")
        page = client.get(f"/shop/{product.id}").get_data(as_text=True)
        assert ("统一社会信用代码" in page) is (kind is not SellerKind.own_produce)
        assert ("三组八户供货" in page) is (kind is SellerKind.coop)


@pytest.mark.parametrize(
    ("kind", "english"),
    [
        (SellerKind.licence, "柑橘园 (Unified Social Credit Code 91X)"),
        (SellerKind.coop, "柑橘园 (Unified Social Credit Code 91X), with 四组八户 as supplier"),
        (SellerKind.own_produce, "柑橘园 (a person selling produce of their own)"),
    ],
)
def test_the_law_around_a_sellers_name_is_said_in_the_readers_language(
    app: Flask, kind: SellerKind, english: str
) -> None:
    words = seller_in_law(kind, "柑橘园", "91X", "四组八户")
    page = "{% from 'marketplace/components/seller_name.html' import seller_name %}{{ seller_name(words) }}"
    for locale, read in (("zh_Hans_CN", words), ("en", english)):
        with app.test_request_context(), force_locale(locale):
            assert render_template_string(page, words=words).strip() == read


def test_what_a_product_pledges_stands_before_the_way_back(client: FlaskClient) -> None:
    make_village()
    page = client.get(f"/shop/{make_product().id}").get_data(as_text=True)

    assert 0 < page.find("承诺达标合格证") < page.find("回集市")


def test_a_picture_far_too_large_is_refused_beside_its_field_and_the_words_stay(farmer: FlaskClient) -> None:
    picture = sent(b"0" * 13 * 1024 * 1024, "large.jpg")
    answer = farmer.post("/sell/new", **long_form(typed(), picture=picture))

    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert "散养鸡蛋" in text and "field-error" in text
