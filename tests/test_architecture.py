"""What import-linter cannot say: who may not be imported at all, where commits and the environment may stand, and how long files may be."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from commons.settings import ROOT

PACKAGES = ("commons", "geocode", "village", "marketplace", "migrations")
ONLY_THE_SDK_FILE = Path("marketplace/payments/alipay/sdk.py")
LONGEST_FILE = 400


def sources(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def offenders(pattern: str, *, allowed: set[str]) -> list[str]:
    found = []
    for path in sources(*PACKAGES):
        name = path.relative_to(ROOT).as_posix()
        if name not in allowed and re.search(pattern, path.read_text(encoding="utf-8")):
            found.append(name)
    return found


def test_nobody_imports_the_composition_root_or_the_tests() -> None:
    found = [
        f"{path}: {name}"
        for path in sources(*PACKAGES)
        for name in imports(path)
        if name.split(".")[0] in {"wsgi", "tests", "bench", "scripts"}
    ]
    assert found == []


def test_the_payment_sdk_is_imported_in_one_file() -> None:
    found = {
        path.relative_to(ROOT)
        for path in sources(*PACKAGES)
        for name in imports(path)
        if name.split(".")[0] == "alipay"
    }
    assert found == {ONLY_THE_SDK_FILE}


def test_commits_are_written_in_one_file() -> None:
    allowed = {
        "commons/db.py",
        "migrations/env.py",  # Alembic's own connection
    }
    pattern = r"\bsession\.commit\(|\bdb\.session\.begin\("
    assert offenders(pattern, allowed=allowed) == []


def test_the_environment_is_read_in_one_file() -> None:
    assert offenders(r"os\.environ|os\.getenv", allowed={"commons/settings.py"}) == []


def test_the_clock_is_read_in_one_file() -> None:
    allowed = {"commons/clock.py"}
    assert offenders(r"datetime\.(now|utcnow|today)\(|date\.today\(", allowed=allowed) == []


def test_only_the_ground_asks_which_database_is_underneath() -> None:
    allowed = {
        "commons/db.py",
        "commons/columns.py",  # how a type is written down in each
        "commons/outbox.py",
        "commons/throttle.py",
    }
    pattern = r"dialect\.name|is_sqlite\(|with_for_update"
    found = [name for name in offenders(pattern, allowed=allowed) if not name.startswith("migrations/")]
    assert found == []


def test_the_market_meets_the_village_only_through_its_public_face() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources("marketplace")
        for name in imports(path)
        if name.split(".")[0] == "village" and name not in {"village.public", "village"}
    ]
    assert found == []


def test_payments_know_no_orders() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources("marketplace/payments", "marketplace/ledger")
        for name in imports(path)
        if name.startswith(
            ("marketplace.orders", "marketplace.cart", "marketplace.produce", "marketplace.fulfilment")
        )
    ]
    assert found == []


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "misc"])
def test_no_file_is_named_after_nothing(name: str) -> None:
    assert [path for path in sources(*PACKAGES, "tests", "bench") if path.stem == name] == []


def test_no_file_is_longer_than_one_sitting() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in sources(*PACKAGES, "tests", "bench")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_the_repository_names_no_registry_and_no_machine_path() -> None:
    words = re.compile(
        "|".join(
            [
                "py" + r"pi\.org",
                "python" + "hosted",
                "registry.np" + "mjs",
                "/work" + "/",
                "debian" + r"\.org",
            ]
        )
    )
    found = []
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for path in (ROOT / name for name in listed.stdout.splitlines()):
        if not path.is_file():
            continue
        if path.suffix in {
            ".py",
            ".md",
            ".txt",
            ".in",
            ".toml",
            ".sh",
            ".html",
            ".js",
            ".css",
            ".json",
            ".csv",
            "",
        }:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in words.finditer(text)]
    assert found == []
