"""What each area decided about money, at the desk: the platform's share and the limit of payments by hand."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons.accounts.permissions import allow
from commons.db import transaction
from commons.errors import Refusal
from commons.forms import FormRefused
from marketplace.payments.forms import TermsForm
from marketplace.payments.queries import Terms, all_terms
from marketplace.payments.terms_commands import decide_terms, terms

bp = Blueprint("terms_desk", __name__, template_folder="../templates", url_prefix="/desk/settlement/terms")


def init_app(app: Flask) -> None:
    """Add the page and the command."""
    app.register_blueprint(bp)
    app.cli.add_command(terms)


@bp.get("")
@allow("see-payments")
def show_terms() -> str:
    """The operator of money sees what holds where."""
    return _page(TermsForm(formdata=None))


def _page(form: TermsForm) -> str:
    decided = all_terms()
    default = None if decided and not decided[0].area else Terms()
    return render_template("marketplace/payments/terms.html", decided=decided, default=default, form=form)


@bp.post("")
@allow("handle-payments")
def decide() -> Response | tuple[str, int]:
    """The operator of money decides for an area."""
    form = TermsForm()
    try:
        form.require()
        with transaction():
            decide_terms(form.area.data or "", form.share_points, form.limit.fen or 0)
    except FormRefused:
        return _page(form), 400
    except Refusal as refusal:
        form.blame(refusal)
        return _page(form), 400
    flash(_("已保存"))
    return redirect(url_for("terms_desk.show_terms"), 303)
