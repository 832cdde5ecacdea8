"""Steps of the tests about signing in: people with a password, forms with their token."""

from app.people import service
from app.people.identity import actor_of
from app.people.passwords import hash_password
from app.people.phones import find_account
from models import Account, db
from tests.factories import csrf_of

PASSWORD = "a sentence to remember"
PHONE = "+8613800000001"
HASHED = hash_password(PASSWORD)


def sign_up(world, **more):
    """Somebody who registers by themselves; their actor."""
    fields = {"role": "resident", "name": "王奶奶", "phone": PHONE, "password": PASSWORD, "consent": True}
    service.sign_up(**({**fields, "office_id": world.ids["station"]} | more))
    return actor_of(find_account((fields | more)["phone"]).id)


def with_password(actor):
    """The same person of the small world, now with PASSWORD; gives back their number."""
    from app.kernel.transaction import command

    def set_it():
        db.session.get(Account, actor.account_id).password_hash = HASHED

    command(set_it)()
    return db.session.get(Account, actor.account_id).phone


def send(browser, page, target=None, **form):
    """Post a form of a page with its token."""
    token = csrf_of(browser.get(page).get_data(as_text=True))
    return browser.post(target or page, data={"csrf_token": token, **form})


def enter(browser, phone, password=PASSWORD, **more):
    return send(browser, "/sign-in", phone=phone, password=password, **more)


def ask_token(site, phone, password=PASSWORD, **more):
    """What /api/v1/session answers a program."""
    return site.test_client().post("/api/v1/session", json={"phone": phone, "password": password, **more})
