"""What can be wrong with a drawn grid or with naming its officer."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from commons.errors import Conflict, Refusal, TooLarge


class NothingChosen(Refusal):
    """A grid without a cell and without a group."""

    code = "grid_is_empty"

    def __init__(self) -> None:
        super().__init__(_("请至少勾选一个组或一格，或上传一个范围文件"), field="groups")


class CellsTaken(Refusal):
    """Cells that another grid of the village holds."""

    code = "grid_cells_taken"

    def __init__(self, title: str, count: int) -> None:
        super().__init__(
            _("有 %(count)s 格已经划在%(title)s里，请先从那里去掉", count=count, title=title), field="cells"
        )


class GroupsTaken(Refusal):
    """Groups that another grid of the village holds."""

    code = "grid_groups_taken"

    def __init__(self, title: str, groups: Iterable[int]) -> None:
        names = "、".join(_("%(number)s 组", number=number) for number in sorted(groups))
        super().__init__(
            _("%(names)s已经划给%(title)s，请先从那里去掉", names=names, title=title), field="groups"
        )


class DrawnMeanwhile(Conflict):
    """Somebody else drew in this village after the form was opened."""

    code = "grids_drawn_meanwhile"

    def __init__(self) -> None:
        super().__init__(_("您打开这一页以后，有人改过本村的网格。请对照新图核对勾选，再保存一次"))


class TooManyCells(Refusal):
    """More ground than one grid may have."""

    code = "grid_too_large"

    def __init__(self, most: int) -> None:
        super().__init__(
            _(
                "范围太大了：一个网格最多 %(most)s 格（约 %(area)s 平方公里）",
                most=most,
                area=most * 15 // 1000,
            ),
            field="outline",
        )


class TooManyGrids(Refusal):
    """All numbers of a village are used up: a removed grid's number is never given again."""

    code = "grid_numbers_used_up"

    def __init__(self, most: int) -> None:
        super().__init__(_("一个村最多编 %(most)s 个网格号，已经用完", most=most))


class BadOutline(Refusal):
    """A file that is no outline."""

    code = "bad_outline"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="outline")


class OutlineTooLarge(TooLarge):
    """A file larger than an outline ever is."""

    code = "outline_too_large"

    def __init__(self, kilobytes: int) -> None:
        super().__init__(_("文件太大，范围文件最多 %(kilobytes)s KB", kilobytes=kilobytes), field="outline")


class NoSuchOfficial(Refusal):
    """The one chosen as officer cannot be one."""

    code = "no_such_official"

    def __init__(self, sentence: str, field: str = "person") -> None:
        super().__init__(sentence, field=field)
