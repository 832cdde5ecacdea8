"""The same request twice, as a double click or a cut line sends it: one effect, and the same answer both times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import func, select

from app.kernel import clock
from app.kernel.access import Actor
from app.kernel.transaction import command
from app.ordering import service as ordering
from app.rating import service as rating
from models import Assignment, Event, FollowUp, HoursEntry, IdempotencyKey, Notification, Offer, Order, Volunteer, db
from tests.factories import World, advance
from tests.ordering.wishes import wish
from tests.oversight.scenes import put
from tests.serving.steps import arrived, offered, post, served, taken

COUNTED = (Order, Event, Offer, Assignment, HoursEntry, FollowUp, Notification, IdempotencyKey)


@dataclass(frozen=True)
class Scene:
    """Who sends it, the ids that its address names, and what of the body only this scene knows."""

    who: Actor
    ids: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)


def submitted(town: World) -> Scene:
    return Scene(town.coordinator(), {"order": town.open_order(approve=False).id})


def beside_another(town: World) -> Scene:
    order, other = town.open_order(approve=False), town.open_order()
    return Scene(town.coordinator(), {"order": order.id}, {"into": other.number})


def not_ours(town: World) -> Scene:
    """The order goes to an office that this desk does not see: the second request finds nothing there any more."""
    order = town.open_order(approve=False)
    return Scene(town.coordinator(), {"order": order.id}, {"office_id": town.ids["far"]})


def transferred(town: World) -> Scene:
    order, who = town.open_order(approve=False), town.coordinator(town.ids["street"])
    ordering.transfer(order.id, town.ids["neighbour"], "归他们管", actor=who)
    return Scene(who, {"order": order.id})


def opened(town: World) -> Scene:
    return Scene(town.coordinator(), {"order": town.open_order().id}, {"volunteer_id": town.volunteer().volunteer_id})


def own(town: World) -> Scene:
    resident = town.resident()
    return Scene(resident, {"order": town.open_order(resident).id})


def own_returned(town: World) -> Scene:
    resident = town.resident()
    order = ordering.place(actor=resident, **wish(town))
    ordering.send_back(order.id, "请写明医院", actor=town.coordinator())
    return Scene(resident, {"order": order.id})


def own_late(town: World) -> Scene:
    resident = town.resident()
    assignment = taken(town.open_order(resident), town.volunteer())
    clock.advance(assignment.starts_at - clock.now())
    return Scene(resident, {"order": assignment.order_id})


def own_served(town: World) -> Scene:
    resident = town.resident()
    return Scene(resident, {"order": served(town.open_order(resident), town.volunteer()).order_id})


def disputed(town: World) -> Scene:
    resident = town.resident()
    assignment = served(town.open_order(resident), town.volunteer())
    rating.dispute(assignment.order_id, "没有做完", actor=resident)
    return Scene(town.coordinator(), {"order": assignment.order_id})


def asked(town: World) -> Scene:
    return Scene(town.coordinator(), {"offer": offered(town.open_order(), town.volunteer()).id})


def promised(town: World) -> Scene:
    volunteer = town.volunteer()
    return Scene(volunteer, {"visit": taken(town.open_order(), volunteer).id})


def expected(town: World) -> Scene:
    assignment = taken(town.open_order(), town.volunteer())
    clock.advance(assignment.starts_at - clock.now())
    return Scene(town.coordinator(), {"visit": assignment.id})


def at_work(town: World) -> Scene:
    assignment = arrived(town.open_order(), town.volunteer())
    advance(hours=1)
    return Scene(town.coordinator(), {"visit": assignment.id})


def done(town: World) -> Scene:
    """A visit that rests on the volunteer's word alone, so that its hours wait for somebody."""
    volunteer = town.volunteer()
    assignment = served(town.open_order(), volunteer, code=None)
    entry = db.session.scalars(select(HoursEntry).filter_by(assignment_id=assignment.id)).one()
    return Scene(town.coordinator(), {"visit": assignment.id, "hours": entry.id})


def doubted(town: World) -> Scene:
    volunteer = town.volunteer()
    assignment = served(town.open_order(), volunteer)
    row = rating.question(assignment.id, "时长不对", actor=volunteer)
    return Scene(town.coordinator(), {"follow_up": row.id})


def own_done(town: World) -> Scene:
    volunteer = town.volunteer()
    return Scene(volunteer, {"visit": served(town.open_order(), volunteer).id})


def unknown(town: World) -> Scene:
    """A volunteer whom nobody has met yet."""
    volunteer = town.volunteer()
    not_met(volunteer)
    return Scene(town.coordinator(), {"person": str(volunteer.volunteer_id)})


@command
def not_met(volunteer: Actor) -> None:
    db.session.get_one(Volunteer, volunteer.volunteer_id).is_verified = False


