"""
300 plates to an A3 PDF with every code read back, against making the 300 symbols alone.

    python bench/plates.py [--plates 300] [--runs 3]

What is compared and why stands in plates.md. The result is the last line, as JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from qrcode.constants import ERROR_CORRECT_H  # noqa: E402
from qrcode.main import QRCode  # noqa: E402
from qrcode.util import QRData  # noqa: E402

from geocode.door_codes import new_codes  # noqa: E402
from village.papers.batch import print_batch  # noqa: E402
from village.papers.fonts import paper_font  # noqa: E402
from village.papers.plate_face import PlateFace  # noqa: E402
from village.papers.plate_sheet import Sheet  # noqa: E402
from village.papers.qr import plate_url, symbol  # noqa: E402

HOST = "xq.gov.cn"


def faces(count: int) -> list[PlateFace]:
    """A village's worth of plates with names and numbers of different lengths."""
    groups = ("一组", "二组", "第十二村民小组", "")
    return [
        PlateFace(
            "柳河镇", "青石湾村", groups[n % 4], str(n + 1), code, plate_url(HOST, code), HOST, "0270-0000012"
        )
        for n, code in enumerate(new_codes(count))
    ]


def by_library(url: str) -> object:
    """Make one symbol the plain way, the library choosing the mask."""
    maker = QRCode(version=3, error_correction=ERROR_CORRECT_H, border=0)
    maker.add_data(QRData(url.encode(), mode=2), optimize=0)
    maker.make(fit=False)
    return maker


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = perf_counter()
    work()
    return perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--plates", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    choice = parser.parse_args()
    plates = faces(choice.plates)
    now = datetime.now(UTC)
    first = seconds(paper_font)
    library, alone, whole = [], [], []
    for _ in range(choice.runs):  # in turn, so that a busy moment of the machine hits both
        library.append(seconds(lambda: [by_library(face.url) for face in plates]))
        alone.append(seconds(lambda: [symbol(face.url) for face in plates]))
        whole.append(seconds(lambda: print_batch(plates, Sheet("青石湾村", 1), now)))
    used = process_time()
    batch = print_batch(plates, Sheet("青石湾村", 1), now)
    used = process_time() - used
    result = {
        "plates": choice.plates,
        "font_loaded_once_s": round(first, 3),
        "symbols_by_library_s": round(statistics.median(library), 3),
        "symbols_alone_s": round(statistics.median(alone), 3),
        "printed_and_proved_s": round(statistics.median(whole), 3),
        "processor_s": round(used, 3),
        "ratio_library_to_whole": round(statistics.median(library) / statistics.median(whole), 3),
        "ratio_symbols_to_whole": round(statistics.median(alone) / statistics.median(whole), 3),
        "pdf_bytes": len(batch.pdf),
        "manifest_bytes": len(batch.manifest),
        "under_five_seconds": first + statistics.median(whole) < 5,
    }
    print(json.dumps(result))
    return 0 if result["under_five_seconds"] else 1


if __name__ == "__main__":
    sys.exit(main())
