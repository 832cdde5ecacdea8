"""Which scope of an API key opens which route of the API: the one table. A route that is not listed opens to no key.

A scope lends a key one role in its office's subtree and the few acts named here; the role's other acts stay closed.
What a person alone may do (one's own affairs, verifying a need, approving hours, looking at a phone number) no key can.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from models.kinds import Role, Scope


class Reach(StrEnum):
    """Routes that no scope opens."""

    PUBLIC = "public"  # for anybody, and so for any key that is valid
    PERSON = "person"  # for people only


@dataclass(frozen=True)
class Power:
    """What a scope is in words, the role it lends, and the acts."""

    words: Any
    role: Role
    acts: frozenset[str]


POWERS: dict[Scope, Power] = {
    Scope.BOARD_READ: Power(_l("看大屏、提醒和统计数字"), Role.SUPERVISOR, frozenset({"board.see"})),
    Scope.ORDERS_READ: Power(
        _l("看单子（姓名遮住，地址只到社区，没有电话）"), Role.SUPERVISOR, frozenset({"order.place", "order.see"})
    ),
    Scope.ORDERS_WRITE: Power(
        _l("代居民下单、取消单子、写备注"),
        Role.COORDINATOR,
        frozenset({"order.place", "order.intake", "order.see", "order.cancel", "order.note"}),
    ),
    Scope.DISPATCH_READ: Power(_l("看派单的过程"), Role.SUPERVISOR, frozenset({"dispatch.see"})),
    Scope.DISPATCH: Power(
        _l("派单：排班、发邀请、收回邀请、升级"),
        Role.COORDINATOR,
        frozenset({"dispatch.steer", "dispatch.see", "order.escalate", "order.see"}),
    ),
    Scope.VOLUNTEERS_READ: Power(_l("看志愿者名单（姓名遮住）"), Role.SUPERVISOR, frozenset({"volunteer.see"})),
    Scope.HOURS_READ: Power(_l("看服务时长"), Role.SUPERVISOR, frozenset({"hours.see"})),
    Scope.SCREEN: Power(_l("墙上的数据大屏（只有汇总数字，最多 90 天）"), Role.SUPERVISOR, frozenset({"board.see"})),
}

_PERSONS = {
    "people_api": """sign_in sign_out sign_up me prefer own_profile amend_profile set_grid add_exception exceptions
        set_duty read_notice prove""",
    "privacy_api": "reveal reveal_volunteer approve reads block",
    "rights_api": "own_consents answer copy",
    "serving_api": """list_assignments get_assignment check_in check_out depart call_for_help hand_back list_offers
        get_offer see_offer accept_offer decline_offer list_open_orders claim_order keep_reserve leave_reserve
        cancel_assignment mark_no_show vouch_check_in vouch_check_out""",
    "rating_api": """enter_hours question_record speak list_follow_ups resolve_follow_up approve_hours refuse_hours
        my_record dispute_order resolve_dispute rate_order add_words list_ratings reopen_order""",
    "ordering_api": """desk_approval desk_classification desk_merge desk_reception desk_rejection desk_return
        desk_split desk_transfer""",
}
_OPENED: dict[Scope | Reach, str] = {
    Scope.BOARD_READ: "oversight_api.board oversight_api.alerts oversight_api.figures",
    Scope.ORDERS_READ: "ordering_api.orders ordering_api.order ordering_api.events",
    Scope.ORDERS_WRITE: "ordering_api.place ordering_api.cancel ordering_api.desk_notes",
    Scope.DISPATCH_READ: "dispatching_api.runs dispatching_api.run",
    Scope.DISPATCH: "dispatching_api.plan_day dispatching_api.discard_plan dispatching_api.publish_plan "
    "dispatching_api.undo_plan dispatching_api.withdraw dispatching_api.candidates dispatching_api.escalate "
    "dispatching_api.make_offer dispatching_api.redispatch dispatching_api.undo_offer",
    Scope.VOLUNTEERS_READ: "oversight_api.volunteers",
    Scope.HOURS_READ: "rating_api.list_hours",
    Scope.SCREEN: "oversight.screen oversight.screen_now",
    Reach.PUBLIC: "offices_api.offices offices_api.menu api-docs.openapi_json",
}
ROUTES: dict[str, Scope | Reach] = {
    **{f"{slice_}.{name}": Reach.PERSON for slice_, names in _PERSONS.items() for name in names.split()},
    **{endpoint: reach for reach, endpoints in _OPENED.items() for endpoint in endpoints.split()},
}
"""Endpoint → what opens it. tests/people/test_api_keys.py walks the URL map and fails for one that is missing here."""


def opens(held: frozenset[str], endpoint: str | None) -> bool:
    """Whether a key with these scopes may call this endpoint."""
    needed = ROUTES.get(endpoint or "", Reach.PERSON)
    return needed == Reach.PUBLIC or needed in held
