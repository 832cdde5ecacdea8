"""Who hears what: a stranger nothing, a neighbouring office nothing, and nobody after signing out."""

from sqlalchemy import delete

from app.dispatching import service as dispatching
from app.extensions import socketio
from app.kernel.access import SYSTEM
from app.live import sockets
from app.live.topics import MOST_TOPICS
from app.people import sessions
from models import AuthSession, Order, Volunteer, db
from tests.serving.steps import offered


def listener(site, actor=None, *, token=None):
    """A socket that is signed in as this person, the way a program does it; None for a stranger without a token."""
    token = token or (sessions.issue(actor.account_id) if actor else None)
    return socketio.test_client(site, auth={"token": token} if token else None)


def watch(client, *topics):
    return client.emit("watch", {"topics": list(topics)}, callback=True)


def offer(order_id, volunteer):
    """Something happens to the order. (Each question of a socket ends its session, so the order is read anew.)"""
    offered(db.session.get(Order, order_id), volunteer)


def heard(client):
    return [message["args"][0] for message in client.get_received() if message["name"] == "changed"]


def test_those_concerned_hear_and_a_stranger_hears_nothing(town, site):
    resident, stranger = town.resident(), town.resident("陌生人")
    order_id, volunteer = town.open_order(resident).id, town.volunteer()
    topic = f"order:{order_id}"
    mine, desk, other = (listener(site, who) for who in (resident, town.coordinator(), stranger))
    assert watch(mine, topic) == {"watching": [topic], "refused": []}
    assert watch(desk, topic) == {"watching": [topic], "refused": []}
    assert watch(other, topic) == {"watching": [], "refused": [topic]}
    offer(order_id, volunteer)
    assert other.is_connected(), "the stranger is there, or the silence would prove nothing"
    assert heard(mine) and heard(desk)
    assert heard(other) == []


def test_events_say_that_something_changed_and_nothing_else(town, site):
    order_id = town.open_order(town.resident("王桂兰")).id
    desk = listener(site, town.coordinator())
    topics = (f"order:{order_id}", f"office:{town.ids['station']}")
    watch(desk, *topics)
    offer(order_id, town.volunteer("李晓梅"))
    events = heard(desk)
    assert {event["topic"] for event in events} == set(topics)
    assert all(set(event) == {"topic", "version"} and isinstance(event["version"], int) for event in events)
    db.session.expire_all()
    last = max(event["version"] for event in events if event["topic"] == topics[0])
    assert last == db.session.get(Order, order_id).version


def test_a_volunteer_hears_of_an_offer_and_only_of_their_own(town, site):
    order_id, first, second = town.open_order().id, town.volunteer("甲"), town.volunteer("乙")
    own, other = listener(site, first), listener(site, second)
    assert watch(own, f"volunteer:{first.volunteer_id}")["watching"]
    assert watch(other, f"volunteer:{first.volunteer_id}")["refused"]
    assert watch(other, f"volunteer:{second.volunteer_id}")["watching"]
    offer(order_id, first)
    assert heard(own) and not heard(other)


def test_the_office_next_door_is_refused_and_the_one_above_is_not(town, site):
    order = town.open_order()
    topics = (f"order:{order.id}", f"office:{town.ids['station']}")
    sibling = listener(site, town.coordinator(town.ids["neighbour"]))
    above = listener(site, town.supervisor(town.ids["west"]))
    assert watch(sibling, *topics) == {"watching": [], "refused": sorted(topics)}
    assert watch(above, *topics) == {"watching": sorted(topics), "refused": []}
    dispatching.escalate(order.id, actor=SYSTEM)
    assert not heard(sibling) and heard(above)


def test_a_board_does_not_watch_the_office_above_its_own(town, site):
    desk = listener(site, town.coordinator())
    assert watch(desk, f"office:{town.ids['west']}")["refused"]


def test_accounts_are_watched_by_themselves_alone(town, site):
    me, other = town.resident(), town.coordinator()
    assert watch(listener(site, me), f"account:{me.account_id}")["watching"]
    assert watch(listener(site, other), f"account:{me.account_id}")["refused"]


def test_nobody_connects_without_a_session(town, site):
    assert not listener(site).is_connected()
    assert not listener(site, token="made-up").is_connected()


def test_after_signing_out_the_open_socket_may_watch_nothing_more(town, site):
    actor, order_id = town.coordinator(), town.open_order().id
    client = listener(site, actor)
    topic = f"order:{order_id}"
    assert watch(client, topic)["watching"] == [topic]
    _sign_out(actor)
    assert watch(client, topic) == {"watching": [], "refused": [topic]}
    offer(order_id, town.volunteer())
    assert heard(client) == []


def test_a_role_taken_away_counts_at_the_next_question(town, site):
    from models import RoleGrant

    actor, order = town.coordinator(), town.open_order()
    client = listener(site, actor)
    assert watch(client, f"order:{order.id}")["watching"]
    _delete(delete(RoleGrant).where(RoleGrant.account_id == actor.account_id))
    assert watch(client, f"order:{order.id}")["refused"]


def test_signing_out_closes_the_socket(town, site):
    token = sessions.issue(town.coordinator().account_id)
    client = listener(site, token=token)
    assert client.is_connected()
    sockets.forget(token)
    assert not client.is_connected()


def test_bad_messages_are_ignored(town, site):
    client = listener(site, town.coordinator())
    nothing = {"watching": [], "refused": []}
    for message in (None, 7, "order:1", [], {}, {"topics": None}, {"topics": "order:1"}, {"topics": {"a": 1}},
                    {"topics": [None, 7, {}, []]}):  # fmt: skip
        assert client.emit("watch", message, callback=True) == nothing, message
    strange = ["", ":", "order:", ":x", "order:nowhere", "planet:1", "order:" + "x" * 500, "a:b:c"]
    answer = client.emit("watch", {"topics": strange}, callback=True)
    assert answer["watching"] == [] and set(answer["refused"]) == set(strange)
    client.emit("unheard-of", {"x": 1})
    assert client.is_connected()


def test_a_socket_watches_so_many_topics_and_no_more(town, site):
    actor = town.coordinator(town.ids["city"])
    wanted = [f"order:{town.open_order().id}" for _ in range(3)] * MOST_TOPICS
    answer = watch(listener(site, actor), *wanted, f"office:{town.ids['city']}")
    assert len(answer["watching"]) == 3


def test_asking_anew_leaves_what_is_no_longer_asked_for(town, site):
    first, second = town.open_order().id, town.open_order().id
    client = listener(site, town.coordinator())
    watch(client, f"order:{first}")
    watch(client, f"order:{second}")
    offer(first, town.volunteer())
    assert heard(client) == []
    offer(second, town.volunteer())
    assert {event["topic"] for event in heard(client)} == {f"order:{second}"}


def test_a_volunteers_own_change_is_heard_by_their_office(town, site):
    from app.people import service as people

    volunteer, desk = town.volunteer(), listener(site, town.coordinator())
    watch(desk, f"office:{town.ids['station']}", f"volunteer:{volunteer.volunteer_id}")
    people.set_duty(False, actor=volunteer)
    assert {event["topic"].split(":")[0] for event in heard(desk)} == {"office", "volunteer"}
    assert db.session.get(Volunteer, volunteer.volunteer_id).on_duty_until is None


def _sign_out(actor):
    _delete(delete(AuthSession).where(AuthSession.account_id == actor.account_id))


def _delete(statement):
    from app.kernel.transaction import command

    command(lambda: db.session.execute(statement))()
