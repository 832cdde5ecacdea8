"""The part of an instant matching that is no network, as a model for CP-SAT: all positions of an order or none."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from ortools.sat.python import cp_model

from dispatch.crowd import BoolArray
from dispatch.instant.network import Network

PACE = 0.4  # deterministic seconds of CP-SAT's own clock for each second of the limit


@dataclass(frozen=True, slots=True)
class Found:
    """What CP-SAT answers: the cost of its plan (or a number beyond any), its bound, and which orders it leaves out."""

    cost: int
    bound: int
    left_out: BoolArray
    stopped: bool


class Model:
    """One part of the network for CP-SAT: a flag an arc, and one for each order that wants all or nothing."""

    def __init__(self, net: Network, together: BoolArray) -> None:
        self.net, self.model = net, cp_model.CpModel()
        self.flags = [self.model.new_bool_var("") for _ in range(len(net.arcs.cost))]
        self.kept = {order: self.model.new_bool_var("") for order in np.flatnonzero(together).tolist()}
        terms: list[cp_model.LiteralT] = list(self.flags)
        weights = net.arcs.cost.tolist()
        for order, (positions, price) in enumerate(zip(net.positions.tolist(), net.open_price.tolist(), strict=True)):
            filled = sum(self.flags[net.arcs.ptr[order] : net.arcs.ptr[order + 1]])
            if order in self.kept:
                self.model.add(filled == positions * self.kept[order])
                terms, weights = [*terms, self.kept[order].negated()], [*weights, price * positions]
            else:
                left = self.model.new_int_var(0, positions, "")
                self.model.add(filled + left == positions)
                terms, weights = [*terms, left], [*weights, price]
        self._one_order_a_volunteer()
        self.model.minimize(cp_model.LinearExpr.weighted_sum(terms, weights))

    def _one_order_a_volunteer(self) -> None:
        by_person = np.argsort(self.net.arcs.volunteer, kind="stable")
        stops = np.flatnonzero(np.diff(self.net.arcs.volunteer[by_person])) + 1
        for arcs in np.split(by_person, stops):
            if len(arcs) > 1:
                self.model.add_at_most_one(self.flags[arc] for arc in arcs.tolist())

    def hint(self, used: BoolArray) -> None:
        """A plan to begin with."""
        for flag, value in zip(self.flags, used.tolist(), strict=True):
            self.model.add_hint(flag, value)

    def solve(self, seconds: float) -> Found:
        """One worker and a clock of its own: the same answer on every machine, however busy; the real clock only ends
        what has gone on for far too long."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 0
        solver.parameters.linearization_level = 2
        solver.parameters.max_deterministic_time = PACE * seconds
        solver.parameters.max_time_in_seconds = 2 * seconds + 1
        status = solver.solve(self.model)
        stopped = status != cp_model.OPTIMAL and solver.wall_time >= 2 * seconds + 1
        bound = ceil(solver.best_objective_bound - 0.5)
        left_out = np.zeros(len(self.net.positions), dtype=np.bool_)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Found(2 * int((self.net.positions * self.net.open_price).sum()) + 1, bound, left_out, stopped)
        for order, kept in self.kept.items():
            left_out[order] = not solver.boolean_value(kept)
        return Found(round(solver.objective_value), bound, left_out, stopped)
