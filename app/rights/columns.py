"""The columns of a copy in words, and values as people read them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.notices.sentences import SENTENCES
from app.people.phones import national
from app.rights.wording import WORDINGS
from app.words import URGENCY_WORDS, status_word, when, when_day

COLUMNS: dict[str, Any] = {
    "accepted_at": _l("接单时间"), "access_notes": _l("上门须知"), "address": _l("地址"),
    "answered_at": _l("答复时间"), "assignment_id": _l("任务编号"), "birth_year": _l("出生年份"),
    "channel": _l("来源"), "closed_at": _l("办结时间"), "contact_name": _l("联系人"),
    "contact_phone": _l("联系电话"), "created_at": _l("记下的时间"), "daily_limit": _l("每天最多几单"),
    "decided_at": _l("决定时间"), "decline_reason": _l("不方便的原因"), "distance_m": _l("距离（米）"),
    "duration_minutes": _l("时长（分钟）"), "ended_at": _l("结束时间"), "ends_at": _l("到"),
    "evidence": _l("凭什么记"), "expires_on": _l("有效到"),
    "features": _l("估计您会不会接时用的数"), "from_minute": _l("从（零点后分钟）"),
    "given_at": _l("同意时间"), "is_available": _l("有空"), "is_paused": _l("暂停"), "is_verified": _l("已核实"),
    "kind": _l("种类"), "label": _l("叫法"), "language": _l("语言"), "languages": _l("会说"), "lat": _l("纬度"),
    "lon": _l("经度"), "minutes": _l("分钟"), "name": _l("姓名"), "number": _l("编号"), "office_id": _l("站点编号"),
    "order_id": _l("单子编号"), "origin": _l("怎么来的"), "outcome": _l("结果"), "phone": _l("手机号"),
    "picture": _l("图片（WebP，base64）"),
    "positions_wanted": _l("要几人"), "priority_group": _l("照顾对象"), "purpose": _l("用途"),
    "radius_m": _l("服务范围（米）"), "read_at": _l("看过的时间"), "reason": _l("原因"), "recorded_at": _l("登记时间"),
    "relation": _l("关系"), "removed_at": _l("移走的时间"), "role": _l("角色"), "seen_at": _l("看到的时间"),
    "sent_at": _l("发出的时间"), "served_at": _l("服务完的时间"), "sex": _l("性别"), "side": _l("哪一方"),
    "signed_in_at": _l("上次登录"),
    "stars": _l("评分"), "starts_at": _l("从"), "status": _l("状态"), "tags": _l("标签"), "team": _l("队伍"),
    "text_size": _l("字号"), "title": _l("事项"), "travel_minutes": _l("路上（分钟）"), "travel_mode": _l("怎么去"),
    "until_minute": _l("到（零点后分钟）"), "urgency": _l("缓急"), "verified_at": _l("核实时间"),
    "weekday": _l("星期（0 是星期一）"), "weekly_limit_minutes": _l("每周最多几分钟"), "window_from": _l("最早"),
    "window_until": _l("最晚"), "withdrawn_at": _l("撤回时间"), "wording_sha256": _l("文字指纹"),
    "wording_version": _l("文字版本"), "words": _l("说的话"),
}  # fmt: skip


TECHNICAL = frozenset([
    "assignment_id", "lat", "lon", "office_id", "order_id", "picture", "text_size", "wording_sha256", "wording_version",
])  # fmt: skip
"""Left to the file: nobody reads them on a page."""

_VALUES: dict[str, dict[Any, Any]] = {
    "purpose": {purpose: wording.title for purpose, wording in WORDINGS.items()},
    "language": {"zh": "中文", "en": "English"},
    "urgency": URGENCY_WORDS,
    "sex": {"female": _l("女"), "male": _l("男")},
    "travel_mode": {
        "walk": _l("步行"), "bike": _l("自行车"), "ebike": _l("电动车"), "transit": _l("公交"),
        "car": _l("汽车"),
    },
    "channel": {
        "web": _l("网上"), "use": _l("用的时候"), "phone": _l("电话"), "counter": _l("柜台"), "proxy": _l("代点"),
        "api": _l("别的系统"),
    },
    "role": {
        "resident": _l("居民"), "volunteer": _l("志愿者"), "team_leader": _l("队长"), "coordinator": _l("调度员"),
        "supervisor": _l("监督"), "administrator": _l("管理员"),
    },
    "stars": {1: _l("不满意"), 2: _l("一般"), 3: _l("满意")},
    "origin": {"dispatch": _l("系统派的"), "hand": _l("调度员派的"), "reserve": _l("候补"), "claim": _l("自己抢的")},
}  # fmt: skip
FEATURES: dict[str, Any] = {
    "km": _l("距离（公里）"), "hour": _l("几点开始"), "weekday": _l("星期（0 是星期一）"), "kind": _l("服务种类"),
    "notice": _l("提前几小时问"), "alerts_week": _l("一周内收到几条邀请"), "alerts_day": _l("一天内收到几条邀请"),
    "yes": _l("以前答应过几次"), "offers": _l("以前问过几次"), "urgency": _l("缓急"),
}  # fmt: skip
"""What the answer model may look at (dispatch.offering.Offered), in words."""
_MOVES = {"orders": "order", "services": "assignment", "offers": "offer"}


def column_word(column: str) -> str:
    return str(COLUMNS[column])


def value_word(part: str, column: str, value: Any) -> str:
    """A value as people read it."""
    if column == "kind" and part == "notices":
        return str(SENTENCES.get(value, value))
    if column == "status" and part in _MOVES:
        return status_word(_MOVES[part], value)[0]
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, date):
        return when_day(value)
    if column == "features":
        return "；".join(f"{FEATURES[name]} {_feature(name, number)}" for name, number in value.items())
    if isinstance(value, list):
        return "、".join(map(str, value))
    if column in ("phone", "contact_phone"):
        return national(value)
    return str(_VALUES.get(column, {}).get(value, value))


def _feature(name: str, value: Any) -> str:
    return str(_VALUES["urgency"].get(value, value)) if name == "urgency" else str(value)


def readable(part: str, row: dict[str, Any]) -> list[tuple[str, str]]:
    """The facts of one row worth reading: those that hold something."""
    told = [(column, value) for column, value in row.items() if column not in TECHNICAL]
    return [(column_word(c), value_word(part, c, value)) for c, value in told if value not in (None, "", [])]
