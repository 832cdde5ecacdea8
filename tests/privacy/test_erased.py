"""Being forgotten: nothing of the person is left that could be read, and what others count on stays."""

import pytest
from sqlalchemy import func, select

from app.audit.service import check
from app.dispatching.frozen import text_of
from app.integrity.invariants import broken
from app.kernel.clock import now
from app.kernel.errors import NotFound
from app.kernel.transaction import command
from app.ordering import queries
from app.ordering import service as ordering
from app.people import service as people
from app.privacy import erasure, persons
from app.serving import service as serving
from models import (
    Account,
    AuthSession,
    DispatchRun,
    Event,
    HoursEntry,
    Order,
    OrderPhoto,
    Rating,
    Resident,
    SubjectKey,
    Visit,
    Volunteer,
    db,
)
from models.kinds import EventKind
from tests.dispatching.helpers import dispatched, offers
from tests.factories import advance
from tests.ordering.wishes import wish
from tests.privacy.erasing import NAME, VOLUNTEER, canaries_left, kept_picture, lived, set_phone


def test_everything_is_planted(world):
    lived(world)
    plain = set(canaries_left())
    assert plain >= {NAME, VOLUNTEER, "金丝雀评价", "金丝雀回评", "30.271717", "金丝雀标题"}
    assert not plain & {"金丝雀巷 77 幢", "钥匙在金丝雀笼下", "金丝雀的话", "13877770001", "13877770002"}


def test_after_erasing_both_no_canary_is_left_in_any_table(world):
    resident, helper, order_id = lived(world)
    assert erasure.erase(resident.account_id)
    assert erasure.erase(helper.account_id)
    assert canaries_left() == []
    order = db.session.get_one(Order, order_id)
    assert (order.address, order.words, order.contact_phone, order.access_notes) == ("", "", "", "")
    assert order.contact_name == f"居民#{resident.account_id[-4:]}"
    assert db.session.get_one(Volunteer, helper.volunteer_id).name == f"志愿者#{helper.account_id[-4:]}"


def test_the_audit_still_verifies_and_tells_of_it(world):
    resident, helper, _order_id = lived(world)
    assert check().ok
    erasure.erase(resident.account_id)
    erasure.erase(helper.account_id)
    db.session.rollback()
    assert broken(ticking=False) == {}, "every invariant still holds"
    report = check()
    assert report.ok, report
    assert report.redacted
    told = select(Event.subject_id).where(Event.kind == EventKind.ERASURE_DO)
    assert set(db.session.scalars(told)) == {resident.resident_id, helper.volunteer_id}


@pytest.mark.parametrize("forgotten", ["volunteer", "resident"])
def test_how_far_it_was_goes_with_either_side_and_the_answer_stays(world, forgotten):
    helper, order = world.volunteer(), world.open_order()
    dispatched()
    [offer] = offers(order)
    assert offer.features["km"] > 0 and offer.distance_m > 0 and offer.terms["reasons"]
    serving.decline(offer.id, actor=helper)
    ordering.cancel(order.id, "不用了", actor=world.coordinator())
    assert erasure.erase(helper.account_id if forgotten == "volunteer" else order.resident.account_id)
    db.session.expire_all()
    [offer] = offers(order)
    assert (offer.features, offer.status) == (None, "declined")
    assert (offer.distance_m, offer.travel_minutes, offer.terms) == (0, 0, {})


@pytest.mark.parametrize("forgotten", ["asked", "passed over", "resident"])
def test_questions_of_runs_that_held_where_somebody_lives_are_forgotten_however_they_are_packed(world, forgotten):
    helpers, order = {one.volunteer_id: one for one in (world.volunteer() for _ in range(12))}, world.open_order()
    dispatched()
    asked = {offer.volunteer_id: offer for offer in offers(order)}
    [run_id] = {offer.run_id for offer in asked.values()}
    run = db.session.get_one(DispatchRun, run_id)
    assert run.waves
    passed_over = next(one for key, one in helpers.items() if key in text_of(run.problem) and key not in asked)
    for offer in asked.values():
        serving.decline(offer.id, actor=helpers[offer.volunteer_id])
    ordering.cancel(order.id, "不用了", actor=world.coordinator())
    who = {"asked": helpers[next(iter(asked))], "passed over": passed_over, "resident": order.resident}
    assert erasure.erase(who[forgotten].account_id)
    db.session.expire_all()
    run = db.session.get_one(DispatchRun, run_id)
    assert (run.problem, run.plan, run.waves) == (None, None, None)


