"""
The BeiDou grid location code, GB/T 39409-2020: encode, decode, measure and walk the grid.

Flat verbs over plain texts. Latitude comes before longitude; degrees are CGCS2000 or WGS-84 (see
`geocode.datums` for anything else); sizes are metres. `is_valid_code` never raises; everything else raises a
`GeocodeError`, which is also a `ValueError`.

>>> code = latlng_to_code(30.59276, 114.30525)
>>> code
'N50H051354813745'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from geocode._beidou_grid import (
    CellSize,
    cell_size_m,
    code_neighbors,
    code_to_children,
    code_to_parent,
    compact_codes,
    grid_disk,
    grid_distance,
    uncompact_codes,
)
from geocode._beidou_reference import from_reference_code, to_reference_code
from geocode._beidou_scalar import (
    Bounds,
    code_to_boundary,
    code_to_bounds,
    code_to_latlng,
    get_level,
    is_valid_code,
    latlng_to_code,
    normalize_code,
)
from geocode.errors import MissingExtraError
from geocode.height import (
    code3d_to_bounds,
    code_to_height,
    height_to_code,
    is_valid_code3d,
    latlng_height_to_code3d,
)

if TYPE_CHECKING:
    from geocode._beidou_area import codes_covering
    from geocode._beidou_vector import latlngs_to_codes
    from geocode._beidou_vector_decode import are_valid_codes, codes_to_bounds, codes_to_latlngs

__all__ = [
    "Bounds",
    "CellSize",
    "are_valid_codes",
    "cell_size_m",
    "code3d_to_bounds",
    "code_neighbors",
    "code_to_boundary",
    "code_to_bounds",
    "code_to_children",
    "code_to_height",
    "code_to_latlng",
    "code_to_parent",
    "codes_covering",
    "codes_to_bounds",
    "codes_to_latlngs",
    "compact_codes",
    "from_reference_code",
    "get_level",
    "grid_disk",
    "grid_distance",
    "height_to_code",
    "is_valid_code",
    "is_valid_code3d",
    "latlng_height_to_code3d",
    "latlng_to_code",
    "latlngs_to_codes",
    "normalize_code",
    "to_reference_code",
    "uncompact_codes",
]

# numpy and shapely are imported when a function that needs them is first named.
_LATER = {
    "codes_covering": "geocode._beidou_area",
    "latlngs_to_codes": "geocode._beidou_vector",
    "are_valid_codes": "geocode._beidou_vector_decode",
    "codes_to_bounds": "geocode._beidou_vector_decode",
    "codes_to_latlngs": "geocode._beidou_vector_decode",
}


def __getattr__(name: str) -> Any:
    """Import what needs numpy or shapely the first time somebody names one."""
    if name not in _LATER:
        raise AttributeError(f"module 'geocode.beidou' has no attribute {name!r}")
    try:
        function = globals()[name] = getattr(import_module(_LATER[name]), name)
    except ModuleNotFoundError as missing:
        if missing.name != "shapely":
            raise
        return _needs_shapely  # when it is called, and not when somebody imports every name
    return function


def _needs_shapely(*_: object, **__: object) -> NoReturn:
    raise MissingExtraError("areas need shapely: install the extra with pip install 'geocode[polygons]'")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
