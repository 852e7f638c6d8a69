"""The notices' part of the story: one for now and one for later, by page, chat group, loudspeaker, paper and voice."""

from __future__ import annotations

from datetime import datetime, timedelta

from commons import clock
from tests.commons.uploading import wav
from tests.journeys.people import Somebody
from tests.journeys.story import Story
from tests.village.papers.pdf_reading import text_of

LATER = "明早开会修渠"


def an_official_posts_a_notice(story: Story) -> None:
    clerk = story.clerk
    clerk.go("/desk/notices/new")
    clerk.choose(area=story.village, affair="village")
    clerk.fill(
        title="三组停水半天",
        words="供水站检修水管。\n请提前存水。",
        leaf_meaning="停水",
        signed_by="村民委员会",
    )
    clerk.press("发出")
    assert "乡亲们请注意" in clerk.page.input_value("#loudspeaker-text")
    assert "三组停水半天" in clerk.page.input_value("#group-text")
    phone = Somebody(story.browser, story.site)
    assert "三组停水半天" in phone.go(f"/D/{story.codes[1]}").inner_text("main")
    phone.press("三组停水半天")
    assert "请提前存水" in phone.text()
    phone.close()


def another_is_spoken_for_later(story: Story) -> None:
    """Between the looks of this telephone nobody writes anything: only the time goes by."""
    phone = Somebody(story.browser, story.site)
    begins = (clock.now() + timedelta(minutes=3)).replace(second=0, microsecond=0)
    ends = begins + timedelta(minutes=2)
    _speak_a_notice(story, begins, ends)
    notice, voice = _hand_it_on(story)
    assert _is_on_doors(story, phone) == (False, False)
    assert [phone.context.request.get(address).status for address in (notice, voice)] == [404, 404]

    story.site.wait_until(begins)
    assert _is_on_doors(story, phone) == (True, True)
    phone.press(LATER)
    assert phone.page.url == notice
    assert phone.page.locator("audio").evaluate("node => node.src") == voice
    heard = phone.context.request.get(voice)
    assert heard.headers["content-type"] == "audio/mp4"
    assert heard.body()[4:8] == b"ftyp"

    story.site.wait_until(ends)
    assert _is_on_doors(story, phone) == (False, False)
    assert [phone.context.request.get(address).status for address in (notice, voice)] == [404, 404]
    # For both five minutes went by: a desk that sits idle twice as long locks.
    for official in (story.clerk, story.officials["officer"]):
        assert "已到期" in official.go("/desk/notices").inner_text("main")
    phone.close()


def _speak_a_notice(story: Story, begins: datetime, ends: datetime) -> None:
    recording = story.folder / "voice.wav"
    recording.write_bytes(wav(2))
    clerk = story.clerk
    clerk.go("/desk/notices/new")
    clerk.choose(area=story.village, affair="party")
    clerk.fill(title=LATER, words="上午 8 点半在村部。", leaf_meaning="开会", signed_by="村民委员会")
    clerk.fill(starts=_typed(begins), until=_typed(ends))
    clerk.page.set_input_files("[name=voice]", recording)
    clerk.press("发出")


def _typed(moment: datetime) -> str:
    return f"{clock.to_beijing(moment):%Y-%m-%dT%H:%M}"


def _hand_it_on(story: Story) -> tuple[str, str]:
    """Look at what goes to the chat group, the loudspeaker and the board; return the addresses of page and recording."""
    clerk = story.clerk
    assert "起大家才看得到这条通知" in clerk.text()
    notice = clerk.page.url.replace("/desk/", "/")
    group, spoken = clerk.page.input_value("#group-text"), clerk.page.input_value("#loudspeaker-text")
    for words in (LATER, "上午 8 点半在村部", notice, "0270-0000012"):
        assert words in group
    assert LATER in spoken
    assert "八点半" in spoken
    sheet = clerk.context.request.get(str(clerk.button("打印 A4 张贴").evaluate("node => node.href")))
    assert LATER in text_of(sheet.body())
    voice = str(clerk.button("下载本人录音").evaluate("node => node.href"))
    assert clerk.context.request.get(voice).status == 200
    return notice, voice


def _is_on_doors(story: Story, phone: Somebody) -> tuple[bool, bool]:
    """Say whether the notice is on the pages of two doors, each in a grid of its own."""
    looks = [LATER in phone.go(f"/D/{story.codes[at]}").inner_text("main") for at in (1, 8)]
    return looks[0], looks[1]
