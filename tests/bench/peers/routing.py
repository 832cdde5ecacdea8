"""OR-Tools' routing library on our day plans: guided local search for a given time, orders optional at a penalty."""

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from tests.bench.clock import Spent, timed
from tests.bench.peers.vehicles import Fleet

PENALTY = 200_000  # seconds of travel that one priority point outweighs
HORIZON = 3 * 86400
Routes = dict[int, list[int]]


def solve(fleet: Fleet, seconds: int) -> tuple[Routes, Spent]:
    """Jobs of each vehicle in order. Rests are left out: use it for days without them."""
    ends = [fleet.arrays.from_place.tolist(), fleet.arrays.to_place.tolist()]
    manager = pywrapcp.RoutingIndexManager(len(fleet.arrays.spots), fleet.vehicles, *ends)
    model = pywrapcp.RoutingModel(manager)
    _legs(fleet, model)
    _windows(fleet, manager, model)
    _jobs(fleet, manager, model)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.time_limit.FromSeconds(seconds)
    found, spent = timed(model.SolveWithParameters, search)
    return ({} if found is None else _read(fleet, manager, model, found)), spent


def _legs(fleet: Fleet, model: pywrapcp.RoutingModel) -> None:
    """Travel as the cost of each vehicle; travel and service as its clock; a limit of jobs."""
    service = [0] * len(fleet.arrays.spots)
    for job, place in enumerate(fleet.arrays.task_order.tolist()):
        service[place] = int(fleet.arrays.task_seconds[job])
    costs = [model.RegisterTransitMatrix(legs.astype(int).tolist()) for legs in fleet.travel]
    clocks = []
    for legs in fleet.travel:
        whole = legs.astype(int) + [[one] for one in service]
        clocks.append(model.RegisterTransitMatrix(whole.tolist()))
    for vehicle, mode in enumerate(fleet.mode.tolist()):
        model.SetArcCostEvaluatorOfVehicle(costs[mode], vehicle)
    ours = [clocks[mode] for mode in fleet.mode.tolist()]
    model.AddDimensionWithVehicleTransits(ours, HORIZON, HORIZON, False, "time")
    visits = [0] * len(service)
    for place in fleet.arrays.task_order.tolist():
        visits[place] = 1
    count = model.RegisterUnaryTransitVector(visits)
    model.AddDimensionWithVehicleCapacity(count, 0, fleet.arrays.most.tolist(), True, "stops")


def _windows(fleet: Fleet, manager: pywrapcp.RoutingIndexManager, model: pywrapcp.RoutingModel) -> None:
    time, arrays, base = model.GetDimensionOrDie("time"), fleet.arrays, fleet.base
    for vehicle in range(fleet.vehicles):
        window = int(arrays.begin[vehicle]) - base, int(arrays.end[vehicle]) - base
        time.CumulVar(model.Start(vehicle)).SetRange(*window)
        time.CumulVar(model.End(vehicle)).SetRange(*window)
    for job in range(fleet.jobs):
        index = manager.NodeToIndex(int(arrays.task_order[job]))
        time.CumulVar(index).SetRange(max(int(arrays.task_first[job]) - base, 0), int(arrays.task_last[job]) - base)


def _jobs(fleet: Fleet, manager: pywrapcp.RoutingIndexManager, model: pywrapcp.RoutingModel) -> None:
    """Every job may be dropped at its penalty, and is open to the vehicles that may do it alone."""
    used = {*fleet.arrays.from_place.tolist(), *fleet.arrays.to_place.tolist(), *fleet.arrays.task_order.tolist()}
    for place in set(range(len(fleet.arrays.spots))) - used:
        model.AddDisjunction([manager.NodeToIndex(place)], 0)
    able: list[list[int]] = [[] for _ in range(fleet.jobs)]
    for vehicle in range(fleet.vehicles):
        for job in fleet.may_do(vehicle):
            able[job].append(vehicle)
    for job in range(fleet.jobs):
        index = manager.NodeToIndex(int(fleet.arrays.task_order[job]))
        model.AddDisjunction([index], int(fleet.priority[job]) * PENALTY)
        model.VehicleVar(index).SetValues([-1, *able[job]])


def _read(fleet: Fleet, manager: pywrapcp.RoutingIndexManager, model: pywrapcp.RoutingModel, found: object) -> Routes:
    job_at = {place: job for job, place in enumerate(fleet.arrays.task_order.tolist())}
    routes: Routes = {}
    for vehicle in range(fleet.vehicles):
        index = found.Value(model.NextVar(model.Start(vehicle)))
        while not model.IsEnd(index):
            routes.setdefault(vehicle, []).append(job_at[manager.IndexToNode(index)])
            index = found.Value(model.NextVar(index))
    return routes
