"""What can be wrong with a drawn grid or with naming its officer."""

from __future__ import annotations

from collections.abc import Iterable

from commons.errors import Conflict, Refusal, TooLarge


class NothingChosen(Refusal):
    """A grid without a cell and without a group."""

    code = "grid_is_empty"

    def __init__(self) -> None:
        super().__init__("请至少勾选一个组或一格，或上传一个范围文件", field="groups")


class CellsTaken(Refusal):
    """Cells that another grid of the village holds."""

    code = "grid_cells_taken"

    def __init__(self, title: str, count: int) -> None:
        super().__init__(f"有 {count} 格已经划在{title}里，请先从那里去掉", field="cells")


class GroupsTaken(Refusal):
    """Groups that another grid of the village holds."""

    code = "grid_groups_taken"

    def __init__(self, title: str, groups: Iterable[int]) -> None:
        names = "、".join(f"{number} 组" for number in sorted(groups))
        super().__init__(f"{names}已经划给{title}，请先从那里去掉", field="groups")


class DrawnMeanwhile(Conflict):
    """Somebody else drew in this village after the form was opened."""

    code = "grids_drawn_meanwhile"

    def __init__(self) -> None:
        super().__init__("您打开这一页以后，有人改过本村的网格。请对照新图核对勾选，再保存一次")


class TooManyCells(Refusal):
    """More ground than one grid may have."""

    code = "grid_too_large"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"范围太大了：一个网格最多 {most} 格（约 {most * 15 // 1000} 平方公里）", field="outline"
        )


class TooManyGrids(Refusal):
    """All numbers of a village are used up: a removed grid's number is never given again."""

    code = "grid_numbers_used_up"

    def __init__(self, most: int) -> None:
        super().__init__(f"一个村最多编 {most} 个网格号，已经用完")


class BadOutline(Refusal):
    """A file that is no outline."""

    code = "bad_outline"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="outline")


class OutlineTooLarge(TooLarge):
    """A file larger than an outline ever is."""

    code = "outline_too_large"

    def __init__(self, kilobytes: int) -> None:
        super().__init__(f"文件太大，范围文件最多 {kilobytes} KB", field="outline")


class NoSuchOfficial(Refusal):
    """The one chosen as officer cannot be one."""

    code = "no_such_official"

    def __init__(self, sentence: str, field: str = "person") -> None:
        super().__init__(sentence, field=field)
