"""The village: its doors, plates, notices, matters and people."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from commons import slots
from commons.demonstration import add_scene, counts_as_use
from commons.settings import Settings

# Every feature is a package whose `init_app(app, settings)` brings in its models, jobs, pages and commands.
# One line each, lower layers first: a feature may know only those above its own line.
FEATURES = (
    "village.divisions",
    "village.grids",
    "village.doors",
    "village.drawing",
    "village.plates",
    "village.households",
    "village.notices",
    "village.matters",
    "village.desk",
    "village.scan",
    "village.privacy",
)

# Places on the village's pages that another package may fill; each is described in docs/slots.md.
SLOTS = ("door-page",)


def init_app(app: Flask, settings: Settings) -> None:
    """Introduce every feature of the village to *app*, and say who may do what in it."""
    for name in SLOTS:
        slots.declare(app, name)
    import_module("village.permissions").grant_all()
    for feature in FEATURES:
        import_module(feature).init_app(app, settings)
    _set_scenes(app)


def _set_scenes(app: Flask) -> None:
    from village import demonstration, demonstration_households, demonstration_matters
    from village.divisions.models import CountyOutline, Division, Village
    from village.doors.models import Door
    from village.plates.models import PlateBatch

    counts_as_use(app, Division, CountyOutline, Village, Door, PlateBatch)
    add_scene(app, "村庄和干部", demonstration.make_place)
    add_scene(app, "门牌", demonstration.make_doors)
    add_scene(app, "网格", demonstration.draw_grids)
    add_scene(app, "印门牌", demonstration.print_plates)
    add_scene(app, "通知", demonstration.post_notices)
    add_scene(app, "报事", demonstration_matters.report_matters)
    add_scene(app, "住户", demonstration_households.register_households)
