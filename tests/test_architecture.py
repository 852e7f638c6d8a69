"""What import-linter cannot say: who may not be imported at all, where commits and the environment may stand, and how long files may be."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from commons.settings import ROOT

PACKAGES = ("commons", "geocode", "village", "marketplace", "migrations")
ONLY_THE_SDK_FILE = Path("marketplace/payments/alipay/sdk.py")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
LONGEST_TEMPLATE = 200
MOST_ARGUMENTS = 6
# What may be imported inside a function, and why: everything else stands at the top, where a circle shows.
LATE = {
    "av": "17 MB, once somebody speaks",
    "migrations.run": "a web process never needs the tools of migrations",
    "numpy": "printing alone needs it",
    "qrcode": "7 MB, once in an official's life",
    "redis": "14 MB that most deployments never use",
    "shapely": "15 MB that only an outline needs; for geocode an extra",
    "tqdm": "an extra of geocode",
    "village.papers.qr_masks": "brings numpy",
    "xlsxwriter": "12 MB that only making a sheet needs",
    "zxingcpp": "printing alone needs it",
}
# A package meets its features in these alone: they call what knows everything.
COMPOSING = {"init_app", "_set_scenes"}
# Named by a library that calls them; what they do is said there.
HOOKS = re.compile(r"Meta|process_\w+|load_dialect_impl|post_validate|validate_\w+|__\w+__")
Function = ast.FunctionDef | ast.AsyncFunctionDef


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
    for path in sources(*PACKAGES, "scripts"):
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


def functions(*packages: str) -> Iterator[tuple[str, Function]]:
    for path in sources(*packages):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                yield f"{path.relative_to(ROOT)}: {node.name}", node


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        name: lines
        for name, node in functions(*PACKAGES, "bench", "scripts")
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
        and not name.startswith("migrations/versions/")  # what has run is history
    }
    assert long == {}


def test_no_function_takes_more_than_six_arguments() -> None:
    greedy = {}
    for name, node in functions(*PACKAGES, "tests", "bench", "scripts"):
        taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        if len([each for each in taken if each.arg not in {"self", "cls"}]) > MOST_ARGUMENTS:
            greedy[name] = len(taken)
    assert greedy == {}


def test_no_template_is_longer_than_a_page() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in ROOT.glob("*/templates/**/*.html")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_TEMPLATE
    }
    assert long == {}


def test_what_is_imported_inside_a_function_has_a_reason() -> None:
    found = []
    for name, node in functions(*PACKAGES):
        if node.name in COMPOSING:
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Import):
                found += [f"{name}: {each.name}" for each in inner.names]
            elif isinstance(inner, ast.ImportFrom):
                found.append(f"{name}: {inner.module}")
    late = {(one, one.split(": ")[-1]) for one in found}
    assert sorted(one for one, what in late if what not in LATE and what.split(".")[0] not in LATE) == []


def undocumented(body: list[ast.stmt], before: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            name = f"{before}.{node.name}"
            if not ast.get_docstring(node) and not HOOKS.fullmatch(node.name):
                yield name
            if isinstance(node, ast.ClassDef):
                yield from undocumented(node.body, name)


def test_every_public_name_at_a_border_says_what_it_is() -> None:
    borders = [*sources("commons", "geocode"), ROOT / "village/public.py"]
    found: list[str] = []
    for path in borders:
        if not any(part.startswith("_") and part != "__init__.py" for part in path.relative_to(ROOT).parts):
            found += undocumented(
                ast.parse(path.read_text(encoding="utf-8")).body, str(path.relative_to(ROOT))
            )
    assert found == []


def files_of_ours(*patterns: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.splitlines()


def test_types_are_judged_wherever_there_is_python() -> None:
    judged = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]["files"]
    assert set(judged) == {name.split("/")[0] for name in files_of_ours("*.py")}


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
    for path in (ROOT / name for name in files_of_ours()):
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
