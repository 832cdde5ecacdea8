"""A volunteer's picture: whoever opens the door to them sees it, once the station has looked, and nobody else."""

import json
from base64 import b64decode
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from app.kernel import pictures
from app.kernel.errors import Invalid, NotAllowed, NotFound
from app.ordering import queries as ordering
from app.people import portraits, queries, service
from app.privacy import erasure, retention
from app.privacy.queries import view_of
from app.rights import consents, copies
from models import Account, Event, Portrait, db
from models.kinds import Purpose
from tests.factories import advance
from tests.ordering.visitor import picture
from tests.ordering.wishes import post
from tests.serving.steps import arrived, served, taken


def sent(volunteer, **more):
    """Their picture, as it was sent; the station has not looked."""
    portraits.put_portrait(picture(**more), actor=volunteer)
    return db.session.scalar(select(Portrait).filter_by(volunteer_id=volunteer.volunteer_id))


def looked_at(world, volunteer):
    row = sent(volunteer)
    service.verify_volunteer(volunteer.volunteer_id, row.id, actor=world.coordinator())
    return row


def on_disk():
    return {file.name for file in pictures.files()}


def seen_by(order, actor):
    """The pictures this person is shown with the order."""
    shown = (view_of(order, actor).helper_portrait(one) for one in ordering.coming(order))
    return [row.id for row in shown if row is not None]


# ---------- sending, changing, taking away ----------


def test_it_is_cut_square_and_nothing_hidden_is_kept(world):
    exif = Image.Exif()
    exif[0x010F] = "Camera of Mrs Wang"
    row = sent(world.volunteer(), size=(900, 1600), exif=exif, comment=b"my flat is 302")
    content = pictures.path(row.filename).read_bytes()
    with Image.open(BytesIO(content)) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("WEBP", (portraits.EDGE,) * 2, {})
    assert b"Wang" not in content and b"302" not in content


def test_a_new_one_takes_the_place_of_the_old_and_waits_to_be_looked_at(world):
    volunteer = world.volunteer()
    old = looked_at(world, volunteer)
    old_id = old.id
    new = sent(volunteer)
    assert (new.id != old_id, new.seen_at) == (True, None)
    assert on_disk() == {new.filename}


def test_what_is_no_picture_is_refused_and_the_old_one_stays(world):
    volunteer = world.volunteer()
    row = sent(volunteer)
    with pytest.raises(Invalid) as refused:
        portraits.put_portrait(BytesIO(b"<svg/>"), actor=volunteer)
    assert "photo" in refused.value.fields and on_disk() == {row.filename}


def test_taking_it_away_takes_the_file_too(world):
    volunteer = world.volunteer()
    sent(volunteer)
    portraits.drop_portrait(actor=volunteer)
    portraits.drop_portrait(actor=volunteer)
    assert on_disk() == set() and db.session.scalar(select(Portrait)) is None


def test_a_minor_sends_none_and_of_who_turns_out_to_be_one_none_is_kept(world):
    young, resident = world.volunteer(birth_year=2010), world.resident()
    with pytest.raises(Invalid):
        sent(young)
    assert on_disk() == set()
    grown = world.volunteer()
    row = looked_at(world, grown)
    order = world.open_order(resident)
    taken(order, grown)
    assert seen_by(order, resident) == [row.id]
    service.amend_volunteer(actor=grown, birth_year=2010)
    assert seen_by(order, resident) == [] and db.session.scalar(select(Portrait)) is None


# ---------- who sees it, and when ----------


def test_those_served_see_it_from_the_yes_until_a_day_after_the_visit(world):
    resident, volunteer = world.resident(), world.volunteer()
    row, order = looked_at(world, volunteer), world.open_order(resident)
    assert seen_by(order, resident) == []
    served(order, volunteer)
    assert seen_by(order, resident) == [row.id]
    advance(hours=23)
    assert seen_by(order, resident) == [row.id]
    advance(hours=2)
    assert seen_by(order, resident) == []


def test_nobody_served_sees_what_the_station_has_not_looked_at(world):
    resident, volunteer, coordinator = world.resident(), world.volunteer(), world.coordinator()
    order = world.open_order(resident)
    arrived(order, volunteer)
    row = sent(volunteer)
    service.verify_volunteer(volunteer.volunteer_id, "another picture", actor=coordinator)
    assert seen_by(order, resident) == []
    service.verify_volunteer(volunteer.volunteer_id, row.id, actor=coordinator)
    assert seen_by(order, resident) == [row.id]


