"""`python -m tests.geocode.fuzz --count 10000000`: as many random texts into every target of the registry."""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter

from tqdm import tqdm

from tests.geocode.fuzz import batches, defects, random_text, targets

_CHUNK = 1000
_SHOWN = 3


def main() -> int:
    """Return 0 when nothing broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.geocode.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="texts fed to each target")
    parser.add_argument("--seed", type=int, default=None, help="repeat an earlier run")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(2**32)
    sys.stdout.write(f"seed {seed}, {len(targets()) + len(batches())} targets\n")
    chance, found = random.Random(seed), Counter[str]()
    with tqdm(total=options.count, unit="text", unit_scale=True, disable=not sys.stderr.isatty()) as bar:
        for start in range(0, options.count, _CHUNK):
            texts = [random_text(chance) for _ in range(min(_CHUNK, options.count - start))]
            for defect in defects(texts):
                found[defect.target] += 1
                if found[defect.target] <= _SHOWN:
                    sys.stdout.write(f"{defect.target}({defect.text!r:.300}): {defect.error!r}\n")
            bar.update(len(texts))
    sys.stdout.write(f"{options.count} texts each, {found.total()} defects\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
