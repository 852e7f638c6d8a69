"""The demonstration's village: 青石湾村, its people, doors, plates and notices, all invented."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from io import BytesIO

from sqlalchemy import select

from commons import clock
from commons.accounts import actions as accounts
from commons.accounts.desk import actions as desk
from commons.accounts.models import Official, Person
from commons.accounts.permissions import acting_as
from commons.accounts.rules import CONSENT_VERSION, SERVICE_CONSENT
from commons.db import db, transaction
from commons.demonstration import Guide
from commons.guide import SITE
from village.divisions import actions as divisions
from village.divisions import rules as division_rules
from village.doors import actions as doors
from village.doors import sheets
from village.doors.models import Door
from village.drawing import actions as grids
from village.drawing.rules import Drawing, mark_of
from village.grids.queries import shapes_in
from village.notices.actions import NewNotice, post_notice
from village.plates import actions as plates
from village.plates.models import Plate
from village.plates.printing import finish

VILLAGE = "420199104207"
# A hillside without a house; the county number 420199 does not exist.
LAT, LNG = 30.8712, 113.9406
TABLE = """code,name,level,kind,as_of
420000000000,湖北省,province,,
420100000000,武汉市,city,,
420199000000,示范县,county,,
420199104000,柳河镇,town,,
420199104207,青石湾村委会,village,村委会,
420199104208,竹林冲村委会,village,村委会,
"""
# Numbers beginning with 100 are never given to a telephone.
CLERK, OFFICER, TOWN, DISCIPLINE, COUNTY, OPERATOR = (f"1000000000{number}" for number in range(1, 7))
OFFICIALS = (
    ("clerk", "陈桂芳", CLERK, "clerk", VILLAGE, "村文书"),
    ("officer", "王建国", OFFICER, "officer", f"{VILLAGE}-01", "第 1 网格员"),
    ("town", "李明", TOWN, "town", VILLAGE[:9], "镇政务办"),
    ("jiwei", "赵正", DISCIPLINE, "discipline", VILLAGE[:9], "镇纪委"),
    ("county", "孙华", COUNTY, "county", VILLAGE[:6], "县数据局"),
    ("operator", "周明", OPERATOR, "operator", VILLAGE[:6], "平台财务"),
)
NOTICES = (
    (
        "government",
        "医保缴费，村部可代办",
        "截止",
        2,
        True,
        "城乡居民医保缴费 {day}截止。\n带上身份证和手机，到村部找陈会计代办。",
    ),
    (
        "village",
        "三组停水半天，8 点至 12 点",
        "停水",
        3,
        False,
        "供水站 {day}检修水管，三组停水半天。\n请提前存水。",
    ),
    (
        "village",
        "十月村级收支明细公开",
        "公布",
        -2,
        False,
        "十月村级收支明细已贴在村部公示栏，也可以到村部查看账本。",
    ),
    (
        "party",
        "党员活动日学习安排",
        "开会",
        5,
        False,
        "党员活动日安排在 {day}上午 9 点，地点在村部会议室。",
    ),
)


def make_place(guide: Guide) -> None:
    """Make the divisions, the village and its officials."""
    with transaction():
        divisions.import_divisions(division_rules.read_sheet(TABLE.encode()), for_demonstration=True)
        divisions.enable_village(VILLAGE, duty_phone="0270-0000012")
    guide.say("工作台：")
    guide.say(f"  {SITE}/desk")
    for name, person_name, phone, role, area, duty in OFFICIALS:
        password = _make_official(name, person_name, phone, role, area)
        guide.say(f"  {duty} {person_name}：登录名 {name}，密码 {password}")
    guide.say(f"  第二步验证码和所有短信都显示在 {SITE}/demo/messages")


def _make_official(name: str, person_name: str, phone: str, role: str, area: str) -> str:
    """Open an account with a password made for this machine alone, and messages as second factor; return the password."""
    password = secrets.token_urlsafe(9)
    with transaction() as session:
        person = make_person(phone, person_name)
        session.flush()  # the account refers to the person
        desk.open_account(person, name)
        session.flush()  # the password is the account's
        desk.set_password(person.id, password)
        session.get_one(Official, person.id).second_factor = "sms"
        accounts.appoint(person, role, area)
    return password


def make_person(phone: str, name: str) -> Person:
    """Return a person who has agreed to the terms."""
    person = accounts.find_or_make_person(phone, name=name)
    db.session.flush()  # the consent refers to the person
    accounts.give_consent(person.id, SERVICE_CONSENT, CONSENT_VERSION)
    return person


def official(role: str) -> int:
    """Return the number of the demonstration's official of *role*."""
    name = next(line[0] for line in OFFICIALS if line[3] == role)
    return db.session.scalars(select(Official.person_id).where(Official.sign_in_name == name)).one()


