"""What if: a coordinator's question about their office's own recent weeks, played by the simulator in the background.

It runs in a process of its own (supposing_child.py), one at a time for an office and a few altogether, with bounds on
what is played and for how long, so that no page has to wait for it.
"""

from __future__ import annotations

import json
import logging
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, cast

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select, update

from app.config import ROOT
from app.dispatching.planning import in_background
from app.kernel.access import Actor, require
from app.kernel.clock import now
from app.kernel.errors import Invalid, NotFound, WrongState
from app.kernel.idempotency import once
from app.kernel.journal import Notice, record
from app.kernel.settings import setting
from app.kernel.transaction import announce, command
from models import Office, Order, Volunteer, WhatIf, db
from models.kinds import EventKind

log = logging.getLogger(__name__)
CHILD = Path(__file__).with_name("supposing_child.py")
SEEDS = 20
LEAST_ORDERS, MOST_ORDERS, MOST_PEOPLE = 10, 600, 600
AT_ONCE = 2
"""Questions under way of all offices together."""
KEPT = 20
"""An office's newest questions; older ones are forgotten."""
GRACE = timedelta(seconds=60)
"""For reading the weeks and starting the process, beside the playing."""
TOLD_EVERY = 2.0
TOO_LONG, NOBODY, FAILED, LEFT = "too_long", "nobody", "failed", "left"
"""What a question came to that got no answer; LEFT: its process died."""


class Overdue(Exception):
    """The playing process did not keep to its time."""


def suppose(office_id: str, question: dict[str, Any], *, actor: Actor, key: str | None = None) -> WhatIf:
    """Have a question answered in the background: `question` as schemas.WhatIfAsked gives it.

    Raises Invalid where the office's weeks hold too little or too much, WrongState while too much is under way.
    """
    row_id, again = ask(office_id, question, actor=actor, key=key)
    if not again:
        in_background(work_out, row_id, actor)
    return db.session.get_one(WhatIf, row_id, populate_existing=True)


@command
def ask(office_id: str, question: dict[str, Any], *, actor: Actor, key: str | None) -> tuple[str, bool]:
    """The id of the question's row, and whether the same key had asked before."""
    office = db.session.get(Office, office_id)
    if office is None:
        raise NotFound()
    require(actor, "dispatch.steer", office)
    return once(key, actor, "suppose", [office_id, question], lambda: _begin(office, question, actor).id)


