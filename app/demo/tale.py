"""The second half of one order's past: acceptance, visit, rating, closing; and how any half may end early."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.demo import phrases
from app.demo.asked import Asked
from app.demo.crew import Pick
from app.demo.shapes import metres
from app.demo.world import Helper
from app.kernel import timers
from app.kernel.access import SYSTEM, Actor
from app.kernel.journal import record
from app.kernel.lifecycle import move
from app.kernel.settings import order_setting
from app.notices.service import tell, tell_desk, tell_resident
from models import Assignment, FollowUp, HoursEntry, Offer, Rating, Visit, db
from models.ids import new_id
from models.kinds import EventKind, Evidence, HoursKind, HoursStatus, NoticeKind, Outcome, Side
from models.states import OFFER_LIVE, AssignmentMove, AssignmentStatus, OfferMove, OrderMove, OrderStatus


class Tale(Asked):
    """The whole life of an order."""

    # ---------- 接单 ----------

    def accept(self, offer: Offer, pick: Pick, moment: datetime) -> None:
        helper = pick.helper
        with self.at(moment) as offer.answered_at:
            move(offer, OfferMove.ACCEPT, actor=helper.actor)
            assignment = Assignment(
                id=new_id(), order=self.order, order_id=self.order.id, volunteer_id=helper.id, offer_id=offer.id,
                position_id=self.order.positions[len(self.assignments)].id,
                starts_at=offer.starts_at, ends_at=offer.ends_at, accepted_at=self.moment,
            )  # fmt: skip
            self.assignments.append((assignment, helper))
            self.crew.book(helper, self.plan.span)
            db.session.add(assignment)
            db.session.flush()
            record(assignment, EventKind.ASSIGNMENT_MAKE, actor=helper.actor, after=assignment.status)
            if not self.free_positions:
                self.order.staffed_at = self.moment
                move(self.order, OrderMove.STAFF, actor=SYSTEM)
                tell_resident(self.order, NoticeKind.ORDER_STAFFED)
            else:
                self._wait_if_none_is_out()

    def hand_back(self, moment: datetime) -> None:
        """The last volunteer can't come after all and says so in time."""
        assignment, helper = self.assignments.pop()
        with self.at(moment) as assignment.ended_at:
            assignment.reason = self.random.choice(phrases.HAND_BACKS)
            move(assignment, AssignmentMove.HAND_BACK, actor=helper.actor, reason=assignment.reason)
            move(self.order, OrderMove.UNSTAFF, actor=SYSTEM)
            tell_resident(self.order, NoticeKind.VOLUNTEER_LEFT)

    def depart(self, assignment: Assignment, helper: Helper, moment: datetime) -> None:
        with self.at(moment):
            move(assignment, AssignmentMove.DEPART, actor=helper.actor)

    def check_in(self, assignment: Assignment, helper: Helper, moment: datetime) -> None:
        with self.at(moment) as began:
            evidence = self.random.choices(list(Evidence)[:3], (70, 24, 6))[0]
            by_place = evidence == Evidence.PLACE
            visit = Visit(
                id=new_id(), assignment=assignment, checked_in_at=began, check_in_evidence=evidence,
                check_in_distance_m=self.random.randint(4, 120) if by_place else None,
                check_in_accuracy_m=self.random.randint(5, 40) if by_place else None,
                check_in_by_id=self.desk.account_id if evidence == Evidence.COORDINATOR else helper.account_id,
            )  # fmt: skip
            db.session.add(visit)
            self.visits[assignment.id] = visit
            move(assignment, AssignmentMove.CHECK_IN, actor=helper.actor, evidence=evidence)
            if self.order.status != OrderStatus.SERVING:
                move(self.order, OrderMove.START, actor=helper.actor)

    def check_out(self, assignment: Assignment, helper: Helper, moment: datetime) -> None:
        with self.at(moment) as ended:
            visit = self.visits[assignment.id]
            visit.checked_out_at, assignment.ended_at = ended, ended
            visit.check_out_evidence, visit.check_out_by_id = visit.check_in_evidence, helper.account_id
            move(assignment, AssignmentMove.CHECK_OUT, actor=helper.actor)
            self._credit(assignment, helper, visit)
            if all(other.status == AssignmentStatus.CHECKED_OUT for other, _ in self.assignments):
                self.order.served_at = ended
                move(self.order, OrderMove.FINISH, actor=SYSTEM)

    def _credit(self, assignment: Assignment, helper: Helper, visit: Visit) -> None:
        served = (self.moment - visit.checked_in_at).total_seconds() / 60
        entry = HoursEntry(
            id=new_id(), volunteer_id=helper.id, assignment_id=assignment.id, kind=HoursKind.CREDIT,
            status=HoursStatus.APPROVED, minutes=round(min(served, self.order.duration_minutes * 1.25)),
            evidence=visit.check_in_evidence, created_at=self.moment, decided_at=self.moment,
        )  # fmt: skip
        db.session.add(entry)
        record(assignment, EventKind.HOURS_CREDIT, actor=SYSTEM, minutes=entry.minutes)
        tell(helper.account_id, NoticeKind.HOURS_CREDITED, order=self.order, minutes=entry.minutes)

    def miss(self, moment: datetime) -> None:
        """The volunteer did not come and did not say so."""
        with self.at(moment):
            for assignment, _ in self.assignments:
                assignment.ended_at = self.moment
                move(assignment, AssignmentMove.MISS, actor=self.desk)
            move(self.order, OrderMove.MISS, actor=self.desk)
            tell_desk(self.order.office, NoticeKind.FOLLOW_UP, order=self.order)

    # ---------- 评单 ----------

    def ask_for_rating(self, moment: datetime) -> None:
        with self.at(moment):
            self.order.rating_asks += 1
            record(self.order, EventKind.RATING_ASK, actor=SYSTEM, number=self.order.rating_asks)
            timers.reset(self.order)
            tell_resident(self.order, NoticeKind.RATING_ASKED)

    def rate(self, stars: int, moment: datetime) -> None:
        """The resident's word about every visit; a bad one opens a follow-up."""
        with self.at(moment):
            words = {3: phrases.GOOD_WORDS, 2: phrases.FAIR_WORDS, 1: phrases.BAD_WORDS}[stars]
            tags = phrases.BAD_TAGS if stars == 1 else phrases.GOOD_TAGS
            said = self.random.choice(words), sorted(self.random.sample(tags, 2 if stars == 3 else 1))
            for assignment, _ in self.assignments:
                outcome = Outcome.HALF_DONE if stars == 1 else Outcome.DONE
                self._word(assignment, Side.RESIDENT, stars, self.resident, *said, outcome)
                move(assignment, AssignmentMove.CONFIRM, actor=self.resident)
            record(self.order, EventKind.RATING_GIVE, actor=self.resident, stars=stars)
            move(self.order, OrderMove.RATE, actor=self.resident)
            if stars == 1:
                self._open_follow_up(said[0])

    def volunteers_word(self, assignment: Assignment, helper: Helper, moment: datetime) -> None:
        with self.at(moment):
            words = self.random.choice(phrases.VOLUNTEER_WORDS)
            self._word(assignment, Side.VOLUNTEER, 3, helper.actor, words, [], Outcome.DONE)
            record(assignment, EventKind.RATING_GIVE, actor=helper.actor, side=Side.VOLUNTEER)

    def _word(
        self,
        assignment: Assignment,
        side: Side,
        stars: int,
        author: Actor,
        words: str,
        tags: list[str],
        outcome: Outcome,
    ) -> None:
        db.session.add(
            Rating(
                id=new_id(), order_id=self.order.id, assignment_id=assignment.id, side=side, stars=stars,
                outcome=outcome, tags=tags, words=words, author_id=author.account_id, created_at=self.moment,
                visible_at=self.moment + timedelta(days=order_setting(self.order, "rating_hidden_days")),
            )
        )  # fmt: skip

    def _open_follow_up(self, words: str) -> None:
        follow_up = FollowUp(
            id=new_id(), order_id=self.order.id, office_id=self.order.office_id, cause="bad_rating", words=words,
            created_at=self.moment,
        )  # fmt: skip
        db.session.add(follow_up)
        record(self.order, EventKind.FOLLOW_UP_OPEN, actor=SYSTEM, cause=follow_up.cause)
        tell_desk(self.order.office, NoticeKind.FOLLOW_UP, order=self.order)

    def close(self, moment: datetime, rule: str) -> None:
        with self.at(moment) as self.order.closed_at:
            for assignment, _ in self.assignments:
                if assignment.status == AssignmentStatus.CHECKED_OUT:
                    move(assignment, AssignmentMove.CONFIRM, actor=SYSTEM)
            move(self.order, OrderMove.CLOSE, actor=SYSTEM, rule=rule)

    def reopen(self, moment: datetime, reason: str) -> None:
        with self.at(moment):
            move(self.order, OrderMove.REOPEN, actor=self.resident, reason=reason)

    def cancel(self, moment: datetime, reason: str) -> None:
        with self.at(moment):
            for offer, _ in self.offers:
                if offer.status in OFFER_LIVE:
                    move(offer, OfferMove.WITHDRAW, actor=SYSTEM)
            for assignment, helper in self.assignments:
                assignment.ended_at = self.moment
                move(assignment, AssignmentMove.CANCEL, actor=self.resident, reason=reason)
                tell(helper.account_id, NoticeKind.ORDER_CANCELLED, order=self.order)
            self.order.reason = reason
            self.order.closed_at = self.moment
            move(self.order, OrderMove.CANCEL, actor=self.resident, reason=reason)

    def hand_on(self, moment: datetime, reason: str) -> None:
        """To the station next door, which has not taken it in yet."""
        own = self.world.city.place(self.plan.neighbour.draft.station)
        others = [place for place in self.world.city.at("community") if place.code != own.code]
        target = self.world.offices[min(others, key=lambda place: metres(place.point, own.point)).code]
        with self.at(moment):
            self.order.reason = reason
            move(self.order, OrderMove.TRANSFER, actor=self.desk, office=target.name, reason=reason)
            self.order.office = target
            db.session.flush()
            record(self.order, EventKind.ORDER_AMEND, actor=self.desk, fields=["office"], came_from=own.name)
            tell_desk(target, NoticeKind.ESCALATED, order=self.order, cause="transferred")

    def merge_into(self, other: Tale, moment: datetime) -> None:
        """The other order, still alive, goes on for both."""
        with self.at(moment):
            self.order.merged_into_id = other.order.id
            move(self.order, OrderMove.MERGE, actor=self.desk, into=other.order.number)
            tell_resident(self.order, NoticeKind.ORDER_CANCELLED, merged_into=other.order.number)
        with other.at(moment):
            record(other.order, EventKind.ORDER_NOTE, actor=self.desk, merged=self.order.number)
