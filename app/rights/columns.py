"""The columns of a copy in words, and values as people read them."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

COLUMNS: dict[str, Any] = {
    "accepted_at": _l("接单时间"), "access_notes": _l("上门须知"), "address": _l("地址"),
    "answered_at": _l("答复时间"), "assignment_id": _l("任务编号"), "birth_year": _l("出生年份"),
    "channel": _l("来源"), "closed_at": _l("办结时间"), "contact_name": _l("联系人"),
    "contact_phone": _l("联系电话"), "created_at": _l("记下的时间"), "daily_limit": _l("每天最多几单"),
    "decided_at": _l("决定时间"), "decline_reason": _l("不方便的原因"), "distance_m": _l("距离（米）"),
    "duration_minutes": _l("时长（分钟）"), "ended_at": _l("结束时间"), "ends_at": _l("到"),
    "evidence": _l("凭什么记"), "expires_on": _l("有效到"), "from_minute": _l("从（零点后分钟）"),
    "given_at": _l("同意时间"), "is_available": _l("有空"), "is_paused": _l("暂停"), "is_verified": _l("已核实"),
    "kind": _l("种类"), "label": _l("叫法"), "language": _l("语言"), "languages": _l("会说"), "lat": _l("纬度"),
    "lon": _l("经度"), "minutes": _l("分钟"), "name": _l("姓名"), "number": _l("编号"), "office_id": _l("站点编号"),
    "order_id": _l("单子编号"), "origin": _l("怎么来的"), "outcome": _l("结果"), "phone": _l("手机号"),
    "positions_wanted": _l("要几人"), "priority_group": _l("照顾对象"), "purpose": _l("用途"),
    "radius_m": _l("服务范围（米）"), "read_at": _l("看过的时间"), "reason": _l("原因"), "recorded_at": _l("登记时间"),
    "relation": _l("关系"), "removed_at": _l("移走的时间"), "role": _l("角色"), "seen_at": _l("看到的时间"),
    "sent_at": _l("发出的时间"), "served_at": _l("服务完的时间"), "sex": _l("性别"), "side": _l("哪一方"),
    "stars": _l("评分"), "starts_at": _l("从"), "status": _l("状态"), "tags": _l("标签"), "team": _l("队伍"),
    "text_size": _l("字号"), "title": _l("事项"), "travel_minutes": _l("路上（分钟）"), "travel_mode": _l("怎么去"),
    "until_minute": _l("到（零点后分钟）"), "urgency": _l("缓急"), "verified_at": _l("核实时间"),
    "weekday": _l("星期（0 是星期一）"), "weekly_limit_minutes": _l("每周最多几分钟"), "window_from": _l("最早"),
    "window_until": _l("最晚"), "withdrawn_at": _l("撤回时间"), "wording_sha256": _l("文字指纹"),
    "wording_version": _l("文字版本"), "words": _l("说的话"),
}  # fmt: skip


def column_word(column: str) -> str:
    return str(COLUMNS[column])


def value_word(value: Any) -> str:
    """A value for reading: yes and no, lists with commas, a dash for nothing."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return "、".join(map(str, value)) or "—"
    return "—" if value in (None, "") else str(value)