def make_doors(guide: Guide) -> None:
    """Import forty-eight doors from a sheet, as a clerk does."""
    data = _sheet()
    cells = sheets.read_cells(data)
    guess = sheets.guess_columns(cells)
    checked = doors.check_sheet(cells, {"head_row": guess.head_row, **guess.columns}, VILLAGE, "wgs84")
    with transaction():
        doors.import_doors(VILLAGE, "演示门牌.xlsx", data, checked, for_demonstration=True)


def _sheet() -> bytes:
    import xlsxwriter  # 12 MB that only this needs

    output = BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["地址", "组", "门牌号", "经度", "纬度", "坐标系"])
    for number in range(48):
        group, house = number // 12 + 1, number % 12 + 1
        address = f"示范县柳河镇青石湾村{group}组{house}号"
        place = (LNG + group * 0.0025 + house % 4 * 0.0004, LAT + house // 4 * 0.0005 + group * 0.0006)
        sheet.write_row(number + 1, 0, [address, group, str(house), *place, "WGS-84"])
    book.close()
    return output.getvalue()


def draw_grids(guide: Guide) -> None:
    """Draw four grids, one for each group; the officer of the first was appointed before there was a map."""
    clerk = official("clerk")
    for group_no in range(1, 5):
        drawing = Drawing("", (), (group_no,), mark_of(shapes_in(VILLAGE)))
        with acting_as(clerk), transaction():
            grids.draw_grid(VILLAGE, drawing)


def print_plates(guide: Guide) -> None:
    """Print a plate for every door, each code read back, and tell where one of them leads."""
    with acting_as(official("clerk")), transaction():
        batch = plates.begin_batch(VILLAGE, "a3")
    finish(batch)
    guide.lines[:0] = ["扫一块门牌看到的页面：", f"  {SITE}/D/{first_plate()}"]


def post_notices(guide: Guide) -> None:
    """Post the notices of a week."""
    clerk = official("clerk")
    today = clock.today()
    for affair, title, meaning, days, urgent, words in NOTICES:
        with acting_as(clerk), transaction():
            post_notice(
                clerk,
                NewNotice(
                    area=VILLAGE,
                    affair=affair,
                    title=title,
                    words=words.format(day=_day_words(today + timedelta(days=days))),
                    signed_by="青石湾村民委员会",
                    leaf_day=today + timedelta(days=days),
                    leaf_meaning=meaning,
                    is_urgent=urgent,
                    form_key=secrets.token_urlsafe(18),
                    until_at=clock.now() + timedelta(days=30),
                ),  # fmt: skip
            )


def _day_words(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"


def first_plate() -> str:
    """Return the code of one demonstration plate."""
    hanging = (Plate.village_code == VILLAGE, Plate.state.in_(["printed", "mounted"]))
    query = select(Plate.code).join(Door, Door.id == Plate.door_id).where(*hanging)
    return db.session.scalars(query.order_by(Door.door_no).offset(2).limit(1)).one()
