"""Words for marks, outcomes and tags: what is tapped, and how it is said."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from models.kinds import Evidence, HoursStatus, Outcome

MARKS: dict[int, Any] = {3: _l("满意"), 2: _l("一般"), 1: _l("不满意")}
OUTCOMES: dict[str, Any] = {
    Outcome.DONE: _l("做好了"),
    Outcome.HALF_DONE: _l("只做了一半"),
    Outcome.NOT_DONE: _l("没有做"),
    Outcome.NO_LONGER_NEEDED: _l("已经不需要了"),
}
RESIDENT_TAGS: dict[str, Any] = {
    "on_time": _l("准时"),
    "kind": _l("态度好"),
    "skilled": _l("手艺好"),
    "careful": _l("细心"),
    "patient": _l("有耐心"),
    "late": _l("来晚了"),
    "rushed": _l("太匆忙"),
    "unskilled": _l("不太会做"),
}
VOLUNTEER_TAGS: dict[str, Any] = {
    "friendly": _l("居民很客气"),
    "clear": _l("说得清楚"),
    "longer": _l("花的时间比说的长"),
    "different": _l("和说的不一样"),
    "hard_to_find": _l("地方难找"),
    "unsafe": _l("感到不安全"),
}
EVIDENCE: dict[str, Any] = {
    Evidence.RESIDENT_CODE: _l("居民服务码"),
    Evidence.PLACE: _l("到场定位"),
    Evidence.COORDINATOR: _l("社区证明"),
    Evidence.SELF: _l("本人签到"),
}
HOURS: dict[str, Any] = {
    HoursStatus.PENDING: _l("待审核"),
    HoursStatus.APPROVED: _l("已入账"),
    HoursStatus.REFUSED: _l("未通过"),
}


def tag_word(tag: str) -> str:
    """The word for a tag of either side."""
    return str({**RESIDENT_TAGS, **VOLUNTEER_TAGS}.get(tag, tag))
