"""
The BeiDou grid once more, written from the clauses with fractions and shared with nothing in `geocode`.

It walks from cell to cell in degrees, as the figures of the standard do, where the library adds table entries
in units of 1/2048 second. Slow and plain on purpose. Run as a module it prints the vectors beside it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

MINUTE = Fraction(1, 60)
SECOND = Fraction(1, 3600)

# Clause 5.2: east-west and north-south size in degrees.
SIZES: list[tuple[Fraction, Fraction]] = [
    (Fraction(6), Fraction(4)),
    (30 * MINUTE, 30 * MINUTE),
    (15 * MINUTE, 10 * MINUTE),
    (MINUTE, MINUTE),
    (4 * SECOND, 4 * SECOND),
    (2 * SECOND, 2 * SECOND),
    (SECOND / 4, SECOND / 4),
    (SECOND / 32, SECOND / 32),
    (SECOND / 256, SECOND / 256),
    (SECOND / 2048, SECOND / 2048),
]


class Box(NamedTuple):
    south: Fraction
    west: Fraction
    north: Fraction
    east: Fraction


def encode(lat: Fraction, lng: Fraction, level: int) -> str:
    """Count cells outward from the equator and the prime meridian."""
    up, out = abs(lat), abs(lng)
    if out == 180:
        out -= SIZES[-1][0]
    code = "N" if lat >= 0 else "S"
    for number, (wide, high) in enumerate(SIZES[:level], start=1):
        column, out = divmod(out, wide)
        row, up = divmod(up, high)
        if number == 1:
            zone = 31 + column if lng >= 0 else 30 - column
            code += f"{zone:02d}" + "ABCDEFGHIJKLMNOPQRSTUV"[int(row)]
        elif number in (3, 6):
            code += str(row * 2 + column)
        else:
            code += f"{int(column):X}{int(row):X}"
    return code


def decode(code: str) -> Box:
    """The sides of a cell, read digit by digit."""
    zone = int(code[1:3])
    east = zone >= 31
    out = SIZES[0][0] * (zone - 31 if east else 30 - zone)
    up = SIZES[0][1] * (ord(code[3]) - ord("A"))
    rest, number = code[4:], 1
    while rest:
        wide, high = SIZES[number]
        number += 1
        if number in (3, 6):
            row, column = divmod(int(rest[0]), 2)
            rest = rest[1:]
        else:
            column, row = int(rest[0], 16), int(rest[1], 16)
            rest = rest[2:]
        out, up = out + column * wide, up + row * high
    wide, high = SIZES[number - 1]
    south, north = (up, up + high) if code[0] == "N" else (-up - high, -up)
    west, right = (out, out + wide) if east else (-out - wide, -out)
    return Box(south, west, north, right)


def vectors() -> Iterator[tuple[str, str, int, str]]:
    """Latitude and longitude as decimals, level, code: all quadrants, all levels, seams and edges."""
    chance = random.Random(39409)
    spots = [(f"{chance.uniform(-87.9, 87.9):.7f}", f"{chance.uniform(-180, 180):.7f}") for _ in range(24)]
    spots += [(f"{chance.uniform(29, 33.3):.7f}", f"{chance.uniform(108.3, 116.2):.7f}") for _ in range(8)]
    spots += [("0", "0"), ("-0.0000001", "-0.0000001"), ("30.6", "114.3"), ("-30.6", "-114.3")]
    spots += [("4", "6"), ("-4", "-6"), ("4", "-6"), ("-4", "6"), ("30", "180"), ("-30", "-180")]
    spots += [("87.9999999", "179.9999999"), ("-87.9999999", "-179.9999999")]
    for lat, lng in spots:
        for level in range(1, 11):
            yield lat, lng, level, encode(Fraction(lat), Fraction(lng), level)


if __name__ == "__main__":
    sys.stdout.write("lat,lng,level,code\n")
    for vector in vectors():
        sys.stdout.write(",".join(map(str, vector)) + "\n")
