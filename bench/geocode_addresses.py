"""
How fast addresses are read, the table is loaded and door codes are made; best of several runs.

    python bench/geocode_addresses.py [divisions.csv]

Without a table it makes one of the same size and shape, with names that belong to nobody.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import h3

from geocode import address_codes, door_codes
from geocode.addresses import Divisions, parse_address

SHARED_TABLE = Path(__file__).parents[2] / "shared" / "data" / "hubei_divisions.csv"
SYLLABLES = "石鼓云溪桃花青龙白马双河柳林枫香太平新星长岭高桥大坪三里金山银杏松竹梅荷南北东西上下前后"
ROUNDS = 5


def best(work: Callable[[], object]) -> float:
    """Processor seconds of the fastest run, so that other programs on the machine count as little as possible."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def fictional_rows() -> list[dict[str, str]]:
    """1 province, 14 prefectures, 118 counties, 1,519 towns, 28,380 villages: 30,032 rows."""
    chance = random.Random(42)
    rows = [("420000000000", "湖北省")]
    prefectures = [f"42{number:02d}" for number in range(1, 15)]
    rows += [(code.ljust(12, "0"), _name(chance, 2) + "市") for code in prefectures]
    counties = [f"{prefectures[number % 14]}{21 + number // 14:02d}" for number in range(118)]
    rows += [(code.ljust(12, "0"), _name(chance, 2) + "县") for code in counties]
    towns = [f"{counties[number % 118]}{100 + number // 118:03d}" for number in range(1519)]
    rows += [(code.ljust(12, "0"), _name(chance, 2) + "镇") for code in towns]
    endings = ("村村民委员会", "村委会", "村民委员会")
    villages = [f"{towns[number % 1519]}{200 + number // 1519:03d}" for number in range(28_380)]
    rows += [(code, _name(chance, chance.choice((2, 3))) + chance.choice(endings)) for code in villages]
    return [{"code": code, "name": name} for code, name in rows]


def _name(chance: random.Random, length: int) -> str:
    return "".join(chance.choices(SYLLABLES, k=length))


def written_addresses(table: Divisions, rows: list[dict[str, str]]) -> list[str]:
    """Full addresses of random villages, in random order, a fifth of them written less well."""
    chance = random.Random(7)
    villages = [row["code"] for row in rows if not row["code"].endswith("000")]
    texts = []
    for code in chance.sample(villages, 10_000):
        village = table.get(code)
        if village is None:
            raise LookupError(code)
        text = f"{table.full_name(village)}{chance.randrange(1, 20)}组{chance.randrange(1, 300)}号"
        texts.append(text if chance.random() < 0.8 else _worse(chance, text))
    return texts


def _worse(chance: random.Random, text: str) -> str:
    what = chance.randrange(4)
    if what == 0:
        return text.removeprefix("湖北省")
    if what == 1:
        return f"{text}附{chance.randrange(1, 9)}号（老屋）"
    if what == 2:
        return text.replace("组", "組").replace("号", "號").replace("县", "縣")
    return text.replace("组", "组 ", 1).replace("市", "市，", 1)


def main() -> None:
    """Print one line for each target."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED_TABLE
    if path.exists():
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    else:
        rows = fictional_rows()
    load = best(lambda: Divisions.load(rows))
    table = Divisions.load(rows)
    texts = written_addresses(table, rows)
    parse = len(texts) / best(lambda: [parse_address(text, table) for text in texts])
    codes = 100_000 / best(lambda: list(door_codes.new_codes(100_000)))
    made = 50_000 / best(
        lambda: [address_codes.make_code("420624101205", 3, door) for door in range(1, 50_001)]
    )
    one_h3 = 100_000 / best(lambda: [h3.latlng_to_cell(30.6, 114.3, 12) for _ in range(100_000)])
    settled = sum(parse_address(text, table).village_code != "" for text in texts) / len(texts)
    print(f"{len(rows):>10,} rows loaded in {load:.2f} s (target: under 1 s)")
    print(f"{parse:>10,.0f} addresses read a second, {settled:.1%} to a village (target: 20,000)")
    print(f"{codes:>10,.0f} new valid door codes a second (target: 100,000)")
    print(f"{made:>10,.0f} address codes made a second")
    print(f"{one_h3:>10,.0f} h3.latlng_to_cell a second on this machine at this moment, to compare")


if __name__ == "__main__":
    main()
