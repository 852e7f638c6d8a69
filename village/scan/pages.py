"""What anyone sees who scans a plate or types its code."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _

from commons import clock, throttle
from commons.accounts.permissions import allow
from commons.accounts.queries import current_sign_in
from commons.assets import style_hash
from commons.forms import tidy
from commons.marks import is_demonstration
from commons.reading import KEEPER
from commons.security import content_policy
from geocode.door_codes import format_code, normalize_code
from geocode.errors import BadDoorCodeError
from village.plates.rules import DEMONSTRATION_MARK
from village.public import PlateRef, Standing, find_plate
from village.scan.cache import Remembered
from village.scan.front import answer
from village.scan.memory import ScanMemory
from village.scan.queries import make_shell, own_words, shell_key
from village.scan.rules import Variant, carried_on, reading_query
from village.scan.shell import FilledPage
from village.scan.views import OldPlate
from village.scan.words import words_of

bp = Blueprint("scan", __name__)

LONGEST_TYPED = 40


@bp.get("/D/<code>")
@bp.get("/d/<code>", endpoint="show_door_small")
@allow("scan")
def show_door(code: str) -> Response:
    """Anyone sees the page of a door, and everyone sees the same."""
    try:
        plain = normalize_code(code)
    except BadDoorCodeError:
        return _old_face("not_ours", 404, code_text=tidy(code)[:LONGEST_TYPED])
    if code != plain and code.upper() != plain:
        return redirect(f"/D/{plain}{reading_query(_variant())}", code=301)  # type: ignore[return-value]
    if plain.startswith(DEMONSTRATION_MARK) and not is_demonstration():
        return _old_face("demonstration", 404, code_text=format_code(plain))
    plate = find_plate(plain)
    if plate is None:
        return _unknown(plain)
    if plate.standing is not Standing.open:
        return _withdrawn(plate)
    return _open_page(plate)


@bp.post("/find")
@allow("scan")
def find_typed() -> Response:
    """Anyone who types a code is led to its page; a code that is none is named at once and kept as typed."""
    typed = tidy(request.form.get("code", ""))[:LONGEST_TYPED]
    try:
        return redirect(f"/D/{normalize_code(typed)}{reading_query(_variant())}", code=303)  # type: ignore[return-value]
    except BadDoorCodeError as error:
        return make_response(_home(typed, code_fault(typed, error)), 400)


@bp.get(f"{KEEPER}<code>")
@allow("scan")
def keep_reading(code: str) -> Response:
    """Anyone who goes back to standard type or Chinese passes here, where a cookie may be set, and is led to the door again."""
    asked = Variant(big=request.args.get("big") == "1", language=request.args.get("lang", "zh"))
    return redirect(url_for("scan.show_door", code=code) + reading_query(asked), code=303)  # type: ignore[return-value]


@bp.get("/")
@allow("see-public-pages")
def show_home() -> str:
    """Anyone may type the code of a plate here, go to the shop, or to what is their own."""
    return _home()


def _home(typed: str = "", wrong: str = "") -> str:
    here = current_sign_in()
    return render_template("village/scan/home.html", typed=typed, wrong=wrong, here=here.kind if here else "")


def code_fault(typed: str, error: BadDoorCodeError) -> str:
    """Say in Chinese what is wrong with a typed code."""
    if not typed:
        return _("请输入门牌上的 10 位乡情码")
    never = sorted({sign for sign in typed.upper() if sign in "ILOU01"})
    if never:
        return _("门牌码里从来没有 %(never)s 这样的字符，请对着门牌再看一遍", never="、".join(never))
    letters = [sign for sign in typed if sign.isalnum()]
    if len(letters) != 10:
        return _("门牌码是 10 位，您输入了 %(count)s 位", count=len(letters))
    return _("这不是我们的门牌码，可能有一个字抄错了，请对着门牌再看一遍")


def _variant() -> Variant:
    return Variant(big=bool(g.big), language=g.language)


def _open_page(plate: PlateRef) -> Response:
    memory: ScanMemory = current_app.extensions["scan"]
    variant, words = _variant(), words_of(plate)
    key = shell_key(words, variant)
    shell = memory.shell(key, lambda: make_shell(plate, key, clock.now()))
    filled = shell.fill(own_words(words, shell.grid_words))
    page = memory.remember((plate.code, variant), words.village_code, shell, filled)
    return _send(page, filled)


def _send(page: Remembered, filled: FilledPage) -> Response:
    """Send the page as the layer in front would."""
    memory: ScanMemory = current_app.extensions["scan"]
    status, headers, body = answer(page, request.environ, memory.headers, filled.plain)
    response = Response(body, status=status)
    response.headers.clear()
    response.headers.extend(headers)
    return response


def _unknown(code: str) -> Response:
    if code.startswith(DEMONSTRATION_MARK):
        return _old_face("demonstration", 404, code_text=format_code(code))
    throttle.hit("unknown-plate", throttle.client_address(), "300/hour")
    return _old_face("unknown", 404, code_text=format_code(code))


def _withdrawn(plate: PlateRef) -> Response:
    name = "replaced" if plate.standing is Standing.replaced else "revoked"
    old = OldPlate(
        format_code(plate.code), plate.village.name, plate.village.duty_phone, plate.village.seal_path
    )
    return _old_face(name, 410, old=old)


def _old_face(name: str, status: int, **words: object) -> Response:
    """Say what a code that opens no door means; the page carries its style inline, as a door's does."""
    page = carried_on(render_template(f"village/scan/{name}.html", **words), _variant())
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = content_policy(style=style_hash("scan"))
    return response
