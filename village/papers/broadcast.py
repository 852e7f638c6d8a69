"""A notice as text for the village's chat group, and as wording for the loudspeaker."""

from __future__ import annotations

from datetime import datetime

from village.papers.dates import clock_text, day_text, in_china, lunar_text
from village.papers.notice_words import NoticeWords
from village.papers.spoken import spoken
from village.papers.text_layout import paragraphs

_ENDS = "。！？；：，、"


def group_text(notice: NoticeWords) -> str:
    """
    Return the text to paste into the chat group: plain, whole, with the address at the end.

    The whole text stands in it, because many read only the group and open no page.
    """
    posted = in_china(notice.posted_at).date()
    lines = [f"【{notice.village} {notice.affair}】{notice.title.strip()}", ""]
    lines += paragraphs(notice.text)
    lines.append("")
    if notice.begins is not None:
        lines.append(f"公布时间：{when_text(notice.begins)}，到时才能打开")
    if notice.day is not None:
        lunar = lunar_text(notice.day)
        lines.append(f"{notice.day_meaning}：{day_text(notice.day)}" + (f"（{lunar}）" if lunar else ""))
    if notice.phone:
        lines.append(f"咨询电话：{notice.phone}")
    lines.append(f"{notice.signed_by}，{day_text(posted)}（{lunar_text(posted)}）")
    if notice.url:
        lines.append(f"看原文、听录音：{notice.url}")
    return "\n".join(lines)


def loudspeaker_text(notice: NoticeWords, times: int = 2) -> str:
    """
    Return what the announcer reads, *times* times over: only words and stops, a line to a breath.

    Heard and not seen, a notice has to say where it begins, that it is said again, and where it ends.
    """
    body = _spoken_body(notice)
    rounds = [body] + ["下面再播送一遍。\n" + body] * (times - 1)
    village = spoken(notice.village)
    opening = f"{village}的乡亲们请注意，{village}的乡亲们请注意，现在播送通知。"
    return "\n".join([opening, *rounds, "通知播送完了，谢谢大家。"])


def _spoken_body(notice: NoticeWords) -> str:
    lines = [_ended(spoken(notice.title))]
    lines += [_ended(spoken(line)) for line in paragraphs(notice.text)]
    if notice.day is not None:
        said = [spoken(notice.day_meaning), spoken(day_text(notice.day)), lunar_text(notice.day)]
        lines.append(f"{'，'.join(filter(None, said))}。")
    if notice.phone:
        # Said twice, slowly: nobody has a pencil at hand the first time.
        number = spoken(notice.phone)
        lines.append(f"有不清楚的，请打电话{number}，再说一遍，{number}。")
    signed = spoken(notice.signed_by)
    lines.append(f"{signed}，{spoken(day_text(in_china(notice.posted_at).date()))}。")
    return "\n".join(line for line in lines if line.strip(_ENDS))


def when_text(moment: datetime) -> str:
    """Day and time without the weekday's gap, as a sentence says them."""
    local = in_china(moment)
    return f"{local.month} 月 {local.day} 日{clock_text(local)}"


def _ended(line: str) -> str:
    """A line that is read out ends with a full stop, so that the voice goes down."""
    return f"{line.rstrip('，、：；')}。" if line and line[-1] not in "。！？" else line
