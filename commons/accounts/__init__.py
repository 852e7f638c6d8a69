"""People who sign in, officials at their desk, what each may do, and what each agreed to."""

from __future__ import annotations

from flask import Flask

from commons.accounts.queries import current_person, require_person

__all__ = ["current_person", "init_app", "require_person"]


def init_app(app: Flask) -> None:
    """Bring the accounts' pages, jobs and commands into *app*."""
    from commons.accounts import commands, jobs, pages  # noqa: F401 - the jobs register themselves
    from commons.accounts.desk import pages as desk_pages  # noqa: F401 - these add themselves to the one blueprint
    from commons.accounts.ground_permissions import grant_all
    from commons.accounts.lock import pages as lock_pages  # noqa: F401
    from commons.accounts.me import export as me_export  # noqa: F401
    from commons.accounts.me import pages as me_pages  # noqa: F401
    from commons.accounts.office import pages as office_pages  # noqa: F401

    grant_all(app)
    app.register_blueprint(pages.bp)
    app.cli.add_command(commands.officials)
