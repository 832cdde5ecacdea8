"""The volunteer's calendar: tasks at an address only they know, with nobody's name in it."""

from app.kernel.transaction import command
from app.serving.calendar import feed, token_of
from models import Account, db
from tests.serving.steps import profile, taken


@command
def _new_password(account_id):
    db.session.get(Account, account_id).password_hash = "another"


def test_it_holds_what_and_when_and_neither_who_nor_where(site, town):
    li = town.volunteer("李晓梅")
    task = taken(town.open_order(title="买菜, 和;一起\n走走" * 4, words="门禁 1234"), li)
    answer = site.test_client().get(f"/calendar/{token_of(profile(li))}.ics")
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))
    whole = answer.text.replace("\r\n ", "")
    assert "SUMMARY:买菜\\, 和\\;一起\\n走走" in whole and "DTSTART:20261124T040000Z" in whole
    assert f"/tasks/{task.id}" in whole and "LOCATION:青年社区" in whole
    for secret in ("王奶奶", "李晓梅", "青年路", "门禁", "9990002"):
        assert secret not in whole


def test_a_made_up_address_opens_nothing_and_a_new_password_ends_the_old_one(site, town):
    li = town.volunteer("李晓梅")
    token = token_of(profile(li))
    browser = site.test_client()
    for wrong in (
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token[:20],
        li.volunteer_id + "0" * 32,
        "é",
        "x" * 400,
    ):
        assert browser.get(f"/calendar/{wrong}.ics").status_code == 404
    assert token in town.browser(site, li).get("/volunteer/availability").text
    _new_password(li.account_id)
    assert browser.get(f"/calendar/{token}.ics").status_code == 404


def test_an_empty_calendar_is_a_calendar(town):
    assert feed(profile(town.volunteer()), "http://x/").count("\r\n") == 5
