"""
How fast grid codes and frames are, as ratios taken in one run; see geocode_grid.md for what each compares.

    python bench/geocode_grid.py [--points 1000000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import h3
import numpy as np
import pygeohash
from numpy.typing import NDArray
from openlocationcode import openlocationcode

from geocode import beidou, cells, datums

SCALARS = 50_000
GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"

Row = tuple[str, float, str, str]


class Race:
    """Runs rivals in turn, so that a busy moment of the machine hits all of them."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds

    def best(self, **rivals: Callable[[], object]) -> dict[str, float]:
        """Processor seconds of the fastest of several runs of each."""
        times = dict.fromkeys(rivals, float("inf"))
        for _ in range(self.rounds):
            for name, work in rivals.items():
                start = time.process_time()
                work()
                times[name] = min(times[name], time.process_time() - start)
        return times


def plain_geohash(lat: float, lng: float, length: int = 11) -> str:
    """Geohash as a careful programmer writes it in Python: two integers, bits interleaved five at a time."""
    bits = 5 * length
    x = int((lng + 180.0) / 360.0 * (1 << (bits + 1) // 2))
    y = int((lat + 90.0) / 180.0 * (1 << bits // 2))
    found = ""
    for _ in range(length):
        digit = 0
        for place in range(5):
            bits -= 1
            one = x >> bits // 2 & 1 if bits % 2 == 0 else y >> bits // 2 & 1
            digit |= one << 4 - place
        found += GEOHASH[digit]
    return found


def scalar_rows(race: Race, lats: list[float], lngs: list[float]) -> list[Row]:
    """One call for one place."""
    spots = list(zip(lats, lngs, strict=True))
    codes, hexes = [beidou.latlng_to_code(*at) for at in spots], [h3.latlng_to_cell(*at, 12) for at in spots]
    to = race.best(
        ours=lambda: [beidou.latlng_to_code(lat, lng) for lat, lng in spots],
        h3=lambda: [h3.latlng_to_cell(lat, lng, 12) for lat, lng in spots],
        plus=lambda: [openlocationcode.encode(lat, lng, 11) for lat, lng in spots],
        geohash=lambda: [plain_geohash(lat, lng) for lat, lng in spots],
        pygeohash=lambda: [pygeohash.encode(lat, lng, 11) for lat, lng in spots],
        cell=lambda: [cells.latlng_to_cell_int(lat, lng) for lat, lng in spots],
    )
    back = race.best(
        ours=lambda: [beidou.code_to_latlng(code) for code in codes],
        h3=lambda: [h3.cell_to_latlng(cell) for cell in hexes],
    )
    rate = f"{len(spots) / to['ours']:,.0f}/s"
    return [
        ("latlng_to_code : h3.latlng_to_cell", to["h3"] / to["ours"], ">= 0.5", rate),
        ("latlng_to_code : openlocationcode.encode", to["plus"] / to["ours"], "> 1", ""),
        ("latlng_to_code : geohash in plain Python", to["geohash"] / to["ours"], "> 1", ""),
        ("latlng_to_code : pygeohash (compiled)", to["pygeohash"] / to["ours"], "no target", ""),
        ("cells.latlng_to_cell_int : h3.latlng_to_cell", to["h3"] / to["cell"], "no target", ""),
        (
            "code_to_latlng : h3.cell_to_latlng",
            back["h3"] / back["ours"],
            ">= 0.5",
            f"{len(spots) / back['ours']:,.0f}/s",
        ),
    ]


def vector_rows(race: Race, points: int) -> list[Row]:
    """Many places in one call, against a loop over h3, which has no vectorised form."""
    chance = np.random.default_rng(1)
    lats, lngs = chance.uniform(-87.9, 87.9, points), chance.uniform(-180, 180, points)
    few = list(zip(lats[:SCALARS].tolist(), lngs[:SCALARS].tolist(), strict=True))
    hexes = [h3.latlng_to_cell(*at, 12) for at in few]
    codes = beidou.latlngs_to_codes(lats, lngs)
    times = race.best(
        to=lambda: beidou.latlngs_to_codes(lats, lngs),
        to_10=lambda: beidou.latlngs_to_codes(lats, lngs, 10),
        h3=lambda: [h3.latlng_to_cell(lat, lng, 12) for lat, lng in few],
        back=lambda: beidou.codes_to_latlngs(codes),
        h3_back=lambda: [h3.cell_to_latlng(cell) for cell in hexes],
    )
    share = points / len(few)
    return [
        _vector("latlngs_to_codes level 8", times["h3"] * share, times["to"], ">= 10", points),
        _vector("latlngs_to_codes level 10", times["h3"] * share, times["to_10"], "no target", points),
        _vector("codes_to_latlngs level 8", times["h3_back"] * share, times["back"], ">= 10", points),
        ("memory of latlngs_to_codes : its output", _memory(lats, lngs), "<= 3", ""),
    ]


def _vector(name: str, loop: float, ours: float, target: str, points: int) -> Row:
    return f"{name} : loop over h3", loop / ours, target, f"{points / ours / 1e6:.1f} million/s"


def _memory(lats: NDArray[np.float64], lngs: NDArray[np.float64]) -> float:
    tracemalloc.start()
    answer = beidou.latlngs_to_codes(lats, lngs)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / answer.nbytes


def frame_rows(race: Race, points: int) -> list[Row]:
    """Frames of coordinates over Hubei, in millions of points a second."""
    chance = np.random.default_rng(2)
    lats, lngs = chance.uniform(29, 33.3, points), chance.uniform(108.3, 116.2, points)
    gcj = datums.wgs84_to_gcj02_array(lats, lngs)
    times = race.best(
        there=lambda: datums.wgs84_to_gcj02_array(lats, lngs),
        back=lambda: datums.gcj02_to_wgs84_array(*gcj),
        bd=lambda: datums.gcj02_to_bd09_array(*gcj),
    )
    return [
        ("wgs84_to_gcj02_array, million points/s", points / times["there"] / 1e6, ">= 2", ""),
        ("gcj02_to_wgs84_array (to 1 mm), million points/s", points / times["back"] / 1e6, "no target", ""),
        ("gcj02_to_bd09_array, million points/s", points / times["bd"] / 1e6, "no target", ""),
    ]


def import_rows(rounds: int) -> list[Row]:
    """A new interpreter each time."""
    return [
        ("import geocode, ms", _import_ms("import geocode", rounds), "< 50", ""),
        ("import geocode.beidou, ms", _import_ms("import geocode.beidou", rounds), "no target", ""),
    ]


def _import_ms(statement: str, rounds: int) -> float:
    probe = f"import time; t = time.process_time(); {statement}; print(time.process_time() - t)"
    root = Path(__file__).parents[1]
    runs = [
        subprocess.run([sys.executable, "-c", probe], cwd=root, capture_output=True, text=True, check=True)
        for _ in range(rounds)
    ]
    return 1000 * min(float(run.stdout) for run in runs)


def main() -> None:
    """Print one line for each figure."""
    parser = argparse.ArgumentParser(description="Ratios of geocode's grid half; see geocode_grid.md.")
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    race, chance = Race(options.rounds), np.random.default_rng(3)
    lats, lngs = chance.uniform(29, 33.3, SCALARS).tolist(), chance.uniform(108.3, 116.2, SCALARS).tolist()
    rows = vector_rows(race, options.points)
    rows += scalar_rows(race, lats, lngs) + frame_rows(race, options.points) + import_rows(options.rounds)
    for name, value, target, rate in rows:
        print(f"{name:<52} {value:8.2f}   {target:<9}  {rate}")


if __name__ == "__main__":
    main()