def test_hours_times_and_stars_stay(world):
    resident, helper, order_id = lived(world)
    erasure.erase(resident.account_id)
    erasure.erase(helper.account_id)
    minutes = select(func.sum(HoursEntry.minutes)).where(HoursEntry.volunteer_id == helper.volunteer_id)
    assert db.session.scalar(minutes) == 120
    order = db.session.get_one(Order, order_id)
    assert (order.title, order.duration_minutes, order.office_id) == ("escort", 120, world.ids["station"])
    assert db.session.scalars(select(Rating.stars)).all() == [3, 3]
    visit = db.session.scalars(select(Visit)).one()
    assert (visit.note, visit.checked_in_at is not None, visit.check_in_evidence) == ("", True, "resident_code")


def test_the_wrapped_key_is_gone_and_the_number_may_sign_up_again(world):
    resident, _helper, _order_id = lived(world)
    erasure.erase(resident.account_id)
    for subject in (resident.account_id, resident.resident_id):
        row = db.session.get_one(SubjectKey, subject)
        assert (row.wrapped, row.destroyed_at) == (None, now())
    assert db.session.get_one(Account, resident.account_id).phone_index is None
    db.session.rollback()
    people.sign_up(
        role="resident", name="新人", phone="+8613877770001", password="eight letters", office_id=world.ids["station"],
        consent=True,
    )  # fmt: skip
    again = db.session.scalar(select(Account).where(Account.phone.equals("+8613877770001")))
    assert again is not None and (again.id != resident.account_id, again.name) == (True, "新人")


def test_all_sessions_end(world):
    resident, _helper, _order_id = lived(world)
    erasure.erase(resident.account_id)
    alive = select(func.count(AuthSession.id)).where(AuthSession.account_id == resident.account_id)
    assert db.session.scalar(alive) == 0


def test_photos_leave_the_disk(world):
    resident, _helper, order_id = lived(world)
    picture = kept_picture(order_id)
    erasure.erase(resident.account_id)
    assert not picture.exists()
    assert db.session.scalar(select(func.count(OrderPhoto.id))) == 0


def test_an_order_for_somebody_else_keeps_their_words_and_loses_the_askers(world):
    daughter = world.resident(NAME)
    set_phone(Account, daughter.account_id, "+8613877770001")
    told = wish(world, on_behalf=True, contact_name="王妈妈", contact_phone="+8613800000002", words="请慢一点")
    order = ordering.place(actor=daughter, **told)
    order_id = order.id
    ordering.cancel(order_id, "不用了", actor=daughter)
    erasure.erase(daughter.account_id)
    kept = db.session.get_one(Order, order_id)
    assert (kept.contact_name, kept.contact_phone, kept.words) == ("王妈妈", "+8613800000002", "请慢一点")
    assert kept.address == "3 幢 201"


def test_nobody_is_taken_for_erased_for_their_name(world):
    resident = world.resident()

    @command
    def call_oneself():
        for table, key in ((Account, resident.account_id), (Resident, resident.resident_id)):
            db.session.get_one(table, key).name = f"居民#{resident.account_id[-4:]}"

    call_oneself()
    assert not persons.person(resident.account_id).is_erased
    erasure.ask(actor=resident)
    advance(days=7)
    assert erasure.erase_due() == 1
    assert persons.person(resident.account_id).is_erased
    assert erasure.reapply() == 0


def test_nobody_orders_for_somebody_who_was_erased(world):
    daughter = world.resident("女儿")
    told = wish(world, on_behalf=True, contact_name=NAME, contact_phone="+8613877770001")
    order = ordering.place(actor=daughter, **told)
    mother = order.resident_id
    ordering.cancel(order.id, "不用了", actor=daughter)
    assert [one.id for one in queries.served_before(daughter)] == [mother]
    erasure.erase(mother)
    assert queries.served_before(daughter) == []
    with pytest.raises(NotFound):
        ordering.place(actor=daughter, **wish(world, resident_id=mother))
    found = ordering.place(actor=daughter, **told)
    assert found.resident_id != mother, "the same number and name are somebody new"
