"""How a division may be written: the table says 太平村村民委员会, people say 太平村."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from geocode._address_text import fold_characters, is_even

# Rows that stand for a level the place does not have; their names belong in no address.
STAND_INS = frozenset(
    {
        "市辖区",
        "县",
        "省直辖县级行政区划",
        "省直辖县级行政单位",
        "自治区直辖县级行政区划",
        "自治区直辖县级行政单位",
    }
)

_NATIONS = (
    "土家|苗|侗|回|白|瑶|壮|彝|藏|羌|满|蒙古|维吾尔|哈萨克|柯尔克孜|塔吉克|锡伯|撒拉|东乡|保安|裕固|朝鲜|"
    "达斡尔|鄂温克|鄂伦春|赫哲|布依|水|仡佬|仫佬|毛南|京|黎|畲|高山|哈尼|傣|傈僳|佤|拉祜|纳西|景颇|布朗|"
    "阿昌|普米|怒|德昂|独龙|基诺|门巴|珞巴"
)
_NOTE = re.compile(r"\([^()]*\)")
_NATION = re.compile(f"(?:(?:{_NATIONS})族)+$|各族$")

_UPPER_ENDINGS = {
    2: ("特别行政区", "自治区", "省", "市"),
    4: ("自治州", "地区", "盟", "州", "市"),
    6: ("自治县", "自治旗", "林区", "特区", "管理区", "县", "市", "旗", "区"),
}
# Some tables leave out the 员 or write a syllable twice; the office is the same.
_RESIDENTS = "居民委员会|居民委会员|居民委员|居民居委会|居民委会|居民委|居委会|居委"
_COMMUNITY = re.compile(f"(?:(?P<community>社区)?(?P<office>{_RESIDENTS})|(?P<plain>社区))$")
_VILLAGE_ENDINGS = (
    "村村民委员会",
    "村民委员会",
    "村村民委员",
    "村民委员",
    "村村民委会",
    "村民委会",
    "村村委会",
    "村委会",
    "民委会",
    "村",
)
_TOWN = re.compile("(?:街道办事处|街道办|街道|民族乡|镇|乡)$")


# What may follow 太平村 or 太平社区 and still be the same name. Kept out of the index, which it would triple.
COMMITTEE = re.compile("村?民委员?会|村?委会|居民委员?会|居民居委会|居委会|村(?![\u4e00-\u9fff])")


class Forms(NamedTuple):
    """The spellings of one division; a village may be followed by :data:`COMMITTEE` as well."""

    display: str
    explicit: tuple[str, ...]
    bare: tuple[str, ...] = ()


def forms_of(name: str, width: int, above: str = "") -> Forms:
    """
    Return how the division of a code *width* digits long is shown and may be written.

    Args:
        name: the name in the table.
        width: 2 province, 4 prefecture, 6 county, 9 town, 12 village.
        above: names of the divisions above, which some tables repeat in front of a village.
    """
    display = folded = name
    if not is_even(name):
        display = unicodedata.normalize("NFKC", name)
        display = _NOTE.sub("", display).strip() or display
        folded = fold_characters(display)
    if width == 12:
        return _village_forms(_without(above, display), folded, above)
    if width == 9:
        return _town_forms(display, folded)
    return _upper_forms(display, folded, width)


def _upper_forms(display: str, folded: str, width: int) -> Forms:
    ending = next((end for end in _UPPER_ENDINGS[width] if folded.endswith(end)), "")
    base = folded.removesuffix(ending)
    root = _NATION.sub("", base)
    explicit = [folded]
    if root != base and len(root) > 1:
        # 五峰县 for 五峰土家族自治县, 恩施州 for 恩施土家族苗族自治州
        explicit.append(root + ending[-1:])
    return Forms(display, tuple(explicit), (root,) if len(root) > 1 and root != folded else ())


def _town_forms(display: str, folded: str) -> Forms:
    found = _TOWN.search(folded)
    if found is None or not found.start():
        return _whole(display, folded)
    base = folded[: found.start()]
    kind = found[0]
    explicit = [folded]
    if kind.startswith("街道"):
        root = base.removesuffix("街") if len(base) > 2 else base
        explicit += [root + ending for ending in ("街道", "街道办事处", "街道办", "办事处")]
        # 紫阳街 may be the subdistrict or a street, so like a name without its kind it needs a village behind it.
        return Forms(display, tuple(dict.fromkeys(explicit)), (root + "街", root) if len(root) > 1 else ())
    root = _NATION.sub("", base)
    explicit.append(root + kind[-1])
    return Forms(display, tuple(dict.fromkeys(explicit)), (root,) if len(root) > 1 else ())


def _village_forms(display: str, folded: str, above: str) -> Forms:
    short = _without(fold_characters(above), folded) if above else folded
    whole = (folded,) if short != folded else ()
    found = _COMMUNITY.search(short)  # first: 居民委会 ends in 民委会 and is no village
    if found is not None and found.start():
        base = short[: found.start()]
        called = "社区" if found["community"] or found["plain"] else "居委会"
        shown = display[: found.start()] + called
        endings = dict.fromkeys(("社区", "居委会", "居民委员会", found["office"] or called))
        return Forms(shown, whole + tuple(base + ending for ending in endings), (base,))
    for ending in _VILLAGE_ENDINGS:
        if short.endswith(ending) and len(short) > len(ending):
            base = short.removesuffix(ending)
            return Forms(display.removesuffix(ending) + "村", (*whole, base + "村"), (base,))
    return _whole(display, short, whole)


def _whole(display: str, folded: str, others: tuple[str, ...] = ()) -> Forms:
    """Some divisions have a name and no kind (香炉山生产队): the name itself must be written, and be long enough."""
    if len(folded) < 3:
        return Forms(display, others, (folded,))
    return Forms(display, (*others, folded))


def _without(above: str, name: str) -> str:
    """Remove the names of the divisions above from the front of a village's name."""
    for upper in above.split():
        if len(name) > len(upper) + 2:
            name = name.removeprefix(upper)
    return name
