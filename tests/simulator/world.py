"""One seed, played from its first form to the day on which nothing is left to do."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from flask import Flask

from commons import clock, worker
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.outbox import TIMED, enqueue
from marketplace.payments.connect.messages import receive as receive_message
from marketplace.payments.local_gateway.courier import Courier
from marketplace.payments.local_gateway.steering import delay
from marketplace.payments.notify import receive
from marketplace.payments.reconcile.rules import ready_at
from tests.simulator import dice as loaded_dice
from tests.simulator.gateway import LocalAlipay
from tests.simulator.ground import build, ground_keeper, stock_up
from tests.simulator.invariants import broken, something_is_unfinished
from tests.simulator.office import MESSAGES_URL, Office
from tests.simulator.office_invariants import days_moved
from tests.simulator.office_plans import OfficePlanner
from tests.simulator.people import Deed, People
from tests.simulator.plans import DAY, HOUR, Planned, Planner
from tests.simulator.scheduler import Interruptions, Point, Scheduler, Task
from tests.simulator.stories import MORNING, drawn

REST = timedelta(days=45)
MOST_STEPS = 4000
MOST_CRASHES = 6
WORKERS = 2
AT_ONCE = 6  # each holds a connection
SWEEPS = ("payment.sweep", "order.sweep")
# How our clock may be set wrong, in seconds: a little, and more than the gateway puts up with.
SKEWS = (-240.0, 45.0, 240.0, -2400.0, 2400.0)


class Broken(AssertionError):
    """A schedule after which something is not as it must be."""

    def __init__(self, seed: int, faults: list[str], trace: list[str]) -> None:
        self.seed, self.faults, self.trace = seed, faults, trace
        super().__init__(f"seed {seed}: " + "; ".join(faults))


@dataclass(frozen=True, slots=True)
class Played:
    """What one schedule was."""

    seed: int
    steps: int
    crashes: int
    trace: tuple[str, ...]


class World:
    """The application on one database, the gateway beside it, and everything that a schedule needs; used again and again."""

    def __init__(self, app: Flask, url: str, folder: Path) -> None:
        self._app = app
        self._clock = FrozenClock(MORNING)
        self._alipay = LocalAlipay(folder, self._at_line)
        app.extensions["payment_gateways"].fixed[:] = [self._alipay.driver]
        db.engine.pool._pre_ping = (
            False  # nobody restarts the server, and a schedule takes a hundred connections
        )
        self._interruptions = Interruptions(db.engine)
        with (
            clock.reading(self._clock),
            loaded_dice.loaded(-1),
        ):  # accounts have names that nobody can guess, too
            self._ground = build(self._clock, self._alipay.driver.app_id)
        db.session.remove()
        self._keeper = ground_keeper(url)
        self._courier = Courier(self._alipay.gateway, self._deliver)

    def close(self) -> None:
        """Let go of files and listeners."""
        self._interruptions.remove()
        self._keeper.close()
        self._alipay.gateway.store.close()

    def _at_line(self, point: str, words: str) -> None:
        if self._interruptions.scheduler is not None:
            self._interruptions.scheduler.point(Point(point), words)

    # -- one schedule -----------------------------------------------------------------------------------

    def play(self, seed: int) -> Played:
        """
        Play *seed* and check what came of it.

        Raises:
            Broken: an invariant does not hold.
        """
        self._keeper.put_back()
        self._story = drawn(seed, len(self._ground.sellers))
        self._clock.at = self._story.begins_at
        self._alipay.begin(seed)
        with clock.reading(self._clock), loaded_dice.loaded(seed):
            self._prepare(seed)
            try:
                self._wild()
                self._quiet()
                faults = broken(
                    self._alipay, self._office.bank, self._stocks, self._story, with_proofs=seed % 8 == 0
                )
            except Exception as error:
                place = traceback.extract_tb(error.__traceback__)[-1]
                faults = [f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})"]
            finally:
                trace = self._scheduler.trace
                self._interruptions.scheduler = None
                self._scheduler.sweep_up()
                db.session.remove()
        if faults:
            raise Broken(seed, faults, trace)
        return Played(seed, self._steps, self._crashes, tuple(trace))

    def _prepare(self, seed: int) -> None:
        self._dice = Random(f"schedule {seed}")
        self._people = People(self._ground, self._alipay)
        planner = Planner(seed, self._ground, self._people)
        self._stocks = planner.stocks()
        stock_up(self._ground, self._stocks)
        self._office = Office(self._ground, self._alipay, self._story)
        self._office_planner = OfficePlanner(seed, self._office, self._story)
        self._office.set_up()
        for deed in self._office_planner.before():
            deed()
        db.session.remove()
        self._steps = self._crashes = 0
        self._commits, self._jobs_known_at = 0, -1
        self._sweeps = self._dice.choice([0, 0, 1])
        self._is_wild = True
        self._retold: dict[str, Deed] = {}
        self._busy: dict[str, Task] = {}
        # Some schedules are calm, some are full of crashes or of a bad line.
        self._deadliness = self._dice.choice([0.0, 0.01, 0.03])
        trouble = self._dice.choices([0.0, 0.15, 0.4, 0.97], [30, 30, 30, 10])[0]
        self._mail_trouble = self._dice.choice([0.0, 0.2, 0.6])
        # In a few the gateway is out of reach for two hours: what was paid becomes known when goods were given up.
        self._is_dark = self._dice.random() < 0.08
        if self._story.is_honest:
            self._deadliness = self._mail_trouble = trouble = 0.0
            self._is_dark = False
        self._alipay.line.trouble = 1.0 if self._is_dark else trouble
        self._scheduler = Scheduler(self._app, self._crashes_here)
        self._interruptions.scheduler = self._scheduler
        plans = planner.plans() if self._story.has_orders else []
        dawn = [Planned(2 * HOUR, "dawn", bool)] if self._is_dark else []
        for planned in [*plans, *self._office_planner.plans(), *dawn]:
            task = self._start(planned.name, planned.deed)
            task.wakes_at = self._story.begins_at + timedelta(seconds=planned.at_s)

    def _start(self, name: str, deed: Deed) -> Task:
        self._retold[name] = deed
        return self._scheduler.spawn(name, deed)

    def _crashes_here(self, task: Task, point: Point) -> bool:
        self._commits += point is Point.committed
        if not self._is_wild or self._crashes >= MOST_CRASHES or self._dice.random() >= self._deadliness:
            return False
        self._crashes += 1
        if task.name in self._retold and self._dice.random() < 0.7:  # whoever gets no answer tries again
            again = self._start(task.name, self._retold[task.name])
            again.wakes_at = clock.now() + timedelta(seconds=self._dice.choice([1, 20, 300]))
        return True

    # -- while people, workers and the courier are about ------------------------------------------------------

    def _wild(self) -> None:
        while self._steps < MOST_STEPS and (self._people_left() or self._dice.random() < 0.9):
            self._steps += 1
            drawn = self._dice.random()
            if drawn < 0.03:
                self._pass_time(self._dice.choice([1.0, 5.0, 11.0, 31.0, 61.0, 190.0]))
            elif drawn < 0.034 and not self._story.is_honest:
                self._set_clock_wrong(self._dice.choice(SKEWS))
            elif (drawn < 0.25 and self._start_worker()) or (drawn < 0.40 and self._start_courier()):
                continue
            elif drawn < 0.405:
                self._start_sweep()
            elif ready := self._scheduler.ready():
                self._scheduler.step(self._dice.choice(ready[:AT_ONCE]))
            elif not self._jump():
                return

    def _people_left(self) -> bool:
        busy = set(self._busy.values())
        return any(task not in busy for task in self._scheduler.sleepers())

    def _is_free(self, name: str) -> bool:
        task = self._busy.get(name)
        return task is None or task.is_over

    def _start_worker(self) -> bool:
        free = [name for name in (f"worker{number}" for number in range(WORKERS)) if self._is_free(name)]
        due_at = self._next_job()
        if not free or due_at is None or due_at > clock.now():
            return False
        self._busy[free[0]] = self._scheduler.spawn(free[0], self._work)
        return True

    def _work(self) -> None:
        for job_id in worker.claim(self._dice.choice([1, 1, 3])):
            worker.run_one(job_id)

    def _start_courier(self) -> bool:
        due_at = self._next_letter()
        if not self._is_free("courier") or due_at is None or due_at > self._alipay.now():
            return False
        if self._dice.random() < self._mail_trouble * 0.4:
            self._hold_letters_back()
        else:
            self._busy["courier"] = self._scheduler.spawn("courier", self._courier.deliver_next)
        return True

    def _hold_letters_back(self) -> None:
        """Let later notifications overtake earlier ones."""
        store = self._alipay.gateway.store
        waiting = store.rows("SELECT id FROM notification WHERE state = 'waiting' ORDER BY id")
        for row in self._dice.sample(waiting, (len(waiting) + 1) // 2):
            delay(self._alipay.gateway, row["id"], self._dice.choice([3.0, 100.0, 2000.0]))

    def _deliver(self, url: str, fields: dict[str, str]) -> tuple[int | None, str]:
        """The gateway's letters: lost, told twice, or answered into the void."""
        if self._story.is_mute:
            return None, ""
        if url == MESSAGES_URL:
            return 200, receive_message(fields).decode()
        self._people.letters.append(fields)
        if self._is_wild and self._is_dark:
            return None, ""
        if not self._is_wild or self._dice.random() >= self._mail_trouble:
            return 200, receive(fields).decode()
        manner = self._dice.choice(["lost", "answer lost", "twice", "at once"])
        if manner == "lost":
            return None, ""
        if manner == "at once":  # a second delivery of the same letter races the first
            self._start(f"letter{len(self._people.letters)}", lambda: receive(fields))
        told = receive(fields)
        if manner == "twice":
            told = receive(fields)
        return (None, "") if manner == "answer lost" else (200, told.decode())

    def _start_sweep(self) -> None:
        if self._is_free("sweep") and self._sweeps:
            self._sweeps -= 1
            self._busy["sweep"] = self._scheduler.spawn("sweep", self._sweep)

    def _sweep(self) -> None:
        """What the worker's own clock would ask for now, as far as it concerns the market."""
        with transaction():
            for kind in SWEEPS:
                due = TIMED[kind].latest_due(clock.now())
                enqueue(kind, unique_key=f"{kind}@{due.isoformat()}")

    # -- time ----------------------------------------------------------------------------------------------------

    def _pass_time(self, seconds: float) -> None:
        self._clock.move(seconds=seconds)
        self._scheduler.trace.append(f"~ {seconds:g} s")

    def _set_clock_wrong(self, skew_s: float) -> None:
        """Our machine's clock jumps; time itself does not."""
        wanted = 0.0 if self._alipay.skew_s else skew_s
        self._clock.move(seconds=wanted - self._alipay.skew_s)
        self._alipay.skew_s = wanted
        self._scheduler.trace.append(f"~ clock wrong by {wanted:g} s")

    def _next_job(self) -> datetime | None:
        """Return when the next job is due; asked again only after something was written."""
        if self._jobs_known_at != self._commits:
            self._jobs_known_at, self._job_due = self._commits, self._keeper.next_job()
        return self._job_due

    def _next_letter(self) -> float | None:
        row = self._alipay.gateway.store.row(
            "SELECT min(due_at) AS at FROM notification WHERE state = 'waiting'"
        )
        return None if row is None or row["at"] is None else float(row["at"])

    def _jump(self, *, limit: datetime | None = None) -> bool:
        """Move to the next moment at which somebody has something to do."""
        moments = [task.wakes_at for task in self._scheduler.sleepers()]
        if (job := self._next_job()) is not None:
            moments.append(job + timedelta(milliseconds=1))  # a lease is over only after its last moment
        if (letter := self._next_letter()) is not None:
            moments.append(
                datetime.fromtimestamp(letter + self._alipay.skew_s, UTC) + timedelta(milliseconds=1)
            )
        coming = [each for each in moments if each > clock.now() and (limit is None or each < limit)]
        if not coming:
            return False
        self._pass_time((min(coming) - clock.now()).total_seconds())
        return True

    # -- when everything works again -----------------------------------------------------------------------------

    def _quiet(self) -> None:
        """Nothing fails and nobody dies any more; a month and a half is enough for everything to come to rest."""
        self._is_wild = False
        self._alipay.line.trouble = 0.0
        self._alipay.skew_s, jump = 0.0, self._alipay.skew_s
        self._clock.move(seconds=-jump)
        while sleepers := self._scheduler.sleepers():
            task = min(sleepers, key=lambda each: each.wakes_at)
            self._pass_time(max(0.0, (task.wakes_at - clock.now()).total_seconds()))
            self._scheduler.step(task)
        self._interruptions.scheduler = None
        for deed in self._office_planner.last_deeds():
            deed()
        ends_at = clock.now() + REST
        self._settle_down(ends_at)
        if something_is_unfinished():
            self._pass_time(14 * DAY)
            self._sweep()
            self._settle_down(ends_at)
        if self._story.has_bills:
            self._hold_days_against_bills()
            if something_is_unfinished():
                self._sweep()
                self._settle_down(clock.now() + REST)

    def _hold_days_against_bills(self) -> None:
        """Fetch the bill of every day on which something moved; what a bill tells may move something on a later day."""
        done: set[date] = set()
        while coming := [day for day in days_moved(self._alipay) if day not in done]:
            day = coming[0]
            done.add(day)
            self._pass_time(max(0.0, (ready_at(day) - clock.now()).total_seconds() + 600))
            app_id = self._alipay.driver.app_id
            with transaction():
                enqueue(
                    "payment.reconcile",
                    unique_key=f"payment.reconcile:{app_id}:False:{day}",
                    app_id=app_id,
                    livemode=False,
                    day=day.isoformat(),
                )
            self._settle_down(clock.now() + REST)

    def _settle_down(self, ends_at: datetime) -> None:
        while True:
            while self._courier.deliver_next():
                pass
            while (due_at := self._keeper.next_job()) is not None and due_at <= clock.now():
                for job_id in worker.claim():
                    worker.run_one(job_id)
            db.session.remove()
            self._commits += 1
            if not self._jump(limit=ends_at):
                return