REASON, HOURS = {"reason": "家里有事"}, {"minutes": 30, "reason": "提前走了"}
DESK, VISIT = "/desk/orders/{order}", "/desk/assignments/{visit}"
#: scene, what is sent, the door for programs, the page's door ("" where there is none)
DOORS: dict[str, tuple[Callable[[World], Scene], dict[str, Any], str, str]] = {
    "approve": (submitted, {}, "orders/{order}/approval", f"{DESK}/approval"),
    "send back": (submitted, REASON, "orders/{order}/return", f"{DESK}/return"),
    "reject": (submitted, REASON, "orders/{order}/rejection", f"{DESK}/rejection"),
    "merge": (beside_another, {}, "orders/{order}/merge", f"{DESK}/merge"),
    "transfer": (not_ours, REASON, "orders/{order}/transfer", f"{DESK}/transfer"),
    "receive": (transferred, {}, "orders/{order}/reception", f"{DESK}/reception"),
    "classify": (submitted, {"item": "errand"}, "orders/{order}/classification", f"{DESK}/classification"),
    "note": (opened, {"words": "打过电话"}, "orders/{order}/notes", f"{DESK}/note"),
    "extend": (opened, {"minutes": 30}, "", f"{DESK}/extension"),
    "cancel at the desk": (opened, REASON, "orders/{order}/cancellation", f"{DESK}/cancellation"),
    "cancel": (own, {"reason": "填错了"}, "orders/{order}/cancellation", "/orders/{order}/cancellation"),
    "amend": (own_returned, {"words": "市一医院", "day": ""}, "", "/orders/{order}/amendment"),
    "ask after": (own_late, {}, "", "/orders/{order}/question"),
    "reopen": (own_served, REASON, "orders/{order}/reopening", "/orders/{order}/reopening"),
    "dispute": (own_served, REASON, "orders/{order}/dispute", "/orders/{order}/dispute"),
    "resolve": (disputed, {"resolution": "谈过了"}, "orders/{order}/dispute/resolution", f"{DESK}/resolution"),
    "offer by hand": (opened, {}, "orders/{order}/offers", f"{DESK}/offers"),
    "redispatch": (opened, {}, "orders/{order}/redispatch", f"{DESK}/redispatch"),
    "escalate": (opened, {}, "orders/{order}/escalation", f"{DESK}/escalation"),
    "withdraw": (asked, {}, "offers/{offer}/withdrawal", "/desk/offers/{offer}/withdrawal"),
    "hand back": (promised, REASON, "assignments/{visit}/handback", "/tasks/{visit}/handback"),
    "take off": (expected, REASON, "assignments/{visit}/cancellation", f"{VISIT}/cancellation"),
    "vouch for an arrival": (expected, {}, "assignments/{visit}/vouched-check-in", f"{VISIT}/check-in"),
    "vouch for an end": (at_work, {}, "assignments/{visit}/vouched-check-out", f"{VISIT}/check-out"),
    "miss": (expected, {}, "assignments/{visit}/no-show", f"{VISIT}/no-show"),
    "question": (own_done, REASON, "assignments/{visit}/question", "/tasks/{visit}/question"),
    "enter hours": (done, HOURS, "assignments/{visit}/hours", f"{VISIT}/hours"),
    "correct hours": (done, HOURS, "", "/desk/hours/{hours}/correction"),
    "approve hours": (done, {}, "hours/{hours}/approval", "/desk/hours/{hours}/approval"),
    "refuse hours": (done, {}, "hours/{hours}/refusal", "/desk/hours/{hours}/refusal"),
    "follow up": (
        doubted, {"resolution": "已更正"}, "follow-ups/{follow_up}/resolution",
        "/desk/follow-ups/{follow_up}/resolution",
    ),
    "verify": (unknown, {}, "", "/desk/people/{person}/verification"),
}  # fmt: skip


def counts() -> dict[str, int]:
    db.session.rollback()
    return {table.__tablename__: db.session.scalar(select(func.count()).select_from(table)) for table in COUNTED}


def sent_twice(send: Callable[[str], Any]) -> tuple[Any, Any]:
    """Both answers, after making sure that the first had an effect and the second none."""
    before = counts()
    first = send("k-1")
    between = counts()
    second = send("k-1")
    assert first.status_code < 400, first.text[:400]
    assert between["event"] > before["event"] and between["idempotency_key"] == before["idempotency_key"] + 1
    assert counts() == between
    return first, second


@pytest.mark.parametrize("name", DOORS)
def test_a_request_repeated_has_one_effect_and_one_answer(town, site, name):
    make, body, door, page = DOORS[name]
    if door:
        scene = make(town)
        program, path = town.program(site, scene.who), f"/api/v1/{door.format(**scene.ids)}"
        first, second = sent_twice(lambda key: _asked(program, path, fitting(name, scene, body), key))
        assert (second.status_code, second.json) == (first.status_code, first.json)
    scene = make(town)
    browser, path = town.browser(site, scene.who), page.format(**scene.ids)
    first, second = sent_twice(lambda key: post(browser, path, _key=key, **fitting(name, scene, body)))
    assert (second.status_code, second.location) == (303, first.location)


def fitting(name: str, scene: Scene, body: dict[str, Any]) -> dict[str, Any]:
    """The body; only an offer by hand says whom it asks."""
    more = {key: value for key, value in scene.body.items() if key != "volunteer_id" or name == "offer by hand"}
    return {**body, **more}


def _asked(program: Any, path: str, body: dict[str, Any], key: str) -> Any:
    return program.post(path, json=body, headers={"Idempotency-Key": key})


def test_the_same_key_for_another_step_is_refused(town, site):
    scene = submitted(town)
    program = town.program(site, scene.who)
    assert _asked(program, f"/api/v1/orders/{scene.ids['order']}/notes", {"words": "打过电话"}, "k").status_code == 200
    for path, body in (("notes", {"words": "没人接"}), ("approval", {})):
        refused = _asked(program, f"/api/v1/orders/{scene.ids['order']}/{path}", body, "k")
        assert (refused.status_code, refused.json["code"]) == (422, "idempotency_key_reused")


def test_a_step_that_was_refused_may_be_tried_again_with_its_key(town, site):
    scene = opened(town)
    program, path = town.program(site, scene.who), f"/api/v1/orders/{scene.ids['order']}/reception"
    assert _asked(program, path, {}, "k").json["code"] == "wrong_state"
    put(db.session.get(Order, scene.ids["order"]), status="transferred")
    assert _asked(program, path, {}, "k").json["status"] == "submitted"
