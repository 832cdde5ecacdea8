"""What an inbox line says, and where it leads."""

from __future__ import annotations

import pytest

from app.notices.sentences import SECURITY, SENTENCES, link, sentence
from models import Notification
from models.kinds import NoticeKind


def line(kind, **particulars):
    return Notification(kind=kind, particulars=particulars, order_id=None, offer_id=None)


@pytest.mark.parametrize("code", SECURITY)
def test_a_notice_about_one_s_account_says_what_happened(site, code):
    assert sentence(line(NoticeKind.SECURITY, code=code)) == str(SECURITY[code])


@pytest.mark.parametrize("particulars", [{}, {"code": "something new"}, {"code": None}])
def test_without_a_known_code_it_still_says_something(site, particulars):
    assert sentence(line(NoticeKind.SECURITY, **particulars)) == str(SENTENCES[NoticeKind.SECURITY])


@pytest.mark.parametrize("kind", [NoticeKind.ALARM, NoticeKind.SECURITY])
def test_it_leads_to_a_page_there_is(site, kind):
    at = link(line(kind), by_desk=True, by_volunteer=True)
    assert at in {rule.rule for rule in site.url_map.iter_rules()}
