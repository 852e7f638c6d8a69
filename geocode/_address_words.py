"""The words of an address that are neither a known division nor a number: roads, hamlets, unknown names."""

from __future__ import annotations

import re
from typing import Literal

_HAN = "[\u3400-\u9fff]"

# A name that has the shape of a division. The shortest is taken; 小区, 园区 and 景区 are places, not districts.
UNKNOWN_DIVISION = re.compile(
    f"(?P<name>(?:{_HAN}|[0-9]){{1,10}}?(?P<ending>省|自治区|自治州|自治县|村民委员?会|村委会|"
    "社区居民委员?会|社区居委会|社区|居民委员?会|居委会|街道办事处|街道|林区|镇(?!政府)|乡|"
    f"(?<={_HAN}{_HAN})(?:市(?!场)|州)|县(?!城)|(?<={_HAN}{_HAN})(?<![小社园景厂矿库])区(?!域)|村(?!民|委|口|头)))"
)
_ROAD = re.compile(f"{_HAN}{{1,10}}(?:大道|道|路|街|巷|弄|胡同|里弄)(?:东段|西段|南段|北段|中段|{_HAN}段)?")
_SETTLEMENT = re.compile(
    f"(?:{_HAN}|[0-9]){{1,10}}(?:"
    "湾|塆|冲|垸|院子|大院|屋场|屋基|老屋|新屋|大屋|瓦屋|台|台子|嘴|咀|坳|凹|畈|坪|沟|岭|岗|岗子|坡|塘|堰|庄|寨|铺|桥|河|口|洼|岔|"
    "垭|垭子|包|梁|梁子|坝|坝子|槽|溪|埫|荡|洲|墩|墩子|圩|堤|垄|塅|窝|淌|淌子|峪|埂|坎|坎子|屋|组|"
    "新村|老村)"
)
_ESTATE = re.compile(f"(?:{_HAN}|[0-9]){{1,10}}(?:小区|花园|家园|公寓|佳苑|安置点|安置区|集中居住点|移民点)")
_SETTLEMENT_IN_VILLAGE = re.compile(f"{_HAN}{{1,8}}(?:村|庄子|家|店|寺|庙|林|山|井|集|园)")
# Words that tell a way to a place instead of naming it.
_DIRECTION = re.compile(
    "旁|对面|附近|隔壁|后面|前面|里面|路口|交叉|交汇|学校|小学|中学|超市|商店|银行|医院|卫生室|政府|公司"
)

# What is left of "3 村民组" without its number names no place.
_GROUP_WORD = re.compile("(?:村?民|居民)?小?组|生产小?队")

Kind = Literal["road", "hamlet", ""]


def kind_of_words(words: str, in_village: bool, after_door: bool) -> Kind:
    """
    Say whether words name a road or a hamlet, by their last character; empty when nobody can say.

    Args:
        in_village: the village is already known, so 李家村 names a hamlet in it.
        after_door: a house number stands before them; then only an estate is a place, all else a remark.
    """
    if _DIRECTION.search(words) or _GROUP_WORD.fullmatch(words):
        return ""
    if _ESTATE.fullmatch(words):
        return "hamlet"
    if after_door:
        return ""
    if _ROAD.fullmatch(words):
        return "road"
    if _SETTLEMENT.fullmatch(words) or (in_village and _SETTLEMENT_IN_VILLAGE.fullmatch(words)):
        return "hamlet"
    return ""
