"""What an administrator sets: an office's rules and who works there."""

import pytest

from app.kernel.errors import Invalid, NotAllowed, NotFound
from app.kernel.settings import DEFAULTS, setting
from app.offices import policy, service
from app.people.identity import actor_of
from app.people.service import appoint, revoke_role
from dispatch.offering import PACES
from models import Event, db
from models.kinds import EventKind
from tests.factories import csrf_of


def test_a_rule_holds_below_until_an_office_below_sets_its_own(world):
    boss = world.administrator()
    three, two = (dict.fromkeys(("urgent", "normal", "planned"), number) for number in (3, 2))
    service.set_policy(world.ids["west"], "offers_per_position", _typed(three), actor=boss)
    service.set_policy(world.ids["station"], "offers_per_position", _typed(two), actor=boss)
    assert setting(world.ids["station"], "offers_per_position") == two
    assert setting(world.ids["neighbour"], "offers_per_position") == three
    assert setting(world.ids["far"], "offers_per_position") == DEFAULTS["offers_per_position"]
    service.drop_policy(world.ids["station"], "offers_per_position", actor=boss)
    assert setting(world.ids["station"], "offers_per_position") == three
    assert db.session.query(Event).filter_by(kind=EventKind.OFFICE_SETTING).count() == 3


def _typed(numbers):
    return {urgency: str(number) for urgency, number in numbers.items()}


@pytest.mark.parametrize("typed", ["", "many", "-1", "9999999", "nan", "1e999"])
def test_a_rule_out_of_bounds_is_refused_with_the_bounds(world, typed):
    with pytest.raises(Invalid) as refusal:
        service.set_policy(world.ids["west"], "review_minutes", {"value": typed}, actor=world.administrator())
    assert "10 到 20000" in str(refusal.value.fields["review_minutes"][0])


def test_how_people_are_found_is_one_of_the_words_we_know(world):
    boss = world.administrator()
    service.set_policy(world.ids["west"], "offering_mode", {"value": "open"}, actor=boss)
    assert setting(world.ids["station"], "offering_mode") == "open"
    with pytest.raises(Invalid):
        service.set_policy(world.ids["west"], "offering_mode", {"value": "by force"}, actor=boss)


def test_the_paces_offices_start_with_are_those_tuned_in_the_simulator():
    for urgency, pace in PACES.items():
        assert DEFAULTS["offers_per_position"][urgency] == pace.most_at_once
        assert DEFAULTS["offer_target"][urgency] == round(100 * pace.target)
        assert DEFAULTS["offer_promise_minutes"][urgency] == pace.promise_minutes
        assert DEFAULTS["offer_wave_minutes"][urgency] == pace.wave_minutes
        assert DEFAULTS["answer_minutes"][urgency] == pace.answer_minutes
        assert DEFAULTS["offers_most"] == pace.most_asked


def test_every_rule_has_a_default_of_its_own_kind():
    for one in policy.POLICIES:
        default = DEFAULTS[one.name]
        kinds = {"flag": bool, "by_urgency": dict, "numbers": list, "dials": dict, "clock": str, "choice": str}
        assert isinstance(default, kinds.get(one.kind, int | float)), one.name
        if one.kind == "dials":
            assert set(default) == set(one.parts), one.name


def test_the_dials_are_the_engines_own_and_set_by_the_city_alone(world):
    from dispatch import Weights

    ours = {name: points for name, points in Weights().to_dict().items() if name != "answer"}
    assert DEFAULTS["weights"] == ours, "silence has no price, so it has no dial"
    boss = world.administrator()
    typed = {name: str(value) for name, value in DEFAULTS["weights"].items()}
    service.set_policy(world.ids["city"], "weights", {**typed, "stability": "90"}, actor=boss)
    assert setting(world.ids["station"], "weights")["stability"] == 90
    with pytest.raises(NotFound):
        service.set_policy(world.ids["west"], "weights", typed, actor=boss)
    with pytest.raises(Invalid):
        service.set_policy(world.ids["city"], "weights", {**typed, "stability": "-1"}, actor=boss)


@pytest.mark.parametrize(("typed", "kept"), [("19:30", "19:30"), ("7:05", "07:05"), ("", "")])
def test_an_hour_is_a_time_of_day_or_none(world, typed, kept):
    service.set_policy(world.ids["west"], "day_plan_at", {"value": typed}, actor=world.administrator())
    assert setting(world.ids["station"], "day_plan_at") == kept


@pytest.mark.parametrize("typed", ["25:00", "evening", "19"])
def test_what_is_no_time_of_day_is_refused(world, typed):
    with pytest.raises(Invalid) as refusal:
        service.set_policy(world.ids["west"], "day_plan_at", {"value": typed}, actor=world.administrator())
    assert "19:30" in str(refusal.value.fields["day_plan_at"][0])


def test_a_coordinator_sets_no_rules(world):
    with pytest.raises(NotAllowed):
        service.set_policy(world.ids["station"], "points_per_hour", {"value": "1"}, actor=world.coordinator())


def test_a_role_is_given_by_phone_and_taken_away_again(world):
    boss, person = world.administrator(), world.volunteer()
    from models import Account

    phone = db.session.get(Account, person.account_id).phone
    grant = appoint(phone, "coordinator", world.ids["station"], actor=boss)
    assert actor_of(person.account_id).has("coordinator")
    revoke_role(grant.id, actor=boss)
    assert not actor_of(person.account_id).has("coordinator")
    with pytest.raises(Invalid):
        appoint("+8613912345678", "coordinator", world.ids["station"], actor=boss)


def test_nobody_takes_away_the_role_they_act_in(world):
    boss = world.administrator()
    from models import RoleGrant

    own = db.session.query(RoleGrant).filter_by(account_id=boss.account_id).one()
    with pytest.raises(NotFound):
        revoke_role(own.id, actor=boss)


def test_the_pages_open_save_and_say_what_is_wrong(town, site):
    browser = town.browser(site, town.administrator())
    page = browser.get("/", follow_redirects=True).get_data(as_text=True)
    assert "多久内审核" in page
    data = {"csrf_token": csrf_of(page), "value": "60"}
    path = f"/offices/{town.ids['city']}/settings/review_minutes"
    assert browser.post(path, data=data).status_code == 303
    refused = browser.post(path, data=data | {"value": "soon"})
    assert refused.status_code == 422
    assert 'value="soon"' in refused.text and "10 到 20000" in refused.text
    people = f"/offices/{town.ids['city']}/people"
    assert browser.get(people).status_code == 200
    answer = browser.post(people, data={"csrf_token": data["csrf_token"], "phone": "1", "role": "king"})
    assert answer.status_code == 422
    assert town.browser(site, town.coordinator()).get(people).status_code == 403
