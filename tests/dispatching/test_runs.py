"""A run from the open order to the offer."""

from __future__ import annotations

from app.dispatching import service
from models import Offer, db


def test_an_open_order_is_offered_to_somebody_who_fits_within_one_run(world):
    volunteer = world.volunteer()
    order = world.open_order()

    run = service.run_once(cause="order.approve")

    offer = db.session.query(Offer).one()
    assert (offer.order_id, offer.volunteer_id, offer.status) == (order.id, volunteer.volunteer_id, "sent")
    assert (run.status, run.counts["offered"], run.degraded) == ("applied", 1, "")
    assert offer.order.status == "offering"
