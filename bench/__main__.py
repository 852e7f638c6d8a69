"""
Runs benchmarks one after the other and prints their ratios in one table.

    python -m bench                 all of them
    python -m bench NAME [...]      one of them, with its own options
    python -m bench --list          their names

Each is a program of its own; whatever it prints is shown as it comes. A last line of JSON with ``ratios`` (name, value, target)
goes into the table.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

HERE = Path(__file__).resolve().parent
# Modules that others use, and no benchmarks themselves.
PARTS = {"__init__", "__main__", "client", "hello", "many_doors", "servers", "throwaway"}

Row = tuple[str, float, float | None]


@dataclass(slots=True)
class Outcome:
    """How one benchmark ended."""

    name: str
    seconds: float
    went_well: bool
    rows: list[Row] = field(default_factory=list)


def names() -> list[str]:
    """Return the benchmarks there are."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in PARTS)


def run(name: str, options: list[str]) -> Outcome:
    """Run one benchmark to its end."""
    print(f"\n== {name}", flush=True)
    begun = perf_counter()
    command = [sys.executable, "-m", f"bench.{name}", *options]
    process = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True)
    rows: list[Row] = []
    assert process.stdout is not None
    for line in process.stdout:
        found = ratios_of(line)
        rows += found
        if not found:
            print(line, end="", flush=True)
    return Outcome(name, perf_counter() - begun, process.wait() == 0, rows)


def ratios_of(line: str) -> list[Row]:
    """Return the ratios that a line of JSON tells; nothing for any other line."""
    if not line.startswith("{"):
        return []
    try:
        said = json.loads(line)
    except ValueError:
        return []
    rows = [(name, value, target) for name, value, target in said.get("ratios", [])]
    return rows + [
        (key.removeprefix("ratio_"), value, None) for key, value in said.items() if key.startswith("ratio_")
    ]


def table(outcomes: list[Outcome]) -> str:
    """Return everything that was measured, one ratio to a line."""
    lines = []
    for outcome in outcomes:
        end = "" if outcome.went_well else "  a target was missed, or it failed"
        lines.append(f"\n{outcome.name} ({outcome.seconds:.0f} s){end}")
        for name, value, target in outcome.rows:
            mark = "" if target is None else f"≥ {target}{'' if value >= target else '  missed'}"
            lines.append(f"  {name:<64} {value:7.2f}  {mark}")
    return "\n".join(lines)


def main() -> int:
    """Run what was asked for; 1 if anything missed its target."""
    chosen, options = sys.argv[1:2], sys.argv[2:]
    if chosen == ["--list"]:
        print("\n".join(names()))
        return 0
    if chosen and chosen[0] not in names():
        print(f"no such benchmark: {chosen[0]}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    outcomes = [run(name, options) for name in chosen or names()]
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(table(outcomes) + f"\n\nload average {load} on {os.cpu_count()} processors")
    return 0 if all(outcome.went_well for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