def _begin(office: Office, question: dict[str, Any], actor: Actor) -> WhatIf:
    refuse_unplayable(*size_of(office, int(question["weeks"])))
    left = WhatIf.office_id == office.id, WhatIf.ended_at.is_(None), WhatIf.lease_until <= now()
    db.session.execute(update(WhatIf).where(*left).values(ended_at=now(), error=LEFT))
    busy = select(WhatIf.office_id).where(WhatIf.ended_at.is_(None), WhatIf.lease_until > now())
    offices = list(db.session.scalars(busy))
    if office.id in offices:
        raise WrongState(_l("这个站点正在算上一个问题，请等它算完。"))
    if len(offices) >= AT_ONCE:
        raise WrongState(_l("别的站点正在算，请过一两分钟再试。"))
    row = WhatIf(
        office_id=office.id, question=_with_today(office, question), asked_at=now(), seeds=SEEDS, played=0,
        lease_until=now() + timedelta(seconds=seconds_of(office)) + GRACE,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _forget_old(office)
    record(row, EventKind.WHAT_IF, actor=actor, question=question["kind"])
    return row


def _with_today(office: Office, question: dict[str, Any]) -> dict[str, Any]:
    """The question, and how long offers stand today where it is about that."""
    urgency = question.get("urgency")
    return {**question, "was": setting(office, "answer_minutes")[urgency]} if question["kind"] == "answer" else question


def seconds_of(office: Office) -> int:
    """How long the simulator may play for a question of this office."""
    return int(setting(office, "what_if_seconds"))


def refuse_unplayable(orders: int, people: int) -> None:
    """Raise Invalid, with the words for the field to change, where so much says nothing or takes too long."""
    if orders < LEAST_ORDERS:
        words = ngettext(
            "这几周只有 %(num)s 张单子，至少要 %(least)s 张，不然只是碰运气。可以多选几周，或选上面一级的站点。",
            "这几周只有 %(num)s 张单子，至少要 %(least)s 张，不然只是碰运气。可以多选几周，或选上面一级的站点。",
            orders, least=LEAST_ORDERS,
        )  # fmt: skip
        raise Invalid({"weeks": [words]})
    if not people:
        raise Invalid({"office": [_l("这个站点还没有志愿者，没法试算。")]})
    if orders > MOST_ORDERS:
        raise Invalid(
            {"weeks": [_l("单子太多（超过 %(most)s 张），请少选几周，或选一个小一点的站点。", most=MOST_ORDERS)]}
        )
    if people > MOST_PEOPLE:
        raise Invalid({"office": [_l("志愿者太多（超过 %(most)s 位），请选一个小一点的站点。", most=MOST_PEOPLE)]})


def size_of(office: Office, weeks: int) -> tuple[int, int]:
    """How many orders opened there in the last weeks, and how many volunteers it has."""
    below = Office.path.startswith(office.path, autoescape=True)
    orders = select(func.count(Order.id)).join(Office, Office.id == Order.office_id)
    orders = orders.where(below, Order.opened_at >= now() - timedelta(weeks=weeks), Order.opened_at < now())
    people = select(func.count(Volunteer.id)).join(Office, Office.id == Volunteer.office_id)
    return db.session.scalar(orders) or 0, db.session.scalar(people.where(below, ~Volunteer.is_paused)) or 0


def _forget_old(office: Office) -> None:
    rows = select(WhatIf).where(WhatIf.office_id == office.id, WhatIf.ended_at.is_not(None))
    for row in db.session.scalars(rows.order_by(WhatIf.asked_at.desc()).offset(KEPT)):
        db.session.delete(row)


def work_out(row_id: str, actor: Actor) -> None:
    """Read the weeks, play them, keep the answer. Whatever goes wrong is written into the row."""
    from app.dispatching import simulating  # what it brings along is nobody's business while serving
    from dispatch.simulate.whatif import TooLong, WhatIfError

    try:
        row = db.session.get_one(WhatIf, row_id)
        office = db.session.get_one(Office, row.office_id)
        seconds = seconds_of(office)
        weeks, question = simulating.posed(office, row.question)
        db.session.rollback()  # nobody holds a transaction while the simulator plays
        found = played(pickle.dumps((weeks, question, SEEDS, seconds)), seconds, _teller(row_id, actor))
        end(row_id, actor=actor, answer={**found, "orders": len(weeks.orders), "people": len(weeks.volunteers),
                                         "share": weeks.acceptance, "is_learnt": weeks.model is not None})  # fmt: skip
    except (TooLong, Overdue):
        end(row_id, actor=actor, error=TOO_LONG)
    except WhatIfError:
        end(row_id, actor=actor, error=NOBODY)
    except Exception:
        db.session.rollback()
        log.exception("what-if %s failed", row_id)
        end(row_id, actor=actor, error=FAILED)


def _teller(row_id: str, actor: Actor) -> Callable[[int], None]:
    """Writes down how far the playing is, not at every seed."""
    last = [time.monotonic()]

    def told(played: int) -> None:
        if time.monotonic() - last[0] >= TOLD_EVERY:
            last[0] = time.monotonic()
            progress(row_id, played, actor=actor)

    return told


@command
def progress(row_id: str, played: int, *, actor: Actor) -> None:
    """Tell whoever asked how far it is."""
    rows = update(WhatIf).where(WhatIf.id == row_id, WhatIf.ended_at.is_(None))
    db.session.execute(rows.values(played=played))
    _announce(row_id, f"account:{actor.account_id}")


@command
def end(row_id: str, *, actor: Actor, answer: dict[str, Any] | None = None, error: str = "") -> None:
    """Keep what came of it; harmless when the row was closed or forgotten meanwhile."""
    rows = update(WhatIf).where(WhatIf.id == row_id, WhatIf.ended_at.is_(None))
    db.session.execute(rows.values(answer=answer, error=error, ended_at=now()))
    office_id = db.session.scalar(select(WhatIf.office_id).where(WhatIf.id == row_id))
    _announce(row_id, f"account:{actor.account_id}", f"office:{office_id}")


def _announce(row_id: str, *topics: str) -> None:
    moment = int(now().timestamp() * 1000)
    announce(Notice(EventKind.WHAT_IF, tuple((topic, moment) for topic in topics), "what_if", row_id, None))


def played(parcel: bytes, seconds: float, told: Callable[[int], None]) -> dict[str, Any]:
    """The simulator's answer; in this process where the solver works inline (tests)."""
    from app.dispatching import supposing_child

    if current_app.config["LINLI"].solver == "inline":
        return supposing_child.answer(parcel, told)
    command_line = [sys.executable, str(CHILD), str(ROOT)]
    with subprocess.Popen(command_line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        patience = seconds + GRACE.total_seconds() / 2
        begun, alarm = time.monotonic(), threading.Timer(patience, child.kill)
        alarm.start()
        try:
            return _listen(child, parcel, told)
        except (EOFError, BrokenPipeError):
            if time.monotonic() - begun >= patience:
                raise Overdue from None
            raise
        finally:
            alarm.cancel()
            child.kill()


def _listen(child: subprocess.Popen[bytes], parcel: bytes, told: Callable[[int], None]) -> dict[str, Any]:
    from dispatch.simulate.whatif import TooLong, WhatIfError

    asked, answers = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)
    asked.write(parcel)
    asked.close()
    for line in answers:
        said: dict[str, Any] = json.loads(line)
        if "played" in said:
            told(said["played"])
        elif "error" in said:
            raise {TOO_LONG: TooLong, NOBODY: WhatIfError}.get(said["error"], RuntimeError)(said["words"])
        else:
            return dict(said["answer"])
    raise EOFError("the program ended without an answer")
