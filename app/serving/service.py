"""接单: the verbs of whoever answers, comes, serves and leaves. Each is written in the module of its noun."""

from app.serving.alarms import late, overdue
from app.serving.answers import accept, claim, decline, see_offer
from app.serving.leaving import cancel_by_desk, cancel_live_assignments, hand_back, mark_no_show
from app.serving.moving import move_assignment
from app.serving.parting import part
from app.serving.places import settle as settle_places
from app.serving.practice import practise
from app.serving.reserves import keep_reserve, leave_reserve
from app.serving.safety import call_for_help
from app.serving.visits import check_in, check_out, depart, vouch_check_in, vouch_check_out

__all__ = [
    "accept",
    "call_for_help",
    "cancel_by_desk",
    "cancel_live_assignments",
    "check_in",
    "check_out",
    "claim",
    "decline",
    "depart",
    "hand_back",
    "keep_reserve",
    "late",
    "leave_reserve",
    "mark_no_show",
    "move_assignment",
    "overdue",
    "part",
    "practise",
    "see_offer",
    "settle_places",
    "vouch_check_in",
    "vouch_check_out",
]
