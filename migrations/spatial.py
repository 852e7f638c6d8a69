"""What differs between the two databases when a migration adds a place, an area, or an append-only table."""

from __future__ import annotations

from typing import Any

from alembic import op

SRID = 4490

SPATIALITE_OWN = (
    "spatial_ref_sys", "spatialite_history", "sqlite_sequence", "sqlite_stat1", "sql_statements_log", "geometry_columns",
    "views_geometry_columns", "virts_geometry_columns", "elementarygeometries", "spatialindex", "knn", "knn2",
    "data_licenses", "geometry_columns_auth", "geometry_columns_field_infos", "geometry_columns_statistics",
    "geometry_columns_time", "vector_layers", "raster_coverages", "spatial_ref_sys_aux", "topologies", "networks",
)  # fmt: skip


def is_sqlite() -> bool:
    """Say whether the migration under way runs on SQLite."""
    return bool(op.get_bind().dialect.name == "sqlite")


def is_ours(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Keep SpatiaLite's and PostGIS's own tables and spatial indexes out of comparisons."""
    if kind == "table":
        low = (name or "").lower()
        own = low in SPATIALITE_OWN or low.startswith(
            ("idx_", "views_", "virts_", "vector_", "se_", "rl2map", "topology")
        )
        return not own
    if kind == "index":
        return not (name or "").startswith("idx_")
    return True


def add_geometry(table: str, column: str, kind: str, *, nullable: bool = False) -> None:
    """Add a geometry column of *kind* (``POINT``, ``POLYGON``, ``MULTIPOLYGON``) with its spatial index."""
    if is_sqlite():
        must = 0 if nullable else 1
        op.execute(f"SELECT AddGeometryColumn('{table}', '{column}', {SRID}, '{kind}', 'XY', {must})")
        op.execute(f"SELECT CreateSpatialIndex('{table}', '{column}')")
        return
    must_words = "" if nullable else " NOT NULL"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} geometry({kind},{SRID}){must_words}")
    op.execute(f"CREATE INDEX idx_{table}_{column} ON {table} USING gist ({column})")


def add_point(table: str, column: str = "place", *, nullable: bool = False) -> None:
    """Add a point column with its spatial index."""
    add_geometry(table, column, "POINT", nullable=nullable)


def add_polygon(table: str, column: str, *, nullable: bool = True) -> None:
    """Add a multi-polygon column with its spatial index."""
    add_geometry(table, column, "MULTIPOLYGON", nullable=nullable)


def drop_geometry(table: str, column: str) -> None:
    """Take a geometry column out of its table's registers; call it before dropping the table."""
    if is_sqlite():
        op.execute(f"SELECT DisableSpatialIndex('{table}', '{column}')")
        op.execute(f"DROP TABLE IF EXISTS idx_{table}_{column}")
        op.execute(f"SELECT DiscardGeometryColumn('{table}', '{column}')")
        return
    op.execute(f"DROP INDEX IF EXISTS idx_{table}_{column}")


def make_append_only(table: str) -> None:
    """Refuse UPDATE and DELETE on *table* by triggers, on both databases."""
    if is_sqlite():
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
    )


def guard_append_only(table: str) -> None:
    """Close the two ways past :func:`make_append_only`: a row of the same number put in its place, and emptying the table."""
    if is_sqlite():
        # INSERT OR REPLACE removes a row without asking the DELETE trigger.
        op.execute(
            f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} "  # noqa: S608 - a name of our own
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )


def drop_guard(table: str) -> None:
    """Open them again."""
    if is_sqlite():
        op.execute(f"DROP TRIGGER IF EXISTS {table}_not_replaced")
        return
    op.execute(f"DROP TRIGGER IF EXISTS {table}_not_emptied ON {table}")


def drop_append_only(table: str) -> None:
    """Take the triggers away again; call it before dropping the table."""
    if is_sqlite():
        for what in ("update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS {table}_no_{what}")
        return
    op.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
    op.execute(f"DROP FUNCTION IF EXISTS {table}_append_only()")
