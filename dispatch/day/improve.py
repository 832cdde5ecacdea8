"""Improving a plan: one shift after the other gets its best route, other people's orders included at what they lose.

Whoever loses an order gets a new best route in turn, and so on for a few steps; then the whole chain stays if the plan
gained by it, else it is undone. What a shift loses with an order is estimated beforehand: its route without the order,
filled up with the best single other one. A little noise on these losses finds ways out of dead ends.
"""

from typing import NamedTuple

import numpy as np

from dispatch.compiled import compiled
from dispatch.day import held as hold
from dispatch.day.held import Held
from dispatch.day.losses import Losses, lose, none_yet, serves, worth_of
from dispatch.day.reopt import Desk, best_route, desk
from dispatch.day.routes import NEVER
from dispatch.day.shifts import Shifts
from dispatch.day.start import best_team, cheapest
from dispatch.geo import IntArray

LONGEST_CHAIN = 6


class Chain(NamedTuple):
    """One chain of changes: routes as they were before it, shifts still to be looked at, orders that stay put."""

    shift: IntArray
    stops: IntArray
    size: IntArray
    worth: IntArray
    waiting: IntArray
    locked: IntArray  # by order: the number of the chain that moved it last
    loose: IntArray  # orders that lost their volunteer
    tally: IntArray  # shifts written down, waiting shifts taken up, waiting shifts, loose orders, number of the chain


class Tools(NamedTuple):
    """What every step of a chain works with: prices, the chain itself, scratch space, tie-breaker, dice."""

    losses: Losses
    chain: Chain
    work: Desk
    route: IntArray
    shift_rank: IntArray
    dice: IntArray


def tools(day: Shifts, held: Held, shift_rank: IntArray, seed: int) -> Tools:
    """For one run of improve(); the dice begin at the seed."""
    dice = np.array([seed % 2_147_483_646 + 1], dtype=np.int64)
    route = np.empty(held.stops.shape[1] + 1, dtype=np.int64)
    return Tools(none_yet(day), _chain(day, held), desk(day), route, shift_rank, dice)


def _chain(day: Shifts, held: Held) -> Chain:
    shifts, deepest = len(day.begin), held.stops.shape[1]
    return Chain(
        np.zeros(shifts, np.int64), np.zeros((shifts, deepest), np.int64), np.zeros(shifts, np.int64),
        np.zeros(shifts, np.int64), np.zeros(shifts + LONGEST_CHAIN * deepest * held.holder.shape[1], np.int64),
        np.full(len(day.order_people), -1, np.int64), np.zeros(len(day.order_people), np.int64), np.zeros(5, np.int64),
    )  # fmt: skip


def improve(day: Shifts, held: Held, shift_rank: IntArray, seed: int, rounds: int) -> int:
    """Change the plan for the better in place; `rounds` times as many chains as there are shifts. Returns the points
    gained."""
    if not len(day.pair_task):
        return 0
    return int(rounds_of(day, held, tools(day, held, shift_rank, seed), rounds))


@compiled
def roll(dice: IntArray, sides: int) -> int:
    """The next number below `sides`: Lehmer's generator, whose whole state is one number."""
    dice[0] = dice[0] * 48271 % 2_147_483_647
    return dice[0] % sides


@compiled
def rounds_of(day: Shifts, held: Held, tools: Tools, rounds: int) -> int:
    """The first round takes the losses as they are; later ones with noise."""
    turn = np.argsort(tools.shift_rank)
    gained = 0
    for number in range(rounds):
        tools.losses.points[:] = NEVER
        for shift in range(len(day.begin)):
            lose(day, held, tools.losses, shift, tools.route)
        for k in range(len(turn) - 1, 0, -1):
            other = roll(tools.dice, k + 1)
            turn[k], turn[other] = turn[other], turn[k]
        for shift in turn:
            gained += try_chain(day, held, tools, shift, number > 0)
    return gained


@compiled
def try_chain(day: Shifts, held: Held, tools: Tools, shift: int, noisy: bool) -> int:
    """Begin a chain at one shift. Returns the points gained, 0 where it was undone."""
    chain = tools.chain
    chain.tally[:4] = 0
    chain.tally[4] += 1
    chain.waiting[0] = shift
    chain.tally[2] = 1
    while chain.tally[1] < min(chain.tally[2], LONGEST_CHAIN):
        now = chain.waiting[chain.tally[1]]
        noise = noisy and chain.tally[1] == 0
        chain.tally[1] += 1
        replan(day, held, tools, now, noise)
    if chain.tally[0] == 0:
        return 0
    pick_up(day, held, tools)
    gained = 0
    for k in range(chain.tally[0]):
        gained += held.worth[chain.shift[k]] - chain.worth[k]
    if gained <= 0:
        undo(day, held, chain)
        return 0
    for k in range(chain.tally[0]):
        lose(day, held, tools.losses, chain.shift[k], tools.route)
    return gained


@compiled
def replan(day: Shifts, held: Held, tools: Tools, shift: int, noise: bool) -> None:
    """Give one shift its best route at the losses of others, if it is better than its own."""
    size, mine = on_offer(day, held, tools, shift, noise)
    if size == 0:
        return
    most, most_seconds = hold.limits(day, held, shift)
    _, stops = best_route(day, shift, size, most, most_seconds, mine, tools.work)
    if stops:
        exchange(day, held, tools, shift, stops)


