"""The households' part of the story: in by a paper slip or by the officer's confirmation, and out by one's own word."""

from __future__ import annotations

import re

from tests.browser import pressed
from tests.journeys.people import Somebody
from tests.journeys.story import Story
from tests.make.people import unissued_phone
from tests.village.papers.pdf_reading import text_of


def a_person_joins_a_household_by_slip_and_leaves(story: Story) -> None:
    clerk = story.clerk
    clerk.go("/desk/households")
    pressed(clerk.page, clerk.page.locator("table a").first)
    clerk.press("登记一户")
    slip = _printed_slip(clerk)
    assert slip.startswith(b"%PDF")
    person = Somebody(story.browser, story.site)
    person.sign_in_by_phone(unissued_phone())
    assert "还没有加入" in person.go("/me/household").inner_text("main")
    person.go("/me/join")
    person.page.fill("form[action$='/me/join'] [name=code]", code_on(slip))
    person.page.fill("form[action$='/me/join'] [name=name]", "王秀兰")
    person.press("加入")
    assert "王秀兰" in person.go("/me/household").inner_text("main")
    _leave(person)
    assert "还没有加入" in person.go("/me/household").inner_text("main")
    person.close()


def another_joins_by_the_officers_confirmation_and_leaves(story: Story) -> None:
    """Knowing the code on a door lets one ask and no more; whoever has left sees no more than before, on every telephone."""
    person, door = Somebody(story.browser, story.site), f"/me/door/{story.codes[5]}"
    person.sign_in_by_phone(unissued_phone())
    _ask_to_join(person, door, "李春梅")
    assert "知道门牌上的码不能加入" in person.go(door).inner_text("main")
    _confirm_at_the_desk(story, "李春梅")
    second = Somebody(story.browser, story.site, storage_state=person.context.storage_state())
    for phone in (person, second):
        assert "李春梅" in phone.go(door).inner_text("main")
    assert "网格员" in person.go("/me/household").inner_text("main")
    _leave(person)
    for phone in (person, second):
        left = phone.go(door).inner_text("main")
        assert "知道门牌上的码不能加入" in left
        assert "李春梅" not in left
        assert "还没有加入" in phone.go("/me/household").inner_text("main")
        phone.close()


def _ask_to_join(person: Somebody, door: str, name: str) -> None:
    person.go(door)
    person.press("加入一户")
    person.page.fill("[name=ask-name]", name)
    person.press("申请加入")
    assert "申请已送出" in person.text()


def _confirm_at_the_desk(story: Story, name: str) -> None:
    officer = story.officials["officer"]
    officer.go(f"/desk/households?q={story.codes[5]}")
    assert f"{name} 申请加入" in officer.text()
    officer.press("登记一户")
    officer.press("加入第 1 户")
    assert f"{name} 申请加入" not in officer.text()


def _leave(person: Somebody) -> None:
    person.go("/me/household")
    person.press("离开这一户")
    person.page.locator("[name=reason]").first.check()
    person.page.check("[name=is_sure]")
    person.press("离开")


def _printed_slip(clerk: Somebody) -> bytes:
    """Press 印一张入户单 and return the paper: the browser shows it instead of saving it, so it is fetched as the form would."""
    form = clerk.page.locator("form[action$='/slip.pdf']").first
    token = str(form.locator("[name=csrf_token]").get_attribute("value"))
    answer = clerk.context.request.post(
        clerk.site.base + str(form.get_attribute("action")),
        form={"csrf_token": token},
        headers={"Referer": clerk.page.url},
    )
    assert answer.ok, answer.text()
    return answer.body()


def code_on(slip: bytes) -> str:
    """Return the eight characters printed on a slip."""
    found = re.search(r"入户码\s*([2-9A-Z]{4})[- ]?([2-9A-Z]{4})", text_of(slip))
    assert found is not None, text_of(slip)
    return found.group(1) + found.group(2)
