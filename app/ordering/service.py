"""The verbs of 点单, under one name: other slices call these."""

from app.ordering.changing import (
    amend,
    ask_after,
    cancel,
    drop_returned,
    forget_address,
    let_end_later,
    may_amend,
    may_resubmit,
    mend,
    resubmit,
    save_address,
)
from app.ordering.placing import place
from app.ordering.review import (
    approve,
    classify,
    merge,
    note,
    receive,
    reject,
    review_overdue,
    send_back,
    transfer,
)
from app.ordering.splitting import may_split, split

__all__ = [
    "amend",
    "approve",
    "ask_after",
    "cancel",
    "classify",
    "drop_returned",
    "forget_address",
    "let_end_later",
    "may_amend",
    "may_resubmit",
    "may_split",
    "mend",
    "merge",
    "note",
    "place",
    "receive",
    "reject",
    "resubmit",
    "review_overdue",
    "save_address",
    "send_back",
    "split",
    "transfer",
]