@compiled
def on_offer(day: Shifts, held: Held, tools: Tools, shift: int, noise: bool) -> tuple[int, int]:
    """Put the pairs on the desk that may be worth something to a shift; how many, and what its own route is worth."""
    work, chain = tools.work, tools.chain
    size, mine = 0, held.worth[shift]
    for pair in range(day.ptr[shift], day.ptr[shift + 1]):
        task = day.pair_task[pair]
        order = day.task_order[task]
        own = held.task[order] == task and serves(day, held, order, shift)
        if chain.locked[order] == chain.tally[4] and not own:
            continue
        reward = worth_of(day, held, tools.losses, shift, pair)
        if noise:
            reward = shaken(day, pair, own, reward, tools.dice)
        if own:  # what the rest of a team brings, and the noise
            mine += reward - day.task_value[task] + day.pair_points[pair]
        if reward > 0:
            work.pair[size], work.reward[size] = pair, reward
            size += 1
    return size, mine


@compiled
def shaken(day: Shifts, pair: int, own: bool, reward: int, dice: IntArray) -> int:
    """A reward with noise on the loss it counts with."""
    value = day.task_value[day.pair_task[pair]] - day.pair_points[pair]
    if own:
        return reward * (50 + roll(dice, 100)) // 100
    if reward == 0 or reward == value:
        return reward
    return value - (value - reward) * (20 + roll(dice, 120)) // 100


@compiled
def exchange(day: Shifts, held: Held, tools: Tools, shift: int, stops: int) -> None:
    """Put the route that was found in the place of a shift's own: what it gives up is loose, whom it takes an order
    from waits for a new route."""
    work, chain = tools.work, tools.chain
    note(held, chain, shift)
    for k in range(held.size[shift] - 1, -1, -1):
        order = day.task_order[day.pair_task[held.stops[shift, k]]]
        kept = False
        for j in range(stops):
            kept = kept or day.task_order[day.pair_task[work.pair[work.found[j]]]] == order
        if not kept:
            release(day, held, chain, order)
    for k in range(stops):
        order = day.task_order[day.pair_task[work.pair[work.found[k]]]]
        if held.task[order] != hold.FREE and not serves(day, held, order, shift):
            loser = held.holder[order, tools.losses.seat[order]]
            note(held, chain, loser)
            hold.take(day, held, loser, order)
            wait(chain, loser)
    hold.replace(day, held, shift, work.pair, work.found, stops)
    for k in range(stops):
        chain.locked[day.task_order[day.pair_task[held.stops[shift, k]]]] = chain.tally[4]


@compiled
def release(day: Shifts, held: Held, chain: Chain, order: int) -> None:
    """Nobody serves the order any more; those who lose it with the others of a meeting wait for a new route."""
    for k in range(day.order_people[order]):
        shift = held.holder[order, k]
        if shift >= 0:
            note(held, chain, shift)
            hold.take(day, held, shift, order)
            if day.order_people[order] > 1:
                wait(chain, shift)
    held.task[order] = hold.FREE
    if chain.tally[3] < len(chain.loose):
        chain.loose[chain.tally[3]] = order
        chain.tally[3] += 1


@compiled
def wait(chain: Chain, shift: int) -> None:
    if chain.tally[2] < len(chain.waiting):
        chain.waiting[chain.tally[2]] = shift
        chain.tally[2] += 1


@compiled
def note(held: Held, chain: Chain, shift: int) -> None:
    """Write a route down before it changes for the first time."""
    for k in range(chain.tally[0]):
        if chain.shift[k] == shift:
            return
    at = chain.tally[0]
    chain.shift[at], chain.size[at], chain.worth[at] = shift, held.size[shift], held.worth[shift]
    chain.stops[at] = held.stops[shift]
    chain.tally[0] += 1


@compiled
def pick_up(day: Shifts, held: Held, tools: Tools) -> None:
    """Find somebody for the orders that the chain left loose."""
    chain = tools.chain
    for k in range(chain.tally[3]):
        order = chain.loose[k]
        if held.task[order] != hold.FREE:
            continue
        team = np.empty(day.order_people[order], dtype=np.int64)
        if len(team) == 1:
            team[0], _, _ = cheapest(day, held, order, tools.shift_rank, tools.route)
            if team[0] == hold.FREE:
                continue
        elif not best_team(day, held, order, team, tools.shift_rank, tools.route):
            continue
        for pair in team:
            shift = held.shift_of[pair]
            note(held, chain, shift)
            found, place = hold.insertion(day, held, shift, pair, tools.route)
            hold.put(day, held, shift, pair, place, found)


@compiled
def undo(day: Shifts, held: Held, chain: Chain) -> None:
    """Every route as it was before the chain."""
    for k in range(chain.tally[0]):
        shift = chain.shift[k]
        for j in range(held.size[shift]):
            hold.book(day, held, shift, held.stops[shift, j], -1)
    for k in range(chain.tally[0]):
        shift = chain.shift[k]
        held.stops[shift] = chain.stops[k]
        held.size[shift], held.worth[shift] = chain.size[k], chain.worth[k]
        for j in range(held.size[shift]):
            hold.book(day, held, shift, held.stops[shift, j], 1)
