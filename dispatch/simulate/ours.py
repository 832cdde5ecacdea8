"""Our policy in the simulator: dispatch.offering, fed from the office's rows and nothing else."""

from dataclasses import dataclass

from dispatch.offering.answer import AnswerModel, Offered, Prior
from dispatch.offering.budget import Asking, Rules, held
from dispatch.offering.fairness import Bound, boosts
from dispatch.offering.history import Alert, Answer, Tried, last_turn, messages_since, tried
from dispatch.offering.policy import Case, Pending, next_step
from dispatch.offering.ranking import Willing
from dispatch.offering.settings import Offering
from dispatch.simulate.office import Office, Open
from dispatch.simulate.world import DAY, HOUR, MINUTE, Need

REFITS = frozenset({3, 7, 14, 21, 28, 35, 42, 49})  # nights; an office refits every night
MEMORY_DAYS = 28
FREE = Rules(daily=10_000, weekly=10_000, daily_on_duty=10_000)


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody's history says, at one edition of it and until a moment."""

    edition: int
    until: int
    past: Tried
    recent: list[Alert]
    turn: int
    wanted_turn: int


class Ours:
    """next_step() with a model refitted about once a week, budgets, turns, and boosts between the streets."""

    keeps_late = True

    def __init__(
        self, settings: Offering | None = None, rules: Rules | None = None, bound: Bound | None = None,
        name: str = "ours", setting: str = "defaults",
    ) -> None:  # fmt: skip
        self.settings, self.rules, self.bound = settings or Offering(), rules or Rules(), bound or Bound()
        self.name, self.setting = name, setting
        self.model: AnswerModel = Prior()
        self.boost: dict[str, float] = {}
        self.known: dict[int, Known] = {}
        self.offered: dict[tuple[int, int], Offered] = {}
        self.rows: list[tuple[int, int, Offered, float]] = []

    def step(self, office: Office, order: Open, now: int) -> tuple[list[tuple[int, int]], int | None]:
        need = order.need
        pending = [Pending(str(who), office.alerts[who][at].at, self.offered[need.number, who])
                   for who, at in order.asked.items()]  # fmt: skip
        case = Case(
            need.id, need.urgency, order.needed, order.opened, self._last_call(need), pending, order.asked_ever,
            order.refusals, self.boost.get(need.street, 0.0),
        )  # fmt: skip
        found: dict[str, Offered] = {}

        def people() -> list[Willing]:
            willing = self.willing(office, order, now)
            found.update((one.id, one.offered) for one in willing)
            return willing

        step = next_step(case, people, self.model, self.settings, now)
        for one in step.ask:
            who = int(one)
            self.offered[need.number, who] = found[one]
            self.rows.append((who, len(office.alerts[who]), found[one], self.limit(need)))
        return [(need.number, int(one)) for one in step.ask], step.look_again

    def willing(self, office: Office, order: Open, now: int) -> list[Willing]:
        """Who may serve the order and may be messaged now."""
        need = order.need
        notice = (need.start - now) / HOUR
        asking = Asking(need.id, need.urgency, notice, on_duty=need.urgency == "urgent")
        local = need.start + 8 * HOUR
        hour, weekday = local % DAY / HOUR, (local // DAY + 3) % 7
        found = []
        for place, who in office.candidates(order, now):
            known = self._known(office, who, now)
            alerts, past = known.recent, known.past
            if held(now, asking, alerts, self.rules) is not None:
                continue
            offered = Offered(
                need.km[place], hour, weekday, need.kind, notice, messages_since(alerts, now - 7 * DAY),
                messages_since(alerts, now - DAY), past.yes, past.offers, need.urgency,
            )  # fmt: skip
            turn = known.wanted_turn if need.wanted else known.turn
            found.append(Willing(str(who), office.cost(need, place), turn, office.minutes[who], offered))
        return found

    def _known(self, office: Office, who: int, now: int) -> "Known":
        """What the history of somebody says, worked out anew only when it changed. Of their messages it keeps
        eight days, which serves the week's budget until tomorrow."""
        found = self.known.get(who)
        if found is None or found.edition != office.edition[who] or now > found.until:
            alerts = office.alerts[who]
            recent = [one for one in alerts if one.at >= now - 8 * DAY]
            turns = (last_turn(alerts, wanted=wanted) for wanted in (False, True))
            found = self.known[who] = Known(office.edition[who], now + DAY, tried(alerts), recent, *turns)
        return found

    def limit(self, need: Need) -> float:
        return self.settings.pace(need.urgency).answer_minutes

    def _last_call(self, need: Need) -> int:
        """The last moment at which half of the candidates could still be there in time."""
        travel = sorted(need.travel)
        return need.latest - (travel[len(travel) // 2] if travel else 0)

    def foreseen(self, order: Open, who: int) -> float | None:
        if isinstance(self.model, Prior):
            return None
        offered = self.offered[order.need.number, who]
        share = float(self.model.delays(offered.urgency)[0].by(self.limit(order.need)))
        return float(self.model.chances([offered])[0]) * share

    def night(self, office: Office, now: int) -> None:
        """Districts anew every night, the model in some."""
        recent: dict[str, tuple[int, int]] = {}
        for moment, street, filled, every in office.closed:
            if moment >= now - 14 * DAY:
                had = recent.get(street, (0, 0))
                recent[street] = (had[0] + filled, had[1] + every)
        self.boost = boosts(recent, self.bound)
        if (now - office.world.begin) // DAY in REFITS:
            self._refit(office, now)

    def _refit(self, office: Office, now: int) -> None:
        from dispatch.offering.fitting import Outcome, TooLittle, learn

        rows = []
        for who, place, offered, limit in self.rows:
            alert = office.alerts[who][place]
            if alert.at >= now - MEMORY_DAYS * DAY:
                rows.append(Outcome(offered, alert.at, alert.answer, self._minutes(alert, limit, now), limit))
        try:
            self.model = learn(rows)
        except TooLittle:
            return

    def _minutes(self, alert: Alert, limit: float, now: int) -> float:
        if alert.answered is not None:
            return (alert.answered - alert.at) / MINUTE
        return limit if alert.answer is Answer.SILENCE else min(limit, (now - alert.at) / MINUTE)
