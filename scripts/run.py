"""
What ``make run`` runs: migrations, the demonstration village on an empty database, then web, worker and local gateway.

Stops everything when it is told to stop, or when one of them dies.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from commons.db import db  # noqa: E402
from commons.demonstration import load_if_empty  # noqa: E402
from commons.guide import kept_lines  # noqa: E402
from commons.marks import is_demonstration  # noqa: E402
from commons.settings import Settings, from_environment  # noqa: E402
from migrations.run import upgrade  # noqa: E402
from wsgi import create_app  # noqa: E402


def web_command(settings: Settings) -> list[str]:
    """The web server, as measured in docs/decisions."""
    workers = os.environ.get("WEB_WORKERS", "2")
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", settings.bind, "--port", str(settings.port),
        "--workers", workers, "--blocking-threads", "4", "--log-level", "warning", "--no-ws", "wsgi:app",
    ]  # fmt: skip


def commands(settings: Settings, demonstration: bool) -> dict[str, list[str]]:
    """Every process of a small installation."""
    wanted = {
        "web": web_command(settings),
        "worker": [sys.executable, "-m", "flask", "--app", "wsgi", "work"],
    }
    if demonstration:
        wanted["gateway"] = [
            sys.executable, "-m", "marketplace.payments.local_gateway",
            "--instance", str(settings.instance_dir / "gateway"), "--port", str(settings.local_gateway_port),
        ]  # fmt: skip
    return wanted


def wait_until_answering(url: str, running: dict[str, subprocess.Popen[bytes]], seconds: float = 120) -> bool:
    """Wait until *url* answers at all, as long as every process lives: a slow machine may take its time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and all(process.poll() is None for process in running.values()):
        try:
            with urlopen(url, timeout=2):  # noqa: S310 - our own address
                return True
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def prepare(settings: Settings) -> tuple[bool, str]:
    """Migrate, load the demonstration into an empty database; return the mark and the words to print."""
    app = create_app(settings)
    with app.app_context():
        upgrade()
        if settings.mode == "private":  # a machine of one's own; an empty public one waits for its first official
            load_if_empty()
        demonstration = is_demonstration()
        words = "\n".join(kept_lines(settings)) if demonstration else ""
        db.session.remove()
        db.engine.dispose()
    if demonstration and not settings.is_loopback:
        sys.exit("这是演示数据库，只能在本机打开（BIND=127.0.0.1）；正式使用请换一个新的数据库")
    return demonstration, words


def stop(_number: int, _frame: FrameType | None) -> None:
    """Treat being told to stop like Ctrl-C."""
    raise KeyboardInterrupt


def end_with_parent() -> None:
    """Ask the kernel to end this process with its parent, even if that is killed (prctl, PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def main() -> int:
    """Start everything, say where it is, and wait."""
    port = os.environ.get("PORT", "8000")
    os.environ.setdefault("PUBLIC_BASE_URL", f"http://127.0.0.1:{port}")
    os.environ.setdefault("LOCAL_GATEWAY_PORT", str(int(port) + 1))
    os.environ.setdefault("MALLOC_ARENA_MAX", "1")  # ten megabytes less for each process of many threads
    settings = from_environment()
    demonstration, words = prepare(settings)
    signal.signal(signal.SIGTERM, stop)
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands(settings, demonstration).items():
            running[name] = subprocess.Popen(  # noqa: S603
                command, cwd=ROOT, start_new_session=True, preexec_fn=end_with_parent
            )
        if not wait_until_answering(f"http://{settings.bind}:{settings.port}/healthz", running):
            print("网页服务没有启动，请看上面的错误", file=sys.stderr)
            return 1
        print(words or f"已启动：{settings.public_base_url}", flush=True)
        while all(process.poll() is None for process in running.values()):
            time.sleep(0.5)
        dead = [name for name, process in running.items() if process.poll() is not None]
        print(f"{'、'.join(dead)} 停了，其余一并停下", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        end(running)


def end(running: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask every process to stop, wait, and insist; a server stopped while it starts may leave its own processes behind."""
    for process in running.values():
        if process.poll() is None:
            process.terminate()
    for process in running.values():
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
