"""
What ``make run`` runs: migrations, the demonstration village on an empty database, then web, worker and local gateway.

Stops everything when it is told to stop, or when one of them dies.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from commons.guide import guide_file, kept_lines  # noqa: E402
from commons.settings import Settings, from_environment  # noqa: E402
from migrations.standing import Standing, standing  # noqa: E402

Processes = dict[str, subprocess.Popen[bytes]]
# Not an exception: one that a signal raises while a process is being forked is lost.
told_to_stop = Event()


def web_command(settings: Settings, demonstration: bool) -> list[str]:
    """The web server, as measured in docs/decisions; one process is enough for a few who look around, and starts sooner."""
    workers = settings.web_workers or (1 if demonstration else 2)
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", settings.bind, "--port", str(settings.port),
        "--workers", str(workers), "--blocking-threads", "4", "--log-level", "warning", "--no-ws", "wsgi:app",
    ]  # fmt: skip


def commands(settings: Settings, demonstration: bool) -> dict[str, list[str]]:
    """Every process of a small installation, the one that people wait for first."""
    wanted = {
        "web": web_command(settings, demonstration),
        "worker": [sys.executable, "-m", "flask", "--app", "wsgi", "work"],
    }
    if demonstration:
        wanted["gateway"] = [
            sys.executable, "-m", "marketplace.payments.local_gateway",
            "--instance", str(settings.instance_dir / "gateway"), "--port", str(settings.local_gateway_port),
        ]  # fmt: skip
    return wanted


def require_free(host: str, port: int, name: str) -> None:
    """End with a sentence if somebody listens there: granian would share the port, and every second visitor meet the other."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind, socket.SOCK_STREAM) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # what an earlier run left to time out is free
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = "被占用，可能已经有一个在运行：请先停下它，或者"
            else:
                why = f"不能用（{error.strerror}）：请"
            sys.exit(f"端口 {port} {why}换一个端口，例如 {name}={port + 10} make run")


def wait_until_answering(url: str, running: Processes, seconds: float = 120) -> bool:
    """Wait until *url* answers at all, as long as every process lives: a slow machine may take its time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and all_live(running):
        try:
            with urlopen(url, timeout=2):  # noqa: S310 - our own address
                return True
        except (URLError, OSError):
            told_to_stop.wait(0.05)
    return False


def all_live(running: Processes) -> bool:
    """Say whether every process lives and nobody has told us to stop."""
    return not told_to_stop.is_set() and all(process.poll() is None for process in running.values())


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the instance folder: two services would share the gateway's one store of trades and the kept keys."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "run.lock").open("w")
    except OSError as error:
        sys.exit(f"不能写入 {folder}（{error.strerror}）：请改正它的权限，或用 INSTANCE_DIR 指定另一个文件夹")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit(f"另一个服务正在用 {folder}：请先停下它，或用 INSTANCE_DIR 指定另一个文件夹")
        yield


def is_ready(settings: Settings, found: Standing) -> bool:
    """Say whether nothing has to be migrated or loaded; an unmarked database of one's own may still be an empty one."""
    return found.is_current and (
        guide_file(settings).exists() if found.is_demonstration else not settings.is_for_one_machine
    )


def prepare(settings: Settings) -> bool:
    """Migrate, and load the demonstration into an empty database, where either is to be done; return the mark."""
    found = standing(settings.database_url)
    if not is_ready(settings, found):
        preparing: Processes = {}
        start(preparing, "prepare", [sys.executable, "scripts/prepare.py"])
        while all_live(preparing):
            told_to_stop.wait(0.05)
        end(preparing)
        if told_to_stop.is_set():
            sys.exit(0)
        if preparing["prepare"].returncode:
            sys.exit(preparing["prepare"].returncode)
        found = standing(settings.database_url)
    if found.is_demonstration and not settings.is_for_one_machine:
        sys.exit("这是演示数据库，只能在本机打开（BIND=127.0.0.1）；正式使用请换一个新的数据库")
    return found.is_demonstration


def stop(_number: int, _frame: FrameType | None) -> None:
    """Remember Ctrl-C, or being told otherwise; whoever waits looks."""
    told_to_stop.set()


def end_with_parent() -> None:
    """Ask the kernel to end this process with its parent, even if that is killed (prctl, PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def words_for(settings: Settings, demonstration: bool) -> str:
    """Return what is printed once the service answers."""
    if not demonstration:
        return f"已启动：{settings.public_base_url}"
    gateway = f"本地支付网关（假的支付宝，看交易）：http://127.0.0.1:{settings.local_gateway_port}/"
    return "\n".join([*kept_lines(settings), gateway, "停下来：按 Ctrl-C"])


def serve(settings: Settings, demonstration: bool, running: Processes) -> int:
    """Start the web, say where it is as soon as it answers, start the rest, and wait until something ends."""
    wanted = commands(settings, demonstration)
    start(running, "web", wanted.pop("web"))
    if not wait_until_answering(f"http://{settings.bind}:{settings.port}/healthz", running):
        if told_to_stop.is_set():
            return 0
        print("网页服务没有启动，请看上面的错误", file=sys.stderr)
        return 1
    print(words_for(settings, demonstration), flush=True)
    for name, command in wanted.items():
        start(running, name, command)
    while all_live(running):
        told_to_stop.wait(0.5)
    if told_to_stop.is_set():
        return 0
    dead = [name for name, process in running.items() if process.poll() is not None]
    print(f"{'、'.join(dead)} 停了，其余一并停下", file=sys.stderr)
    return 1


def start(running: Processes, name: str, command: list[str]) -> None:
    """Start one process; what the gateway says of itself stands in our own words already."""
    heard = subprocess.DEVNULL if name == "gateway" else None
    running[name] = subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, stdout=heard, start_new_session=True, preexec_fn=end_with_parent
    )


def main() -> int:
    """Start everything, say where it is, and wait."""
    os.putenv("MALLOC_ARENA_MAX", "1")  # ten megabytes less for each process of many threads
    settings = from_environment()
    require_free(settings.bind, settings.port, "PORT")
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    running: Processes = {}
    with alone_in(settings.instance_dir):
        try:
            demonstration = prepare(settings)
            if demonstration:
                require_free("127.0.0.1", settings.local_gateway_port, "LOCAL_GATEWAY_PORT")
            return serve(settings, demonstration, running)
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
