"""The second half of one order's past: accepted, served, rated, closed, by the real verbs of every step."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.demo import phrases
from app.demo.asked import Asked
from app.demo.crew import Pick
from app.demo.shapes import moved
from app.demo.world import Helper
from app.rating import service as rating
from app.serving import service as serving
from models import Assignment, FollowUp, HoursEntry, Offer, db
from models.kinds import Outcome


class Tale(Asked):
    """The whole life of an order."""

    # ---------- 接单 ----------

    def accept(self, offer: Offer, pick: Pick, moment: datetime) -> None:
        with self.at(moment):
            assignment = serving.accept(offer.id, actor=pick.helper.actor)
        self.assignments.append((assignment, pick.helper))
        self.crew.book(pick.helper, self.plan.span)

    def hand_back(self, moment: datetime) -> None:
        """The last volunteer can't come after all and says so in time."""
        assignment, helper = self.assignments.pop()
        with self.at(moment):
            serving.hand_back(assignment.id, self.random.choice(phrases.HAND_BACKS), actor=helper.actor)

    def miss(self, moment: datetime) -> None:
        """The volunteers did not come and did not say so."""
        with self.at(moment):
            for assignment, _ in self.assignments:
                serving.mark_no_show(assignment.id, actor=self.desk)

    def depart(self, assignment: Assignment, helper: Helper, moment: datetime) -> None:
        with self.at(moment):
            serving.depart(assignment.id, actor=helper.actor)

    def check_in(self, assignment: Assignment, helper: Helper, moment: datetime) -> None:
        """By the resident's code mostly, by the place sometimes, now and then by the desk's word."""
        (how,) = self.random.choices(("code", "place", "desk"), (70, 24, 6))
        with self.at(moment):
            if how == "desk":
                serving.vouch_check_in(assignment.id, actor=self.desk)
            elif how == "place":
                lon, lat = moved((self.order.lon, self.order.lat), self.random.uniform(5, 120), 1.0)
                accuracy = self.random.uniform(6, 45)
                serving.check_in(assignment.id, actor=helper.actor, lat=lat, lon=lon, accuracy=accuracy)
            else:
                serving.check_in(assignment.id, actor=helper.actor, code=self.order.start_code)

    def check_out(self, assignment: Assignment, helper: Helper, moment: datetime) -> None:
        with self.at(moment):
            serving.check_out(assignment.id, actor=helper.actor)

    # ---------- 评单 ----------

    def approve_hours(self, moment: datetime) -> None:
        """Hours that rest on the desk's word are looked at by somebody of the centre."""
        ours = [assignment.id for assignment, _ in self.assignments]
        waiting = select(HoursEntry.id).where(HoursEntry.assignment_id.in_(ours), HoursEntry.status == "pending")
        for entry_id in db.session.scalars(waiting).all():
            with self.at(moment):
                rating.approve_hours(entry_id, actor=self.above)

    def ask_for_rating(self, moment: datetime) -> None:
        with self.at(moment):
            rating.ask(self.order.id)

    def rate(self, stars: int, moment: datetime) -> None:
        """The resident's word; a bad one is followed up, any other closes the order."""
        words = {3: phrases.GOOD_WORDS, 2: phrases.FAIR_WORDS, 1: phrases.BAD_WORDS}[stars]
        tags = phrases.BAD_TAGS if stars == 1 else phrases.GOOD_TAGS
        with self.at(moment):
            rating.rate(
                self.order.id,
                actor=self.requester,
                stars=stars,
                outcome=Outcome.HALF_DONE if stars == 1 else Outcome.DONE,
                tags=sorted(self.random.sample(tags, 2 if stars == 3 else 1)),
                words=self.random.choice(words),
            )

    def volunteers_word(self, assignment: Assignment, helper: Helper, moment: datetime) -> None:
        with self.at(moment):
            words = self.random.choice(phrases.VOLUNTEER_WORDS)
            rating.speak(assignment.id, actor=helper.actor, stars=3, words=words)

    def follow_up(self, moment: datetime) -> None:
        """The desk calls, and writes down what came of it; with that the order closes."""
        for follow_up_id in db.session.scalars(select(FollowUp.id).filter_by(order_id=self.order.id)).all():
            with self.at(moment):
                resolution = self.random.choice(phrases.RESOLUTIONS)
                rating.resolve_follow_up(follow_up_id, resolution, actor=self.desk)

    def close_unrated(self, moment: datetime) -> None:
        with self.at(moment):
            rating.auto_close(self.order.id)

    def reopen(self, moment: datetime) -> None:
        with self.at(moment):
            rating.reopen(self.order.id, self.random.choice(phrases.REOPENS), actor=self.requester)

    def dispute(self, moment: datetime) -> None:
        with self.at(moment):
            rating.dispute(self.order.id, self.random.choice(phrases.DISPUTES), actor=self.requester)
