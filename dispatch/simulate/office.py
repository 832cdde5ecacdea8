"""What an office knows while a city is played: who was asked, what came back, who has work. Policies see this alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dispatch import geo
from dispatch.offering.history import Alert, Answer
from dispatch.simulate.world import DAY, MINUTE, WEIGHTS, Need, World


@dataclass(slots=True)
class Open:
    """One order while it is worked on. `asked`: volunteer → place of the alert in their history, for open offers."""

    need: Need
    opened: int
    needed: int
    asked: dict[int, int] = field(default_factory=dict)
    asked_ever: int = 0
    refused: set[int] = field(default_factory=set)
    reserve: list[int] = field(default_factory=list)
    holders: dict[int, int] = field(default_factory=dict)
    refusals: int = 0
    look_at: int = -1
    over: bool = False


class Office:
    """The rows a real office would have. Nothing in here knows what anybody would answer."""

    def __init__(self, world: World) -> None:
        self.world = world
        size = len(world.people)
        self.alerts: list[list[Alert]] = [[] for _ in range(size)]
        self.work: list[list[tuple[int, int, tuple[float, float, float]]]] = [[] for _ in range(size)]
        self.edition = [0] * size  # counts every change of somebody's alerts
        self.minutes = [0] * size
        self.left = [False] * size
        self.open: dict[int, Open] = {}
        self.closed: list[tuple[int, str, int, int]] = []  # moment, street, filled, positions
        self.modes = [geo.MODES[person.mode] for person in world.people]

    def ask(self, order: Open, who: int, now: int, message: str = "") -> int:
        """Write down a message; answers its place in the history."""
        need = order.need
        self.alerts[who].append(Alert(need.id, now, need.kind, need.wanted, message=message))
        self.edition[who] += 1
        order.asked[who] = len(self.alerts[who]) - 1
        order.asked_ever += 1
        return order.asked[who]

    def note(self, who: int, place: int, answer: Answer, at: int | None = None) -> None:
        """Write down what became of a message."""
        self.edition[who] += 1
        self.alerts[who][place] = replace(self.alerts[who][place], answer=answer, answered=at)

    def candidates(self, order: Open, now: int) -> Iterator[tuple[int, int]]:
        """Volunteers who may serve the order and have not been asked or said no: places in the lists of its need, and
        volunteers."""
        need = order.need
        for place, who in enumerate(need.who):
            if who in order.asked or who in order.refused or who in order.holders or self.left[who]:
                continue
            if self.is_free(who, need, need.travel[place], now):
                yield place, who

    def is_free(self, who: int, need: Need, travel: int, now: int) -> bool:
        """Whether they can be there in time, beside the work they have, within their own limit of the day."""
        start = max(need.start, now + travel)
        if start > need.latest:
            return False
        end, day = start + need.duration, (start + 28_800) // DAY
        today = 0
        for begins, ends, spot in self.work[who]:
            if begins - 14_400 < end and start < ends + 14_400:
                between = self._between(who, need.spot, spot)
                if begins - between < end and start < ends + between:
                    return False
            today += (begins + 28_800) // DAY == day
        limit = self.world.people[who].daily_limit
        return limit is None or today < limit

    def _between(self, who: int, one: tuple[float, float, float], other: tuple[float, float, float]) -> int:
        metres = int(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5) + 1
        speed, delay = self.modes[who]
        return int(min(-(-metres * 10 // geo.WALK_SPEED), delay - (-metres * 10 // speed)))

    def cost(self, need: Need, place: int) -> int:
        """The engine's points now: those of the world, and its fairness term for the work accepted since."""
        minutes = need.duration // MINUTE
        return need.cost[place] + 2 * self.minutes[need.who[place]] * minutes * WEIGHTS.fairness // 3600

    def take(self, order: Open, who: int, now: int) -> None:
        """A position is theirs."""
        need = order.need
        start = max(need.start, now + need.travel[need.who.index(who)])
        order.holders[who] = now
        order.needed -= 1
        self.work[who].append((start, start + need.duration, need.spot))
        self.minutes[who] += need.duration // MINUTE

    def give_back(self, order: Open, who: int) -> None:
        """They cannot come: the position is open again."""
        del order.holders[who]
        order.needed += 1
        self.work[who] = [row for row in self.work[who] if row[2] != order.need.spot or row[0] < order.need.start]
        self.minutes[who] -= order.need.duration // MINUTE
