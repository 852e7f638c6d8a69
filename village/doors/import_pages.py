"""The desk's pages for importing doors: upload, preview, confirm, take back."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commons.accounts.permissions import allow, current_scope
from commons.db import db, end_read, transaction
from commons.errors import Conflict, Missing, Refusal
from commons.forms import FormRefused, choices
from village.divisions import queries as divisions
from village.divisions.models import Village
from village.doors import actions, queries, sheets
from village.doors.forms import ColumnsForm, UploadForm
from village.doors.models import DoorImport
from village.doors.plan_rules import Plan

bp = Blueprint("door_imports", __name__, template_folder="../templates")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/desk/doors/template.xlsx")
@allow("import-doors")
def download_template() -> ResponseReturnValue:
    """The clerk downloads the empty sheet."""
    return _file(sheets.template(), "门牌导入模板.xlsx")


@bp.get("/desk/doors/import")
@allow("import-doors")
def ask_sheet() -> ResponseReturnValue:
    """The clerk chooses a sheet, and sees what was imported before."""
    return _upload_page(_upload_form())


@bp.post("/desk/doors/import")
@allow("import-doors")
def take_sheet() -> ResponseReturnValue:
    """The clerk sends a sheet; nothing is stored before the preview is confirmed."""
    form = _upload_form()
    try:
        form.require()
        data = form.file.data.read(sheets.LARGEST_FILE + 1)
        cells = sheets.read_cells(data)
        with transaction():
            name, frame = form.file.data.filename or "", form.frame.data
            started = actions.begin_import(form.village.data, name, data, cells, frame)
    except FormRefused:
        return _upload_page(form), 400
    except Refusal as refusal:
        form.blame(refusal)
        return _upload_page(form), 400
    return redirect(url_for("door_imports.show_import", import_id=started.id), 303)


@bp.get("/desk/doors/imports/<int:import_id>")
@allow("import-doors")
def show_import(import_id: int) -> ResponseReturnValue:
    """The clerk sees what a sheet would do, or what it did."""
    row = _import(import_id)
    if row.state != "checked" or row.sheet is None:
        return render_template("village/doors/imported.html", row=row, village=_village(row))
    return _preview_page(row)


@bp.post("/desk/doors/imports/<int:import_id>/columns")
@allow("import-doors")
def choose_columns(import_id: int) -> ResponseReturnValue:
    """The clerk corrects which column means what."""
    row = _import(import_id)
    if row.sheet is None:
        raise Conflict(_("这张表已经存入或撤销了"))
    form = ColumnsForm.about(sheets.unpack(row.sheet), row.columns, row.default_frame)
    if not form.validate_on_submit():
        return _preview_page(row, form), 400
    with transaction():
        actions.choose_columns(import_id, form.chosen, form.frame.data)
    return redirect(url_for("door_imports.show_import", import_id=import_id), 303)


@bp.post("/desk/doors/imports/<int:import_id>/confirm")
@allow("import-doors")
def confirm_import(import_id: int) -> ResponseReturnValue:
    """The clerk stores what the preview showed; pressing twice stores once."""
    row = _import(import_id)
    if row.sheet is not None:
        cells, columns = sheets.unpack(row.sheet), dict(row.columns)
        try:
            checked = actions.check_sheet(cells, columns, row.village_code, row.default_frame)
            end_read()  # the rows were checked without holding anything; storing looks at the village anew
            with transaction():
                actions.confirm_import(import_id, checked)
        except Refusal as refusal:
            flash(refusal.sentence, "wrong")
        else:
            flash(_("已存入"), "done")
    return redirect(url_for("door_imports.show_import", import_id=import_id), 303)


@bp.post("/desk/doors/imports/<int:import_id>/undo")
@allow("import-doors")
def undo_import(import_id: int) -> ResponseReturnValue:
    """The clerk takes an import back within a day, as long as no plate of it was printed."""
    _import(import_id)
    try:
        with transaction():
            actions.undo_import(import_id)
    except Refusal as refusal:
        flash(refusal.sentence, "wrong")
    else:
        flash(_("已撤销，一切和导入以前一样"), "done")
    return redirect(url_for("door_imports.show_import", import_id=import_id), 303)


@bp.get("/desk/doors/imports/<int:import_id>/errors.xlsx")
@allow("import-doors")
def download_errors(import_id: int) -> ResponseReturnValue:
    """The clerk gets the sheet back with the red column 原因."""
    row = _import(import_id)
    if row.sheet is None:
        raise Missing()
    cells = sheets.unpack(row.sheet)
    checked = actions.check_sheet(cells, row.columns, row.village_code, row.default_frame)
    plan = actions.plan_import(checked, row.village_code)
    return _file(sheets.with_reasons(cells, row.columns["head_row"], plan.faults), "请改正.xlsx")


def _import(import_id: int) -> DoorImport:
    """An import in the scope of whoever asks; anything else is the same 404."""
    row = db.session.get(DoorImport, import_id)
    if row is None or not current_scope("import-doors").covers(row.village_code):
        raise Missing()
    return row


def _village(row: DoorImport) -> Village:
    return db.session.get_one(Village, row.village_code)


def _upload_form() -> UploadForm:
    form = UploadForm()
    villages = divisions.villages(current_scope("import-doors").condition(Village.code))
    form.village.choices = choices((each.code, each.town_name + each.name) for each in villages)
    return form


def _upload_page(form: UploadForm) -> str:
    earlier = queries.imports_in(current_scope("import-doors").condition(DoorImport.village_code))
    return render_template("village/doors/import.html", form=form, earlier=earlier)


def _preview_page(row: DoorImport, form: ColumnsForm | None = None) -> str:
    assert row.sheet is not None
    cells = sheets.unpack(row.sheet)
    columns = dict(row.columns)
    form = form or ColumnsForm.about(cells, columns, row.default_frame)
    plan, unclear = Plan(), ""
    try:
        checked = actions.check_sheet(cells, columns, row.village_code, row.default_frame)
        plan = actions.plan_import(checked, row.village_code)
    except Refusal as refusal:
        unclear = refusal.sentence
    return render_template(
        "village/doors/preview.html",
        row=row,
        village=_village(row),
        form=form,
        plan=plan,
        unclear=unclear,
        sample=cells[:3],
    )


def _file(data: bytes, name: str) -> ResponseReturnValue:
    return send_file(BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name)