def test_neighbours_other_volunteers_supervisors_and_other_desks_see_none(world):
    volunteer, companion = world.volunteer(), world.volunteer("赵大力")
    row, order = looked_at(world, volunteer), world.open_order(positions=2)
    taken(order, volunteer)
    taken(order, companion)
    for stranger in (world.resident("孙爷爷"), companion, world.supervisor(), world.administrator()):
        assert seen_by(order, stranger) == []
    assert queries.portrait(row.id, volunteer).id == queries.portrait(row.id, world.coordinator()).id == row.id
    for stranger, refusal in ((companion, NotFound), (world.coordinator(world.ids["far"]), NotFound),
                              (world.supervisor(), NotAllowed), (world.resident(), NotAllowed)):  # fmt: skip
        with pytest.raises(refusal):
            queries.portrait(row.id, stranger)


# ---------- the station ----------


def test_the_station_removes_an_unfit_one_and_says_why(world):
    volunteer, coordinator = world.volunteer(), world.coordinator()
    looked_at(world, volunteer)
    with pytest.raises(NotFound):
        portraits.remove_portrait(volunteer.volunteer_id, "unfit", actor=world.coordinator(world.ids["far"]))
    portraits.remove_portrait(volunteer.volunteer_id, "not_alone", actor=coordinator)
    portraits.remove_portrait(volunteer.volunteer_id, "not_alone", actor=coordinator)
    told = [row for row in queries.inbox(volunteer) if row.kind == "portrait"]
    assert [row.particulars for row in told] == [{"code": "not_alone"}] and on_disk() == set()
    [event] = db.session.scalars(select(Event).filter_by(kind="volunteer.portrait")).all()
    assert (event.particulars, event.actor_id) == ({"reason": "not_alone"}, coordinator.account_id)


# ---------- rights ----------


def test_sending_it_is_agreeing_and_taking_that_back_removes_it(world):
    volunteer = world.volunteer()
    sent(volunteer)
    account = db.session.get(Account, volunteer.account_id)
    assert consents.live(account, Purpose.PORTRAIT).channel == "use"
    consents.withdraw(Purpose.PORTRAIT, actor=volunteer)
    assert db.session.scalar(select(Portrait)) is None


def test_the_copy_of_ones_data_holds_the_picture_itself(world):
    volunteer = world.volunteer()
    row = sent(volunteer)
    [held] = copies.as_json(volunteer)["parts"]["portrait"]
    assert b64decode(held["picture"]) == pictures.path(row.filename).read_bytes()
    assert "portrait" not in json.dumps(copies.as_json(world.volunteer())["parts"])


def test_who_is_forgotten_leaves_no_picture(world):
    volunteer = world.volunteer()
    looked_at(world, volunteer)
    erasure.erase(volunteer.account_id)
    assert on_disk() == set() and db.session.scalar(select(Portrait)) is None


def test_the_nightly_sweep_leaves_it_alone(world):
    row = sent(world.volunteer())
    advance(days=3)
    assert retention.run()["photos"] == 0 and on_disk() == {row.filename}


# ---------- pages ----------


def test_from_the_volunteers_page_over_the_desks_to_the_residents(town, site):
    volunteer, resident, coordinator = town.volunteer(), town.resident(), town.coordinator()
    own, desk, home = (town.browser(site, who) for who in (volunteer, coordinator, resident))
    refused = post(own, "/volunteer/profile", "/volunteer/portrait")
    assert refused.status_code == 422 and "请先选一张照片" in refused.text
    assert 'value="walk" selected' in refused.text, "the other forms of the page show what is kept"
    post(own, "/volunteer/profile", "/volunteer/portrait", photo=(picture(), "me.jpg"))
    assert "等社区看过" in own.get("/volunteer/profile").text

    assert "新头像" in desk.get("/desk/people?show=portrait").text
    page = f"/desk/people/{volunteer.volunteer_id}"
    row = db.session.scalar(select(Portrait))
    assert f"/portraits/{row.id}" in desk.get(page).text
    post(desk, page, f"{page}/verification", portrait_id=row.id)
    assert "社区看过，居民能看到" in own.get("/volunteer/profile").text

    order = town.open_order(resident)
    taken(order, volunteer)
    link = f"/orders/{order.id}/portraits/{row.id}"
    shown = home.get(f"/orders/{order.id}").text
    assert f'src="{link}"' in shown and 'alt="李师傅的照片"' in shown
    answer = home.get(link)
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.headers["Cache-Control"].startswith("private")
    missing = home.get(f"/orders/{order.id}/portraits/{'0' * 20}")
    stranger = town.browser(site, town.resident("孙爷爷")).get(link)
    assert (stranger.status_code, missing.status_code) == (404, 404)

    post(desk, page, f"{page}/portrait/removal", reason="unclear")
    assert "看不清脸" in own.get("/me/notices").text
    assert link not in home.get(f"/orders/{order.id}").text and home.get(link).status_code == 404
