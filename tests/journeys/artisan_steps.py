"""The artisans' part of the story: two who said yes in different ways, and one who thinks better of it."""

from __future__ import annotations

from tests.journeys.people import Somebody
from tests.journeys.story import Story
from tests.make.people import unissued_phone


def _enter(story: Story, name: str, phone: str, trade: str, contact: str) -> None:
    clerk = story.clerk
    clerk.go("/desk/artisans/new")
    clerk.fill(public_name=name, door=story.codes[2], phone=phone, price_guide="小修 80 元起")
    clerk.page.check(f"[name=trades][value={trade}]")
    clerk.choose(contact=contact, consent_way="in_person")
    clerk.page.check("[name=agreed]")
    clerk.press("登记")


def an_artisan_is_entered_and_verified(story: Story) -> None:
    own = story.phones["杨师傅"] = unissued_phone()
    _enter(story, "杨师傅", own, "carpenter", "public")
    phone = Somebody(story.browser, story.site)
    assert "杨师傅" not in phone.go(f"/D/{story.codes[0]}").inner_text("main")
    story.clerk.press("核实")
    assert "杨师傅" in phone.go(f"/D/{story.codes[0]}").inner_text("main")
    assert phone.button("拨打杨师傅的电话").get_attribute("href") == f"tel:{own}"
    phone.close()


def another_is_reached_through_the_village(story: Story) -> None:
    own = unissued_phone()
    _enter(story, "刘师傅", own, "electrician", "relay")
    story.clerk.press("核实")
    phone = Somebody(story.browser, story.site)
    phone.go(f"/D/{story.codes[0]}")
    assert phone.button("请村里转接水电维修").get_attribute("href") == "tel:0270-0000012"
    door = phone.page.content()
    phone.press("全部 2 位")
    phone.press("水电维修")
    assert "公里内" in phone.page.inner_text(".artisan-row")
    assert "杨师傅" not in phone.text()
    assert phone.button("请村里转接水电维修").get_attribute("href") == "tel:0270-0000012"
    for page in (door, phone.page.content()):
        assert own not in page
        assert "刘师傅" not in page
    phone.close()


def the_first_withdraws(story: Story) -> None:
    artisan = Somebody(story.browser, story.site)
    artisan.sign_in_by_phone(story.phones["杨师傅"])
    assert "杨师傅" in artisan.go("/me").inner_text("main")
    artisan.press("撤回，不再显示")
    phone = Somebody(story.browser, story.site)
    door = phone.go(f"/D/{story.codes[0]}").inner_text("main")
    assert "水电维修" in door
    assert "杨师傅" not in door
    phone.press("全部 1 位")
    assert "杨师傅" not in phone.text()
    phone.close()
    artisan.close()
