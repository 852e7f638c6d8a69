"""The desk's pages for printing plates: batches, their files, a new plate for a door."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commons.accounts.permissions import allow, current_scope
from commons.db import db, end_read, transaction
from commons.errors import Missing, Refusal
from commons.forms import FormRefused, choices
from village.divisions import queries as divisions
from village.divisions.models import Village
from village.doors.models import Door
from village.plates import actions, life, queries
from village.plates.faces import LAYOUT_TITLES
from village.plates.forms import PrintForm, ReissueForm
from village.plates.models import Plate, PlateBatch
from village.plates.printing import finish

bp = Blueprint("plate_batches", __name__, template_folder="../templates")


@bp.get("/desk/plates")
@allow("print-plates")
def list_batches() -> ResponseReturnValue:
    """The clerk sees what was printed and prints for doors without a plate."""
    return _list_page(_form())


@bp.post("/desk/plates")
@allow("print-plates")
def print_plates() -> ResponseReturnValue:
    """The clerk prints a batch. A second press finds no door left and prints nothing."""
    form = _form()
    try:
        form.require()
        with transaction():
            batch = actions.begin_batch(form.village.data, form.layout.data, most=form.most.data)
        finish(batch)
    except FormRefused:
        return _list_page(form), 400
    except Refusal as refusal:
        form.blame(refusal)
        return _list_page(form), 400
    flash(_("印好了，每个码都已重新扫过核对"), "done")
    return redirect(url_for("plate_batches.show_batch", batch_id=batch.id), 303)


@bp.get("/desk/plates/batches/<int:batch_id>")
@allow("print-plates")
def show_batch(batch_id: int) -> ResponseReturnValue:
    """The clerk sees one batch: what stands on it, and its files."""
    batch = _batch(batch_id)
    village = db.session.get_one(Village, batch.village_code)
    return render_template("village/plates/batch.html", batch=batch, village=village, layouts=LAYOUT_TITLES)


@bp.post("/desk/plates/batches/<int:batch_id>/finish")
@allow("print-plates")
def finish_batch(batch_id: int) -> ResponseReturnValue:
    """The clerk goes on with a batch whose making was cut off."""
    batch = _batch(batch_id)
    if batch.state == "making":
        try:
            finish(batch)
        except Refusal as refusal:
            flash(refusal.sentence, "wrong")
            return redirect(url_for("plate_batches.list_batches"), 303)
    return redirect(url_for("plate_batches.show_batch", batch_id=batch_id), 303)


@bp.get("/desk/plates/batches/<int:batch_id>/plates.pdf")
@allow("print-plates")
def download_file(batch_id: int) -> ResponseReturnValue:
    """The clerk downloads a batch again, as printed or in another layout; every code is read again first."""
    batch = _printed(batch_id)
    layout = request.args.get("layout", batch.layout)
    if layout not in LAYOUT_TITLES:
        raise Missing()
    end_read()
    file = actions.file_again(batch, layout)
    name = f"{batch.village_code}-{batch.number}-{layout}.pdf"
    return send_file(BytesIO(file.pdf), mimetype="application/pdf", as_attachment=True, download_name=name)


@bp.get("/desk/plates/batches/<int:batch_id>/manifest.json")
@allow("print-plates")
def download_manifest(batch_id: int) -> ResponseReturnValue:
    """The clerk downloads the frozen manifest of a batch."""
    batch = _printed(batch_id)
    name = f"{batch.village_code}-{batch.number}.json"
    data = BytesIO(batch.manifest or b"")
    return send_file(data, mimetype="application/json", as_attachment=True, download_name=name)


@bp.post("/desk/plates/<int:plate_id>/reissue")
@allow("print-plates")
def reissue(plate_id: int) -> ResponseReturnValue:
    """The clerk makes a new plate for the door of this one."""
    plate = db.session.get(Plate, plate_id)
    if plate is None or not current_scope("print-plates").covers(plate.village_code):
        raise Missing()
    form = ReissueForm()
    try:
        form.require()
        with transaction():
            batch = life.begin_reissue(
                plate_id, form.layout.data, keep_old=form.keep_old.data, words=form.words.data or ""
            )
        finish(batch)
    except FormRefused:
        flash(_("请写明原因"), "wrong")
        return redirect(url_for("plates.show_door", door_id=plate.door_id), 303)
    except Refusal as refusal:
        flash(refusal.sentence, "wrong")
        return redirect(url_for("plates.show_door", door_id=plate.door_id), 303)
    flash(_("新牌印好了；门和地址不变"), "done")
    return redirect(url_for("plate_batches.show_batch", batch_id=batch.id), 303)


def _form() -> PrintForm:
    form = PrintForm()
    villages = divisions.villages(current_scope("print-plates").condition(Village.code))
    form.village.choices = choices((each.code, each.town_name + each.name) for each in villages)
    return form


def _list_page(form: PrintForm) -> str:
    scope = current_scope("print-plates")
    return render_template(
        "village/plates/list.html",
        form=form,
        batches=queries.batches(scope.condition(PlateBatch.village_code)),
        without=queries.counts_without_plate(scope.condition(Door.village_code)),
    )


def _batch(batch_id: int) -> PlateBatch:
    batch = db.session.get(PlateBatch, batch_id)
    if batch is None or not current_scope("print-plates").covers(batch.village_code):
        raise Missing()
    return batch


def _printed(batch_id: int) -> PlateBatch:
    batch = _batch(batch_id)
    if batch.state != "printed":
        raise Missing()
    return batch
