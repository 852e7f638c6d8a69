"""
Codes and addresses on the command line: ``python -m geocode encode|decode|parse|links``.

One place is answered as JSON. A whole CSV file goes in with ``--csv`` and comes out with columns added; the
progress bar is on standard error, so the answer may be piped. ``--geojson`` gives cells as GeoJSON instead.
"""

from __future__ import annotations

import argparse
import codecs
import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from geocode import address_codes, addresses, beidou, cells, datums, division_codes, door_codes
from geocode.errors import BadLatLngError, GeocodeError

Answer = dict[str, Any]
_OURS = "geocode_"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _BadFileError(Exception):
    """A file that is no table of the columns that were asked for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 all right, 1 something was refused, 2 wrong use."""
    options = _parser().parse_args(arguments)
    try:
        if options.csv is not None:
            return _answer_file(options)
        return _answer_one(options)
    except GeocodeError as refused:
        sys.stderr.write(f"{refused.code}: {refused}\n")
        return 1
    except _BadFileError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
    except OSError as failed:
        sys.stderr.write(f"{failed.filename}: {failed.strerror}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m geocode", description="Codes for a place, and addresses."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    encode = commands.add_parser("encode", help="latitude and longitude to BeiDou grid code and H3 cell")
    encode.add_argument("words", nargs="*", metavar="LAT LNG", help="degrees")
    encode.add_argument("--level", type=int, default=8, help="BeiDou level, 1 to 10 (default 8, a door)")
    encode.add_argument("--frame", choices=datums.FRAMES, default="wgs84", help="frame of the degrees")
    decode = commands.add_parser(
        "decode", help="a BeiDou, 3D, door, address or division code to what it says"
    )
    decode.add_argument("words", nargs="*", metavar="CODE")
    parse = commands.add_parser("parse", help="a written address to its parts")
    parse.add_argument("words", nargs="*", metavar="ADDRESS")
    parse.add_argument("--divisions", type=Path, help="CSV table with the columns code and name")
    links = commands.add_parser("links", help="links that show a point in AMap, Tencent and Baidu maps")
    links.add_argument("words", nargs="*", metavar="LAT LNG TITLE")
    links.add_argument("--frame", choices=datums.FRAMES, default="wgs84", help="frame of the degrees")
    for command in (encode, decode, parse, links):
        command.add_argument("--csv", metavar="FILE", help="read rows from a CSV file, - for standard input")
        command.add_argument("--out", metavar="FILE", help="write the rows there instead of standard output")
    for command in (encode, decode):
        command.add_argument("--geojson", action="store_true", help="answer with cells as GeoJSON")
    return parser


def _worker(options: argparse.Namespace) -> tuple[tuple[str, ...], Callable[[Sequence[str]], Answer]]:
    """Return the columns a command reads and the function that answers one row of them."""
    if options.command == "encode":
        return ("lat", "lng"), lambda words: _encode(words, options.level, options.frame)
    if options.command == "decode":
        return ("code",), lambda words: _decode(words[0])
    if options.command == "links":
        return ("lat", "lng", "title"), lambda words: _links(words, options.frame)
    table = _load_divisions(options.divisions)
    return ("address",), lambda words: _parse(words[0], table)


def _answer_one(options: argparse.Namespace) -> int:
    columns, work = _worker(options)
    words, last = list(options.words), len(columns) - 1
    if options.command != "encode" and len(words) > last:
        words[last:] = [" ".join(words[last:])]  # an address or a code may be written with spaces
    if len(words) != len(columns) or not words[last]:
        sys.stderr.write(f"{options.command} takes {' '.join(columns).upper()}, or --csv FILE\n")
        return 2
    answer = work(words)
    if getattr(options, "geojson", False):
        answer = _feature(answer, answer)
    with _opened(options.out, "utf-8") as out:
        out.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    return 0


def _answer_file(options: argparse.Namespace) -> int:
    columns, work = _worker(options)
    rows = _read_csv(options.csv, columns)
    answers = [_answer_row(work, [row.get(column) or "" for column in columns]) for row in _watched(rows)]
    is_geojson = getattr(options, "geojson", False)
    named = _renamed(rows, answers)
    with _opened(options.out, "utf-8" if is_geojson else "utf-8-sig") as out:
        if is_geojson:
            found = [
                _feature(answer, row | ours)
                for row, answer, ours in zip(rows, answers, named, strict=True)
                if not answer["error"]
            ]
            json.dump({"type": "FeatureCollection", "features": found}, out, ensure_ascii=False)
            out.write("\n")
        else:
            _write_csv(out, rows, named)
    refused = sum(1 for answer in answers if answer["error"])
    sys.stderr.write(f"{len(rows)} rows, {refused} refused\n")
    return 1 if refused else 0


def _watched(rows: list[dict[str, str]]) -> Iterable[dict[str, str]]:
    """Show progress to a person. Only the command line needs tqdm, so only here it is imported."""
    if not sys.stderr.isatty():
        return rows
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:  # an extra: whoever installed the library alone waits without a bar
        return rows
    return tqdm(rows, unit="row", file=sys.stderr)


def _answer_row(work: Callable[[Sequence[str]], Answer], words: list[str]) -> Answer:
    """One bad row must not lose the rest of the file."""
    try:
        return {"error": ""} | work(words)
    except GeocodeError as refused:
        return {"error": refused.code}


def _encode(words: Sequence[str], level: int, frame: datums.Frame) -> Answer:
    lat, lng = datums.convert(_degrees(words[0]), _degrees(words[1]), frame, "wgs84")
    return {"beidou": beidou.latlng_to_code(lat, lng, level), "h3": cells.latlng_to_cell(lat, lng)}


def _links(words: Sequence[str], frame: datums.Frame) -> Answer:
    return dict(datums.map_links(_degrees(words[0]), _degrees(words[1]), words[2], frame=frame))


def _degrees(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadLatLngError(f"not a number of degrees: {text!r}") from None


def _decode(text: str) -> Answer:
    """Say what a code is by its shape; no text is a code of two kinds."""
    if beidou.is_valid_code(text):
        lat, lng = beidou.code_to_latlng(text)
        level = beidou.get_level(text)
        return {
            "what": "beidou",
            "level": level,
            "lat": lat,
            "lng": lng,
            **beidou.code_to_bounds(text)._asdict(),
        }
    if beidou.is_valid_code3d(text):
        return {"what": "beidou3d", **beidou.code3d_to_bounds(text)._asdict()}
    if division_codes.is_valid_code(text):
        return {"what": "division", **division_codes.parse_code(text)._asdict()}
    if door_codes.is_valid_code(text):
        return {"what": "door", "door_code": door_codes.format_code(text)}
    if text[:1] in ("N", "n", "S", "s"):
        beidou.code_to_bounds(text)  # says what is wrong with it as a grid code
    return {"what": "address", **address_codes.parse_code(address_codes.normalize_code(text))._asdict()}


def _parse(text: str, table: addresses.Divisions) -> Answer:
    parts = asdict(addresses.parse_address(text, table))
    parts["warnings"] = [warning._asdict() for warning in parts["warnings"]]
    return parts


def _load_divisions(path: Path | None) -> addresses.Divisions:
    return addresses.Divisions.load(_read_csv(str(path), ("code", "name")) if path is not None else ())


def _feature(answer: Answer, properties: Answer) -> Answer:
    """Return the cell of an encoded or decoded place as a GeoJSON feature."""
    if "beidou" in answer:
        ring = [list(corner) for corner in beidou.code_to_boundary(answer["beidou"])]
    elif "south" in answer:
        south, west, north, east = (answer[side] for side in ("south", "west", "north", "east"))
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    else:
        return {"type": "Feature", "geometry": None, "properties": properties}
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": properties,
    }


def _read_csv(name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read rows in UTF-8, or in GB 18030 as Chinese spreadsheets save them, that have at least the columns."""
    content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    if content.startswith(_UTF_16):
        raise _BadFileError("bad_csv: the file is in UTF-16, save it as CSV in UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        rows = list(reader)
    except csv.Error as error:  # a quote that nothing closes takes the rest of the file with it
        raise _BadFileError(f"bad_csv: line {reader.line_num}: {error}; is a quote left open?") from error
    missing = [column for column in columns if column not in (reader.fieldnames or columns)]
    if missing:
        separators = [mark for mark in (";", "\t") if any(mark in name for name in reader.fieldnames or ())]
        hint = f" (columns are separated by commas, not by {separators[0]!r})" if separators else ""
        raise _BadFileError(f"missing_column: {', '.join(missing)}{hint}")
    return rows


def _renamed(rows: list[dict[str, str]], answers: list[Answer]) -> list[Answer]:
    """The answers under names that no column of the file has: what was given is never written over."""
    taken = set(rows[0]) if rows else set()
    names: dict[str, str] = {}
    for key in dict.fromkeys(key for answer in answers for key in answer):
        name = key
        while name in taken:
            name = _OURS + name
        names[key] = name
    return [{names[key]: value for key, value in answer.items()} for answer in answers]


def _write_csv(out: TextIO, rows: list[dict[str, str]], answers: list[Answer]) -> None:
    given = [column for column in rows[0] if column is not None] if rows else []
    added = dict.fromkeys(key for answer in answers for key in answer)
    writer = csv.DictWriter(out, [*given, *added], extrasaction="ignore")
    writer.writeheader()
    for row, answer in zip(rows, answers, strict=True):
        writer.writerow(row | {key: _cell(value) for key, value in answer.items()})


def _cell(value: Any) -> Any:
    """Put a list of one row's answer into one cell."""
    if isinstance(value, (list, tuple)):
        return " | ".join(str(item["message"]) if isinstance(item, dict) else str(item) for item in value)
    return "" if value is None else value


@contextmanager
def _opened(name: str | None, encoding: str) -> Iterator[TextIO]:
    """Open the file to write, or lend standard output. The mark of utf-8-sig makes spreadsheets read UTF-8."""
    if name is None:
        yield sys.stdout
        return
    with Path(name).open("w", encoding=encoding, newline="") as out:
        yield out


if __name__ == "__main__":
    sys.exit(main())
