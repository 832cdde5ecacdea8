"""Offers of one digest are one notice: one line in the inbox, one letter outside."""

from __future__ import annotations

import json
from datetime import timedelta

from app.connections import spreading, webhooks
from app.connections.letters import body_of
from app.dispatching import cases
from app.integrity import invariants
from app.kernel import clock
from app.notices.links import path_of
from app.oversight.told import told
from app.people import queries
from app.serving import service as serving
from models import Delivery, Order, db
from models.kinds import Urgency
from tests.dispatching.helpers import dispatched, fresh, live, set_for
from tests.factories import advance


def digest_of_three(world):
    """One volunteer, and three planned orders that the evening's digest puts to them, run after run."""
    set_for(world.ids["city"], "digest_at", "18:00")
    person = world.volunteer(daily_limit=3)
    orders = [world.open_order(starts=clock.now() + timedelta(days=day), urgency=Urgency.PLANNED) for day in (4, 5, 6)]
    dispatched()
    due = cases.when(fresh(orders[0]).asking["look_again"])
    clock.advance(due - clock.now() + timedelta(seconds=30))
    for _turn in orders:
        dispatched()
        advance(minutes=1)
    return person, [live(order)[0] for order in orders]


def gateway(world, kinds=("offer",)):
    place = "https://gateway.example.org/linli"
    return webhooks.add(world.ids["city"], "短信", place, list(kinds), actor=world.administrator())


def letters():
    return [json.loads(body_of(row)) for row in db.session.query(Delivery).order_by(Delivery.created_at, Delivery.id)]


def test_three_offers_of_a_digest_are_one_line_and_one_letter_with_three_links(world):
    gateway(world)
    person, offers = digest_of_three(world)
    [line] = queries.inbox(person)
    assert len(line.particulars["offers"]) == 3 and line.read_at is None
    assert spreading.spread() == 0 and not spreading.has_unspread(), "it may still grow"
    advance(minutes=2)
    assert spreading.has_unspread() and spreading.spread() == 1
    [letter] = letters()
    assert letter["links"] == [path_of(offer) for offer in sorted(offers, key=lambda one: one.starts_at)]
    assert sorted(letter["offers"]) == sorted(offer.id for offer in offers) and letter["link"] in letter["links"]


def test_a_line_that_still_grows_is_nothing_to_raise_an_alarm_about(world):
    digest_of_three(world)
    assert "notice_not_in_outbox" not in invariants.broken()


def test_every_order_of_a_digest_says_who_was_told_of_it(world):
    _person, offers = digest_of_three(world)
    serving.decline(offers[1].id, actor=_person)
    assert [len(told(offer.order_id)) for offer in offers] == [1, 1, 1]


def test_what_follows_after_the_letter_has_gone_is_a_line_of_its_own(world):
    gateway(world)
    set_for(world.ids["city"], "digest_at", "18:00")
    person = world.volunteer()
    first = world.open_order(starts=clock.now() + timedelta(days=4), urgency=Urgency.PLANNED)
    dispatched()
    clock.advance(cases.when(fresh(first).asking["look_again"]) - clock.now() + timedelta(seconds=30))
    dispatched()
    advance(minutes=3)
    spreading.spread()
    second = world.open_order(starts=clock.now() + timedelta(days=5), urgency=Urgency.PLANNED)
    dispatched()
    assert live(second)[0].message == live(first)[0].message
    assert [len(line.particulars["offers"]) for line in queries.inbox(person)] == [1, 1]
    assert "links" not in letters()[0] and letters()[0]["link"] == path_of(live(first)[0])


def test_the_inbox_names_each_with_its_link(town, site):
    person, offers = digest_of_three(town)
    page = town.browser(site, person).get("/me/notices").text
    assert "有 3 个新的服务想请您看看" in page and 'href="/volunteer"' in page
    assert all(f'href="/offers/{offer.id}"' in page for offer in offers)
    title = db.session.get(Order, offers[0].order_id).title
    assert page.count(title) == 3
