"""A seeded city is one that could have come about by itself."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.demo import accounts
from app.demo.commands import seed_command
from app.demo.outlines import outlines
from app.demo.seed import AlreadySeeded, is_all_made_up, seed
from app.dispatching import service as dispatching
from app.integrity.invariants import broken
from app.kernel import clock
from app.kernel.errors import WrongSecret
from app.ordering import service as ordering
from app.people import service as people
from app.serving import service as serving
from models import (
    Account,
    Assignment,
    Notification,
    Offer,
    Order,
    RoleGrant,
    SavedAddress,
    ServiceItem,
    Skill,
    Volunteer,
    db,
)
from models.states import OrderStatus
from tests import databases
from tests.conftest import NOON, build_app
from tests.demo.hangzhou import hangzhou_or_skip

LIVE = {"submitted", "open", "offering", "staffed", "serving"}


def _filled(url: str, instance: Path, city: str) -> Iterator[Flask]:
    app = build_app(url, instance)
    with app.app_context(), clock.fixed(NOON):
        seed(city, instance=instance)
        yield app
        db.session.remove()
        db.engine.dispose()


def _copied(template: Path) -> str:
    url = databases.sqlite_url()
    shutil.copy(template, url.removeprefix("sqlite:///"))
    return url


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The tiny town, seeded once for all tests here that only read."""
    template = request.getfixturevalue(f"{request.param}_template")
    url = _copied(template) if request.param == "sqlite" else databases.create_database(template)
    yield from _filled(url, tmp_path_factory.mktemp("town"), "tiny")


