"""Waves: as many people at once as the chance of a yes needs, the next when it falls behind, nobody too often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.dispatching import cases, districts, snapshot
from app.dispatching.replay import replay
from app.dispatching.seeking import give_up
from app.dispatching.timers import tick
from app.kernel import clock
from app.kernel.errors import AlreadyTaken
from app.oversight.asking import asking_lines, asking_words
from app.serving import service as serving
from dispatch.offering import Bound
from models import Office, Reserve, ServiceItem, db
from models.kinds import Urgency
from tests.dispatching.helpers import dispatched, fresh, live, offers, one_at_a_time, set_for


def crowd(world, number=12, **more):
    """People near the station by id, each a little farther away than the one before."""
    made = [world.volunteer(f"志愿者{n}", north_km=0.2 + n / 20, **more) for n in range(number)]
    return {one.volunteer_id: one for one in made}


def test_a_wave_asks_several_nearest_first_and_never_more_than_the_settings_allow(world):
    set_for(world.ids["city"], "offering_mode", "wave")
    people = list(crowd(world))
    order = world.open_order()
    dispatched()
    assert [one.volunteer_id for one in live(order)] == people[:8], "eight for one place: our default"
    assert {one.wave for one in live(order)} == {1}
    asking = fresh(order).asking
    assert (asking["wave"], asking["asked"]) == (1, 8) and 0 < asking["chance"] < 0.9
    assert dispatched() is None, "whoever was asked is given time"


def test_the_first_yes_takes_the_place_and_a_late_one_becomes_a_reserve(world):
    people = crowd(world, 4)
    order = world.open_order()
    dispatched()
    out = live(order)
    assert len(out) == 4
    serving.accept(out[2].id, actor=people[out[2].volunteer_id])
    assert fresh(order).status == "staffed" and live(order) == []
    assert sorted(one.status for one in offers(order)) == ["accepted", "withdrawn", "withdrawn", "withdrawn"]
    with pytest.raises(AlreadyTaken):
        serving.accept(out[0].id, actor=people[out[0].volunteer_id])
    assert [one.volunteer_id for one in db.session.query(Reserve)] == [out[0].volunteer_id]


def test_a_refusal_is_replaced_at_once_in_the_same_wave(world):
    people = crowd(world)
    order = world.open_order()
    dispatched()
    first, asked = live(order)[0], len(live(order))
    serving.decline(first.id, actor=people[first.volunteer_id])
    dispatched()
    now_out = live(order)
    assert len(now_out) == asked and first.volunteer_id not in {one.volunteer_id for one in now_out}
    assert fresh(order).asking["wave"] == 1


def test_silence_brings_the_next_wave_when_its_time_has_come_and_the_tick_finds_out(world):
    set_for(world.ids["city"], "offers_per_position", {"urgent": 20, "normal": 20, "planned": 20})
    set_for(world.ids["city"], "offer_target", {"urgent": 60, "normal": 60, "planned": 60})
    crowd(world, 30)
    order = world.open_order(starts=clock.now() + timedelta(hours=30), hours=4)
    dispatched()
    asked = len(live(order))
    for _ in range(45):
        clock.advance(timedelta(minutes=1))
        if tick():
            dispatched()
    assert len(live(order)) > asked
    assert max(one.wave for one in live(order)) >= 2


def test_two_orders_of_one_run_never_ask_the_same_person(world):
    crowd(world, 5)
    one, two = world.open_order(), world.open_order()
    dispatched()
    asked = [offer.volunteer_id for order in (one, two) for offer in live(order)]
    assert live(one) and live(two) and len(asked) == len(set(asked)) == 5


def test_asked_one_by_one_where_the_office_says_so(world):
    one_at_a_time(world)
    crowd(world, 3)
    order = world.open_order()
    dispatched()
    assert len(live(order)) == 1
    assert dispatched() is None


@pytest.mark.parametrize("mode", ["open", "hand"])
def test_on_the_open_list_or_by_hand_no_run_asks_anybody(world, mode):
    crowd(world, 2)
    order = world.open_order()
    item = db.session.get(ServiceItem, fresh(order).item_id)
    _limit(item.id, {"offering_mode": mode})
    assert dispatched() is None and live(order) == []
    assert len(asking_words(fresh(order))) == 1
    _limit(item.id, {})
    dispatched()
    assert len(live(order)) == 2


def _limit(item_id, limits):
    from app.kernel.transaction import command

    @command
    def write():
        db.session.get(ServiceItem, item_id).limits = limits

    write()


def test_whoever_had_enough_messages_today_is_spared_whatever_they_answered(world):
    set_for(world.ids["city"], "alerts_daily_on_duty", 2)
    people = crowd(world, 2)
    for day in (2, 3):
        order = world.open_order(starts=clock.now() + timedelta(days=day))
        dispatched()
        assert len(live(order)) == 2
        serving.decline(live(order)[0].id, actor=people[live(order)[0].volunteer_id])
    third = world.open_order(starts=clock.now() + timedelta(days=4))
    dispatched()
    assert live(third) == [] and fresh(third).unplaced["bans"] == {"enough": 2}
    clock.advance(timedelta(days=1))
    dispatched()
    assert len(live(third)) == 2, "a new day"


def test_in_the_quiet_hours_of_an_office_calm_orders_wait_and_urgent_ones_go_to_people_on_duty(world):
    set_for(world.ids["city"], "alerts_quiet_from", "11:00")
    set_for(world.ids["city"], "alerts_quiet_until", "15:00")
    awake, asleep = world.volunteer("在班"), world.volunteer("下班", on_duty=False)
    calm = world.open_order(starts=clock.now() + timedelta(days=1))
    urgent = world.open_order(starts=clock.now() + timedelta(days=2), urgency=Urgency.URGENT)
    dispatched()
    assert live(calm) == [] and fresh(calm).asking["why"] == "quiet"
    assert [one.volunteer_id for one in live(urgent)] == [awake.volunteer_id]
    clock.advance(timedelta(hours=4))
    dispatched()
    assert live(calm), "the quiet hours are over"
    assert asleep.volunteer_id in {one.volunteer_id for order in (calm, urgent) for one in live(order)}


def test_planned_work_goes_out_in_the_digest_as_one_message(world):
    set_for(world.ids["city"], "digest_at", "18:00")
    crowd(world, 2)
    order = world.open_order(starts=clock.now() + timedelta(days=4), urgency=Urgency.PLANNED)
    dispatched()
    assert live(order) == [] and fresh(order).asking["why"] == "digest"
    due = cases.when(fresh(order).asking["look_again"])
    clock.advance(due - clock.now() + timedelta(seconds=30))
    dispatched()
    assert {one.message for one in live(order)} == {f"digest-{int(due.timestamp())}"}


def test_a_run_with_waves_is_asked_again_and_gives_the_same(world):
    people = crowd(world, 6)
    order = world.open_order()
    dispatched()
    serving.decline(live(order)[0].id, actor=people[live(order)[0].volunteer_id])
    run = dispatched(seed=11) or dispatched()
    found = replay(run) if run is not None else None
    assert found is None or (found.difference is None and found.violations == [])


def test_a_stored_wave_that_was_tampered_with_is_noticed(world):
    crowd(world, 3)
    world.open_order()
    run = dispatched()
    assert replay(run).difference is None
    from app.dispatching.frozen import fold_plain, unfold_plain

    questions = unfold_plain(run.waves)
    questions[0]["step"]["ask"] = questions[0]["step"]["ask"][::-1]
    run.waves = {**run.waves, **fold_plain(questions)}
    assert replay(run).difference.startswith("waves.")
    db.session.rollback()


def test_what_the_model_may_see_is_kept_with_every_offer_and_nothing_else(world):
    crowd(world, 1)
    order = world.open_order()
    dispatched()
    assert set(live(order)[0].features) == {
        "km", "hour", "weekday", "kind", "notice", "alerts_week", "alerts_day", "yes", "offers", "urgency",
    }  # fmt: skip


def test_the_desk_reads_the_wave_the_chance_and_the_next_step(world, app):
    crowd(world, 3)
    order = world.open_order()
    assert asking_words(fresh(order)) == ["马上开始找人。"] and asking_lines([order.id]) == {order.id: "马上开始找人"}
    dispatched()
    first = asking_words(fresh(order))
    assert first[0].startswith("第 1 批：一共问了 3 位，3 位还没答复；有人接的把握约 ")
    words = asking_lines([order.id])[order.id]
    assert words.startswith("第 1 批：问了 3 位，3 位没答复 · 把握 ") and words.count("·") == 2
    assert "马上另问一位" in " ".join(first) or "都问了" in " ".join(first) or "没有可以再问" in " ".join(first)


def test_orders_of_a_street_that_trails_the_city_weigh_more_until_it_does_not(world):
    helper = world.volunteer()
    for day in range(1, 9):
        serving.claim(world.open_order(starts=clock.now() + timedelta(days=day)).id, actor=helper)
    for _ in range(8):
        lost = world.open_order(office=world.ids["far"], starts=clock.now() + timedelta(hours=1), hours=2)
        clock.advance(timedelta(minutes=90))
        give_up(lost.id)
        assert fresh(lost).status == "unfilled"
    near, far = world.open_order(), world.open_order(office=world.ids["far"])
    boosts = districts.boosts_of([near, far], clock.now())
    most = Bound().most
    assert boosts == {near.id: 0.0, far.id: most}
    taken = snapshot.take(db.session.get(Office, world.ids["city"]), only_automatic=True)
    weight = {spec.id: spec.priority for spec in taken.problem.orders}
    assert weight[far.id] == (1 + most) * weight[near.id]
    set_for(world.ids["city"], "district_gap", 50)
    assert districts.boosts_of([near, far], clock.now())[far.id] < most
