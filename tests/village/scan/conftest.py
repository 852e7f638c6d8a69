"""What tests of the scan share: the memory of pages, and the plate of a door."""

from __future__ import annotations

import pytest
from flask import Flask

from commons.clock import FrozenClock
from tests.make.doors import make_door, make_plate
from village.scan.memory import ScanMemory


@pytest.fixture
def scan(app: Flask) -> ScanMemory:
    memory: ScanMemory = app.extensions["scan"]
    return memory


@pytest.fixture
def plate_code(app: Flask, clock: FrozenClock, scan: ScanMemory) -> str:
    return make_plate(door=make_door(label="12", group_no=3)).code