@pytest.fixture(scope="module")
def big_city(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    hangzhou_or_skip()
    yield from _filled(_copied(sqlite_template), tmp_path_factory.mktemp("hangzhou"), "hangzhou")


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def statuses() -> Counter[str]:
    return Counter(db.session.scalars(select(Order.status)))


def leaking_notices() -> list[str]:
    """Notices that carry the phone number, name or address of the order they are about."""
    told = db.session.execute(select(Notification, Order).join(Order, Order.id == Notification.order_id))
    return [
        notice.id
        for notice, order in told
        if any(word in str(notice.particulars) for word in (order.contact_phone, order.contact_name, order.address))
    ]


def people_not_labelled() -> list[str]:
    return list(db.session.scalars(select(Account.id).where(~Account.is_demo)))


def assert_sound() -> None:
    assert broken() == {}
    assert leaking_notices() == []
    assert people_not_labelled() == []


def test_the_tiny_town_breaks_no_invariant(town: Flask) -> None:
    assert_sound()


def test_the_tiny_town_has_orders_in_every_state(town: Flask) -> None:
    assert set(statuses()) == set(OrderStatus)
    assert (count(Volunteer), count(ServiceItem) >= 40, count(Skill) >= 20) == (40, True, True)


def test_the_month_before_is_full_and_the_days_ahead_are_booked(town: Flask) -> None:
    created = list(db.session.scalars(select(Order.created_at)))
    assert min(created) < NOON - timedelta(days=10)
    assert max(created) < NOON
    ahead = select(func.count()).where(Assignment.status == "accepted", Assignment.starts_at > NOON)
    assert db.session.scalar(ahead)


def test_every_demo_account_signs_in_and_holds_its_role(town: Flask) -> None:
    for account in accounts.DEMO_ACCOUNTS:
        actor = people.authenticate(account.phone, account.password)
        assert (actor.name, actor.has(account.role)) == (account.name, True)
        grant = db.session.scalars(select(RoleGrant).filter_by(account_id=actor.account_id)).one()
        assert grant.office.level == account.level


def test_nobody_else_signs_in_with_the_demo_password(town: Flask) -> None:
    listed = {f"+86{account.phone}" for account in accounts.DEMO_ACCOUNTS}
    other = next(one.phone for one in db.session.scalars(select(Account)) if one.phone not in listed)
    with pytest.raises(WrongSecret):
        people.authenticate(other, accounts.DEMO_PASSWORD)


def test_a_second_city_is_refused_and_nothing_changes(town: Flask) -> None:
    before = count(Order)
    with pytest.raises(AlreadySeeded):
        seed("tiny")
    assert count(Order) == before


def test_the_command_says_that_there_is_a_city_already(town: Flask) -> None:
    result = town.test_cli_runner().invoke(seed_command, ["--city", "tiny"])
    assert result.exit_code == 1
    assert "--fresh" in result.output


def test_fresh_removes_the_old_city_and_the_same_seed_tells_the_same_month(site: Flask) -> None:
    def told() -> list[tuple[object, ...]]:
        found = select(Order.created_at, Order.title, Order.status, Order.contact_name, Order.version)
        return sorted(map(tuple, db.session.execute(found)))

    seed("tiny", seed=3)
    first, people_before = told(), set(db.session.scalars(select(Account.id)))
    db.session.rollback()
    seed("tiny", seed=3, fresh=True)
    assert told() == first
    assert not people_before & set(db.session.scalars(select(Account.id)))


def test_real_accounts_are_not_removed_without_a_yes(site: Flask) -> None:
    seed("tiny")
    office_id = db.session.scalar(select(RoleGrant.office_id).where(RoleGrant.role == "volunteer"))
    db.session.rollback()
    people.sign_up(
        role="resident",
        name="真人",
        phone="+8613900000001",
        password="eight letters",
        office_id=office_id,
        consent=True,
    )
    assert not is_all_made_up()
    db.session.rollback()
    result = site.test_cli_runner().invoke(seed_command, ["--city", "tiny", "--fresh"])
    assert result.exit_code == 1
    assert "real accounts" in result.output
    assert count(Account) > 1


def order_of_a_newcomer(item_code: str) -> Order:
    """What somebody does who signs in as 王奶奶 and asks for help this afternoon."""
    newcomer = people.authenticate(accounts.RESIDENT.phone, accounts.DEMO_PASSWORD)
    address_id = db.session.scalar(select(SavedAddress.id).filter_by(resident_id=newcomer.resident_id))
    starts_at = NOON + timedelta(hours=3)
    db.session.rollback()
    return ordering.place(
        actor=newcomer, item_code=item_code, address_id=address_id,
        window_from=starts_at, window_until=starts_at + timedelta(hours=3),
    )  # fmt: skip


ROUNDS = ("errands", "phone-lesson", "errands", "errands", "errands", "errands", "errands", "errands")
"""More than anybody elsewhere would be asked in a day."""


def accepted_by_li_xiaomei(item_code: str) -> None:
    """A newcomer's order is put to her before all others, she says yes, and it is called off again."""
    order = order_of_a_newcomer(item_code)
    db.session.rollback()
    dispatching.run_once(cause="test")
    helper = people.authenticate(accounts.VOLUNTEER.phone, accounts.DEMO_PASSWORD)
    offers = db.session.scalars(select(Offer).where(Offer.order_id == order.id)).all()
    best = min(offers, key=lambda offer: offer.terms["cost"])
    assert best.volunteer_id == helper.volunteer_id
    offer_id = best.id
    db.session.rollback()
    serving.accept(offer_id, actor=helper)
    ordering.cancel(order.id, "不用了", actor=people.authenticate(accounts.RESIDENT.phone, accounts.DEMO_PASSWORD))


def test_progress_goes_from_nothing_to_all_and_then_newcomers_orders_reach_li_xiaomei(site: Flask) -> None:
    shown: list[int] = []
    seed("tiny", progress=lambda percent, what: shown.append(percent))
    assert (shown[0], shown[-1], shown) == (0, 100, sorted(shown))
    for item_code in ROUNDS:
        accepted_by_li_xiaomei(item_code)


@pytest.mark.slow
def test_hangzhou_is_whole_and_breaks_no_invariant(big_city: Flask) -> None:
    """One test for all of it: seeding takes half a minute, and test processes share nothing."""
    assert_sound()
    found = statuses()
    assert (count(Volunteer), 290 <= found.total() <= 310) == (2000, True)
    assert set(found) == set(OrderStatus)
    assert 30 <= sum(found[status] for status in LIVE) <= 70
    assert len(outlines(big_city.instance_path)["features"]) == 8
    for item_code in ROUNDS:
        accepted_by_li_xiaomei(item_code)
