"""The answer model of a city: learnt every night from its own offers, a prior until there is enough to learn from."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from app.dispatching.alerts import ANSWERS
from app.dispatching.hours import seconds
from app.kernel import locks
from app.kernel.access import SYSTEM, Actor
from app.kernel.clock import local, now
from app.kernel.journal import record
from app.kernel.transaction import command
from dispatch.offering import AnswerModel as Model
from dispatch.offering import Fitted, Offered, Prior
from models import AnswerModel, Offer, Office, Order, db
from models.kinds import EventKind
from models.states import OfferStatus

log = logging.getLogger(__name__)
WINDOW = timedelta(days=120)
"""What is older says little about today."""
MOST = 50_000
"""The newest offers learnt from."""
LEARNS_AT = 3
"""The local hour from which on the night's learning is due."""
ASSUMED = round(100 * Prior().mean)
"""The chance of a yes (percent) that is taken before anything has been learnt."""
_known: dict[str, Model] = {}


def model_of(orders: list[Order]) -> Model:
    """The model that holds for these orders, all of one city."""
    return of_city(orders[0].office.lineage[0])[0] if orders else Prior()


def of_city(city_id: str) -> tuple[Model, int]:
    """The city's model in use with its version; the prior, version 0, where none is."""
    row = in_use(city_id)
    if row is None:
        return Prior(), 0
    if row.id not in _known:
        try:
            _known[row.id] = Fitted.from_dict(row.document)
        except (ValueError, KeyError, TypeError) as error:
            log.warning("answer model %s cannot be read: %s", row.id, error)
            return Prior(), 0
    return _known[row.id], row.version


def version_of(city_id: str, version: int) -> Model:
    """The model that a city used under this version; 0 is the prior. LookupError when it is not kept."""
    if not version:
        return Prior()
    row = db.session.scalar(select(AnswerModel).filter_by(office_id=city_id, version=version))
    if row is None:
        raise LookupError(f"answer model {version} of {city_id} is not kept")
    return Fitted.from_dict(row.document)


def in_use(city_id: str) -> AnswerModel | None:
    return db.session.scalar(select(AnswerModel).filter_by(office_id=city_id, in_use=True))


def answer_models(city_id: str, most: int = 14) -> tuple[AnswerModel | None, list[AnswerModel]]:
    """The city's model in use, and the latest ones, the newest first."""
    rows = select(AnswerModel).filter_by(office_id=city_id).order_by(AnswerModel.version.desc())
    return in_use(city_id), list(db.session.scalars(rows.limit(most)))


def learn_where_due() -> None:
    """Once a night for every city; one that fails is tried again by the next look, an hour later."""
    moment = now()
    if local(moment).hour < LEARNS_AT:
        return
    for city_id in list(db.session.scalars(select(Office.id).where(Office.parent_id.is_(None)))):
        last = db.session.scalar(select(func.max(AnswerModel.fitted_at)).where(AnswerModel.office_id == city_id))
        db.session.rollback()
        if last is not None and local(last).date() == local(moment).date():
            continue
        try:
            learn(city_id)
        except Exception:
            db.session.rollback()
            log.exception("the answer model of %s was not learnt", city_id)


def learn(city_id: str, *, actor: Actor = SYSTEM) -> AnswerModel | str:
    """Fit a model of this city's offers and use it; gives in words why not, where there is too little to learn from.

    A model that foresees worse than one chance for everybody is kept for the record and not used.
    """
    from dispatch.offering import fitting

    outcomes = outcomes_of(city_id, now())
    db.session.rollback()  # nobody holds a transaction while the model is fitted
    try:
        found = fitting.fit(outcomes)
    except fitting.TooLittle as error:
        return str(error)
    return store(city_id, found, actor=actor)


@command
def store(city_id: str, found: Fitted, *, actor: Actor) -> AnswerModel:
    """Keep a fitted model as the city's next version, in use unless it does worse than a constant."""
    office = locks.locked(Office, city_id)
    judged = found.calibration or {}
    brier, constant = judged.get("brier"), judged.get("constant")
    version = (db.session.scalar(select(func.max(AnswerModel.version)).filter_by(office_id=city_id)) or 0) + 1
    is_good = brier is not None and constant is not None and brier <= constant
    if is_good:
        db.session.execute(update(AnswerModel).where(AnswerModel.office_id == city_id).values(in_use=False))
    row = AnswerModel(
        office_id=city_id, version=version, rows=found.rows, document=found.to_dict(), brier=brier, constant=constant,
        window_from=_moment(found.window[0]), window_until=_moment(found.window[1]), fitted_at=now(), in_use=is_good,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    record(office, EventKind.ANSWERS_LEARNT, actor=actor, version=version, rows=found.rows, in_use=is_good)
    return row


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def outcomes_of(city_id: str, moment: datetime) -> list[Any]:
    """The city's offers within the window that kept what was known of them, as the fit reads them."""
    from dispatch.offering.fitting import Outcome

    path = f"/{city_id}/"
    columns = (Offer.features, Offer.sent_at, Offer.status, Offer.answered_at, Offer.expires_at)
    rows = (
        select(*columns)
        .join(Order, Order.id == Offer.order_id)
        .join(Office, Office.id == Order.office_id)
        .where(Office.path.startswith(path, autoescape=True), Offer.sent_at >= moment - WINDOW)
        .where(Offer.features.is_not(None), Offer.held_until.is_(None))
        .order_by(Offer.sent_at.desc())
        .limit(MOST)
    )
    found = []
    for features, sent_at, status, answered_at, expires_at in db.session.execute(rows):
        if not features:
            continue
        limit = (expires_at - sent_at).total_seconds() / 60
        ended = answered_at or (expires_at if status == OfferStatus.EXPIRED else moment)
        minutes = max(0.0, (ended - sent_at).total_seconds() / 60)
        found.append(Outcome(Offered(**features), seconds(sent_at), ANSWERS[OfferStatus(status)], minutes, limit))
    return found
