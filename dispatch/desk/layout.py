"""How a desk lays its city out in memory: what the columns of its arrays mean, and an order in numbers."""

import numpy as np
from numpy.typing import NDArray

from dispatch.rules import RULE_NAMES

WordArray = NDArray[np.uint64]
RowArray = NDArray[np.int32]
ByteArray = NDArray[np.uint8]

WORD = 64
"""People in one word of a bit column."""
HALF_HOUR = 1800

RADIUS, REACH, AVAILABILITY, BANNED = (RULE_NAMES.index(name) for name in ("radius", "reach", "availability", "banned"))
ELIGIBLE, LOAD_OF_ALL, TOTALS = len(RULE_NAMES), len(RULE_NAMES) + 1, len(RULE_NAMES) + 2
"""Behind the losses of each rule in the totals of an answer: how many are eligible, and their load together."""

# The first bit columns: slots with somebody in them; none; what an order says of people; what came of its bans; whose
# hours do not keep half hours. The others are named by words.
PRESENT, NOBODY, IS_BANNED, IS_KNOWN, IS_OFFERED, LOST_TO_BAN, IS_ODD, FIRST_WORD = range(8)

# A person's row: one cache line. Hours and work lie elsewhere: from where on, how many, room for how many.
SPEED, DELAY, LOAD, ANSWER, DAILY, WEEKLY, RADIUS_M, AGE = range(8)
HOURS_AT, HOURS, HOURS_ROOM, WORK_AT, WORK, WORK_ROOM, PEOPLE_COLUMNS = 8, 9, 10, 11, 12, 13, 16
UNLIMITED = 1 << 30
# What is asked of most people, by itself: their load, and the points for seldom answering.
MINUTES, SILENCE = range(2)
# A commitment's row: two moments and a place of three coordinates.
BEGIN, END, PLACE, WORK_COLUMNS = 0, 1, 2, 5

# What is true of all the people of a word. MIDDLE has three coordinates; FAR and NEAR are squares of metres from there:
# an order beyond FAR is too far for all of them, one within NEAR for nobody.
MIDDLE, FAR, NEAR, SPREAD, SLOWEST, FASTEST, SHORTEST, LONGEST, LEAST_LOAD, LEAST_ANSWER, AROUND_COLUMNS = (
    0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
)  # fmt: skip

# What an order asks: which bits, at which rule people without them are lost, and which paper must last (or -1).
COLUMN, RULE, PAPER = range(3)
# An order in numbers; the weights.
NOW, EARLIEST, WINDOW_END, DURATION, OFFSET, HAS_KNOWN, HAS_OFFERED = range(7)
PER_MINUTE, FAIRNESS, LANGUAGE, CONTINUITY, STABILITY, LONGEST_LOAD = range(6)
# A row of the answer: six terms from TERMS on.
COST, SLOT, START, METRES, SECONDS, TERMS, ANSWER_COLUMNS = 0, 1, 2, 3, 4, 5, 11
