"""The village's part of the story: a report and its answer, a complaint that the village never sees, a household."""

from __future__ import annotations

import re

from tests.journeys.people import Somebody
from tests.journeys.story import Story
from tests.make.people import unissued_phone
from tests.village.papers.pdf_reading import text_of


def _report(story: Story, words: str, category: str) -> tuple[Somebody, str, str]:
    """Report from a door's page and return the reporter, the number and the code to ask with."""
    reporter = Somebody(story.browser, story.site)
    reporter.go(f"/D/{story.codes[4]}")
    reporter.press("我要报事")
    assert reporter.page.input_value("[name=door]").replace("-", "") == story.codes[4]
    for number in ("110", "119", "120"):
        assert number in reporter.text()
    reporter.fill(words=words)
    reporter.choose(category=category)
    reporter.press("送出")
    found = re.search(r"编号\s*([0-9 ]+)\s*查询码\s*(\d{4})", reporter.text())
    assert found is not None, reporter.text()
    return reporter, found.group(1).replace(" ", "").strip(), found.group(2)


def a_villager_reports_a_matter_and_reads_the_answer(story: Story) -> None:
    reporter, number, code = _report(story, "三组塘边路灯不亮，晚上看不见路。", "roads")
    officer = story.officials["officer"]
    assert "路灯不亮" in officer.go("/desk/matters").inner_text("main")
    officer.go(f"/desk/matters/{number}")
    officer.press("受理")
    _act(officer, number, "answer", "明天上午派人去修。")
    _act(officer, number, "close", "灯泡换好了。")
    other = Somebody(story.browser, story.site)
    answer = other.page.goto(f"{story.site.base}/matters/{number}")
    assert answer is not None
    assert "路灯" not in other.text()
    other.go("/matters")
    other.fill(number=number, code=code)
    other.press("查")
    for words in ("明天上午派人去修", "灯泡换好了"):
        assert words in other.text()
    assert code not in other.page.url
    other.close()
    reporter.close()


def _act(official: Somebody, number: str, act: str, words: str) -> None:
    official.go(f"/desk/matters/{number}")
    form = official.page.locator(f"form[action$='/{number}/{act}']")
    assert form.count() == 1, official.text()[:1500]
    form.locator("textarea").fill(words)
    with official.page.expect_navigation():
        form.locator("button[type=submit], button:not([type])").first.click()


def a_matter_about_cadres_goes_to_the_town(story: Story) -> None:
    reporter, number, _code = _report(story, "低保名单没有公示，我有意见。", "cadres")
    clerk = story.clerk
    assert "低保名单" not in clerk.go("/desk/matters").inner_text("main")
    answer = clerk.page.goto(f"{story.site.base}/desk/matters/{number}")
    assert answer is not None
    assert answer.status == 404
    discipline = story.official("discipline", story.village[:9], "green-tea-on-hill-9")
    assert "低保名单" in discipline.go("/desk/matters").inner_text("main")
    reporter.close()


def a_person_joins_a_household_by_slip_and_leaves(story: Story) -> None:
    clerk = story.clerk
    clerk.go("/desk/households")
    clerk.page.locator("table a").first.click()
    clerk.page.wait_for_load_state()
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
    person.press("离开这一户")
    person.page.locator("[name=reason]").first.check()
    person.page.check("[name=is_sure]")
    person.press("离开")
    assert "还没有加入" in person.go("/me/household").inner_text("main")
    person.close()


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
