"""TRAP-7: an open socket knows nothing by itself. Whatever ends a session ends its sockets, within one round."""

import pytest
from sqlalchemy import delete

from app.extensions import socketio
from app.kernel.transaction import command
from app.live import held, sockets, watchman
from app.people import safety, service, sessions
from models import Account, AuthSession, RoleGrant, db
from models.kinds import Role
from tests.factories import advance
from tests.live.test_watching import heard, listener, offer, watch


def one_round():
    """What the watchman does every second, and then every minute."""
    sockets.close_ended()
    sockets.check_topics(0)


def _signed_out(town, actor):
    _execute(delete(AuthSession).where(AuthSession.account_id == actor.account_id))


def _run_out(town, actor):
    advance(minutes=31)


def _role_taken(town, actor):
    [grant] = db.session.get(Account, actor.account_id).grants
    service.revoke_role(grant.id, actor=town.administrator())


def _role_given(town, actor):
    service.grant_role(str(actor.account_id), Role.SUPERVISOR, town.ids["far"], actor=town.administrator())


def _closed(town, actor):
    safety.set_active(str(actor.account_id), False, actor=town.administrator())


def _new_password(town, actor):
    safety.change_password("quite another sentence", actor=actor, session_id=None)


def _execute(statement):
    command(lambda: db.session.execute(statement))()


@pytest.mark.parametrize("change", [_signed_out, _run_out, _role_taken, _role_given, _closed, _new_password])
def test_a_revoked_session_hears_nothing_more(town, site, change):
    order_id, volunteer = town.open_order().id, town.volunteer()
    desk = town.coordinator()
    client, witness = listener(site, desk), listener(site, volunteer)
    assert watch(client, f"order:{order_id}")["watching"]
    assert watch(witness, f"volunteer:{volunteer.volunteer_id}")["watching"]
    client.get_received()
    change(town, desk)
    sockets.close_ended()
    assert not client.is_connected()
    offer(order_id, volunteer)
    assert heard(witness), "something was said, or the silence would prove nothing"
    assert str(desk.account_id) not in {one.account_id for _, one in sockets.held.all()}


def test_a_change_by_this_process_closes_the_socket_without_waiting_for_the_round(town, site):
    actor = town.volunteer()
    client = listener(site, actor)
    _closed(town, actor)
    assert not client.is_connected()


def test_a_round_every_second_leaves_time_enough():
    assert watchman.EVERY_SECONDS <= 1 and watchman.TOPICS_SECONDS <= 60


def test_what_may_no_longer_be_watched_is_left_within_a_minute(town, site):
    """A right that is lost without the session: here by a row that vanishes, as a step of another order would do."""
    order_id, volunteer = town.open_order().id, town.volunteer()
    desk = town.coordinator()
    client = listener(site, desk)
    watch(client, f"order:{order_id}", f"account:{desk.account_id}")
    _execute(delete(RoleGrant).where(RoleGrant.account_id == desk.account_id))
    sockets.check_topics(60)
    assert len(_watched(desk)) == 2, "asked less than a minute ago"
    one_round()
    assert client.is_connected()
    assert _watched(desk) == {f"account:{desk.account_id}"}
    offer(order_id, volunteer)
    assert heard(client) == []


def _watched(actor):
    [found] = [one.watching for _, one in sockets.held.all() if one.account_id == actor.account_id]
    return found


def test_the_round_closes_nobody_who_is_still_signed_in(town, site):
    clients = [listener(site, town.coordinator()), listener(site, town.resident())]
    one_round()
    assert all(client.is_connected() for client in clients)


def test_a_person_may_say_a_hundred_things_a_minute_over_all_their_sockets():
    crowd = held.Held()
    assert [crowd.may_speak("a", 0.0) for _ in range(101)] == [True] * 100 + [False]
    assert crowd.may_speak("b", 0.0)
    assert not crowd.may_speak("a", 59.0)
    assert crowd.may_speak("a", 60.0)


def test_whoever_says_more_is_hung_up_on(town, site):
    client = listener(site, town.coordinator())
    for _time in range(101):
        client.emit("watch", {"topics": []})
    assert not client.is_connected()


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost.evil.example", "null"])
def test_a_socket_begun_on_another_site_is_refused(town, site, origin):
    token = sessions.issue(str(town.coordinator().account_id))
    status, body = _handshake(site, origin, token)
    assert status.startswith("400") and b"origin" in body[0]


def _handshake(site, origin, token):
    """The first request of a socket, as a browser on a page of `origin` would send it."""
    said = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/socket.io/", "QUERY_STRING": "EIO=4&transport=websocket",
        "HTTP_UPGRADE": "websocket", "HTTP_HOST": "localhost", "HTTP_ORIGIN": origin, "HTTP_COOKIE": f"linli={token}",
        "wsgi.url_scheme": "http", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.input": None,
    }  # fmt: skip
    body = socketio.server.eio.handle_request(environ, lambda status, headers: said.append(status))
    return said[0], body
