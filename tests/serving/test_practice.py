"""试一次派单: looks like an offer, says everywhere that it is none, and touches no order."""

from models import Notification, Offer, Order, db
from models.kinds import NoticeKind
from tests.serving.steps import post


def test_it_sends_one_notice_that_says_it_is_a_practice_and_touches_no_order(site, town):
    li = town.volunteer("李晓梅")
    town.open_order()
    browser = town.browser(site, li)
    answer = post(browser, "/volunteer/practice")
    page = browser.get(answer.headers["Location"]).text
    assert "这是练习" in page and "练习接单" in page and 'action="/offers/' not in page
    assert [row.kind for row in db.session.query(Notification).filter_by(account_id=li.account_id)] == ["practice"]
    assert "【练习】" in browser.get("/me/notices").text
    for said in ("yes", "no"):
        after = post(browser, "/volunteer/practice/answer", answer=said)
        assert "练习完成" in browser.get(after.headers["Location"]).text
    assert (db.session.query(Offer).count(), db.session.query(Order).one().status) == (0, "open")


def test_only_volunteers_practise(site, town):
    assert post(town.browser(site, town.resident()), "/volunteer/practice").status_code == 403
    assert db.session.query(Notification).filter_by(kind=NoticeKind.PRACTICE).count() == 0
