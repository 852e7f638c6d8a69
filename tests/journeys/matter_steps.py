"""The matters' part of the story: written, spoken, photographed, and one that the village never sees."""

from __future__ import annotations

import re
from pathlib import Path

from tests.browser import pressed
from tests.commons.uploading import photo_with_place, wav
from tests.journeys.people import Somebody
from tests.journeys.story import Story


def _report(
    story: Story, category: str, *, files: dict[str, Path] | None = None, **typed: str
) -> tuple[Somebody, str, str]:
    """Report from a door's page and return the reporter, the number and the code to ask with."""
    reporter = Somebody(story.browser, story.site)
    reporter.go(f"/D/{story.codes[4]}")
    reporter.press("我要报事")
    assert reporter.page.input_value("[name=door]").replace("-", "") == story.codes[4]
    for number in ("110", "119", "120"):
        assert number in reporter.text()
    reporter.fill(**typed)
    for name, file in (files or {}).items():
        reporter.page.set_input_files(f"[name={name}]", file)
    reporter.choose(category=category)
    reporter.press("送出")
    found = re.search(r"编号\s*([0-9 ]+)\s*查询码\s*(\d{4})", reporter.text())
    assert found is not None, reporter.text()
    return reporter, found.group(1).replace(" ", "").strip(), found.group(2)


def a_villager_reports_a_matter_and_reads_the_answer(story: Story) -> None:
    reporter, number, code = _report(story, "roads", words="三组塘边路灯不亮，晚上看不见路。")
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
    assert other.page.url == f"{story.site.base}/matters/{number}"  # and not the code
    other.close()
    reporter.close()


def _act(official: Somebody, number: str, act: str, words: str) -> None:
    official.go(f"/desk/matters/{number}")
    form = official.page.locator(f"form[action$='/{number}/{act}']")
    assert form.count() == 1, official.text()[:1500]
    form.locator("textarea").fill(words)
    pressed(official.page, form.locator("button[type=submit], button:not([type])").first)


def another_speaks_instead_of_writing(story: Story) -> None:
    recording = story.folder / "voice.wav"
    recording.write_bytes(wav(2))
    reporter, number, _code = _report(story, "roads", files={"voice": recording})
    officer = story.officials["officer"]
    officer.go(f"/desk/matters/{number}")
    assert "没有写字，请听录音、看照片" in officer.text()
    voice = str(officer.page.locator("audio").evaluate("node => node.src"))
    heard = officer.context.request.get(voice)
    assert heard.headers["content-type"] == "audio/mp4"
    assert reporter.context.request.get(voice).status == 200
    stranger = Somebody(story.browser, story.site)
    assert stranger.context.request.get(voice).status == 404
    stranger.close()
    reporter.close()


def another_photographs_what_is_wrong_at_another_door(story: Story) -> None:
    picture = story.folder / "photo.jpg"
    picture.write_bytes(photo_with_place())
    reporter, number, _code = _report(story, "roads", files={"pictures": picture}, door=story.codes[7])
    reporter.press("看办到哪一步")
    assert f"{story.village_name}四组2号" in reporter.text()
    assert reporter.page.locator("img[alt='照片 1']").count() == 1
    clerk = story.clerk
    clerk.go(f"/desk/matters/{number}")
    assert f"{story.village_name}四组2号" in clerk.text()
    address = str(clerk.page.locator("img[alt='照片 1']").evaluate("node => node.src"))
    seen = clerk.context.request.get(address)
    assert seen.headers["content-type"] == "image/jpeg"
    assert b"Exif" not in seen.body()
    # The first grid's officer has nothing to do with the other door's matter.
    assert story.officials["officer"].context.request.get(address).status == 404
    reporter.close()


def a_matter_about_cadres_goes_to_the_town(story: Story) -> None:
    reporter, number, _code = _report(story, "cadres", words="低保名单没有公示，我有意见。")
    clerk = story.clerk
    assert "低保名单" not in clerk.go("/desk/matters").inner_text("main")
    answer = clerk.page.goto(f"{story.site.base}/desk/matters/{number}")
    assert answer is not None
    assert answer.status == 404
    discipline = story.official("discipline", story.village[:9], "green-tea-on-hill-9")
    assert "低保名单" in discipline.go("/desk/matters").inner_text("main")
    reporter.close()
