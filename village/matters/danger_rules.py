"""
Words by which a report says that life is in danger or something burns, or that it is about the village's own cadres. Pure.

A hit never changes or holds back a report: the next page shows whom to ring, or asks one question, and lets the person go on.
"""

from __future__ import annotations

import re
import unicodedata

DANGER_TERMS = (
    # fire
    "着火", "起火", "火灾", "失火", "走火", "烧起来", "烧着", "冒烟", "浓烟", "山火", "爆炸", "炸了",
    # gas and poison
    "煤气", "燃气泄漏", "天然气泄漏", "液化气", "中毒", "喝农药", "喝药", "百草枯", "敌敌畏",
    # somebody hurt or ill
    "晕倒", "昏倒", "昏迷", "晕过去", "没气了", "没呼吸", "喘不上气", "不省人事", "心梗", "心脏病", "中风", "大出血",
    "流血", "吐血", "受伤", "摔伤", "烧伤", "烫伤", "骨折", "要生了", "难产", "抽搐", "触电", "溺水", "落水", "掉水里",
    "掉河里", "掉塘里", "掉井里", "被困", "车祸", "撞人", "撞车", "翻车", "压住", "救命", "死人", "快死",
    # violence
    "打人", "打架", "打老婆", "打孩子", "家暴", "砍人", "杀人", "捅人", "动刀", "持刀", "拿刀", "抢劫", "绑架", "拐卖",
    "强奸", "放火", "纵火",
    # harm to oneself, and people lost
    "自杀", "跳楼", "跳河", "跳塘", "上吊", "割腕", "不想活", "轻生", "走失", "不见了人", "孩子不见", "老人不见", "失踪",
    # things about to fall or flow
    "塌方", "垮塌", "房子塌", "房塌", "滑坡", "泥石流", "山洪", "决堤", "溃坝", "电线断", "断电线", "漏电",
)  # fmt: skip

CADRE_TERMS = (
    "村干部", "村支书", "支书", "书记", "村主任", "村长", "村会计", "文书", "网格员", "组长", "村委会贪", "贪污", "受贿",
    "行贿", "吃回扣", "克扣", "挪用", "优亲厚友", "以权谋私", "关系户", "吃拿卡要", "乱收费",
)  # fmt: skip

# Only the traditional characters of which the terms above have a simplified form.
TRADITIONAL = str.maketrans(
    "災燒煙濃氣爛炸洩農藥敵過沒喘臟風傷燙難產觸電溺裡裏車禍撞壓殺搶綁架賣強姦縱跳樓輕見蹤垮塌決潰壩線斷漏"
    "幹長會計網組貪賄錢剋親謀關係戶亂費書記員導烟熱爐孩綫著麼暈動弔優權汙",
    "灾烧烟浓气烂炸泄农药敌过没喘脏风伤烫难产触电溺里里车祸撞压杀抢绑架卖强奸纵跳楼轻见踪垮塌决溃坝线断漏"
    "干长会计网组贪贿钱克亲谋关系户乱费书记员导烟热炉孩线着么晕动吊优权污",
)  # fmt: skip
_BETWEEN = re.compile(r"[\W_]+")


def plain_words(text: str) -> str:
    """
    Return *text* without anything that may stand between two characters, in narrow and simplified characters.

    >>> plain_words("着 火．了！")
    '着火了'
    """
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).translate(TRADITIONAL)


def speaks_of_danger(text: str) -> bool:
    """Say whether *text* names something for 110, 119 or 120, also spaced out, full-width or in traditional characters."""
    plain = plain_words(text)
    return any(term in plain for term in DANGER_TERMS)


def speaks_of_cadres(text: str) -> bool:
    """Say whether *text* may be about the village's own cadres, so that it is worth asking."""
    plain = plain_words(text)
    return any(term in plain for term in CADRE_TERMS)
