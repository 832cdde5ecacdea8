"""What an office may set for itself, in words and with its bounds; what the values mean is in kernel/settings.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from models.kinds import Urgency

URGENCY_WORDS = {Urgency.URGENT: _l("急"), Urgency.NORMAL: _l("普通"), Urgency.PLANNED: _l("预约")}


@dataclass(frozen=True)
class Policy:
    """One setting: a number, a number by urgency, a list of numbers, or yes and no."""

    name: str
    label: Any
    unit: Any = ""
    least: float = 0
    most: float = 100_000
    kind: str = "number"


POLICIES = (
    Policy("review_minutes", _l("多久内审核"), _l("分钟"), 10, 20_000),
    Policy("low_risk_approved_at_once", _l("低风险项目秒批"), kind="flag"),
    Policy("answer_minutes", _l("邀请等多久"), _l("分钟"), 2, 10_000, "by_urgency"),
    Policy("offers_per_position", _l("一个名额同时邀请几人"), _l("人"), 1, 20),
    Policy("redispatch_seconds", _l("没派出去，隔多久再试"), _l("秒"), 10, 86_400),
    Policy("escalate_minutes", _l("没人接，多久升级一级"), _l("分钟"), 2, 20_000, "by_urgency"),
    Policy("claims_allowed", _l("允许抢单"), kind="flag"),
    Policy("check_in_early_minutes", _l("最多提前多久签到"), _l("分钟"), 0, 600),
    Policy("check_in_radius_m", _l("到场签到的范围"), _l("米"), 50, 5_000),
    Policy("no_show_minutes", _l("没签到，多久提醒"), _l("分钟"), 5, 600),
    Policy("overdue_minutes", _l("没签退，多久提醒"), _l("分钟"), 5, 1_440),
    Policy("rating_ask_minutes", _l("服务后多久请居民评价"), _l("分钟"), 1, 20_000, "numbers"),
    Policy("auto_close_minutes", _l("没评价，多久自动办结"), _l("分钟"), 60, 100_000),
    Policy("rating_hidden_days", _l("双方评价最多隐藏几天"), _l("天"), 0, 60),
    Policy("credit_over_planned", _l("时长最多记到计划的几倍"), _l("倍"), 1, 3),
    Policy("credit_daily_minutes", _l("一天最多记多少时长"), _l("分钟"), 60, 1_440),
    Policy("credit_step_minutes", _l("时长按多少分钟一档记"), _l("分钟"), 1, 60),
    Policy("points_per_hour", _l("每小时积分"), _l("分"), 0, 1_000),
)
BY_NAME = {policy.name: policy for policy in POLICIES}


class Unfit(ValueError):
    """What was typed does not fit the policy."""


def read(policy: Policy, typed: dict[str, str]) -> Any:
    """What a form sent (`value`, or one value an urgency) as the setting's value; raises Unfit."""
    if policy.kind == "flag":
        return typed.get("value") in {"on", "true", "1"}
    if policy.kind == "by_urgency":
        return {str(urgency): _number(policy, typed.get(str(urgency), "")) for urgency in Urgency}
    if policy.kind == "numbers":
        parts = typed.get("value", "").replace("，", ",").split(",")
        if not 1 <= len(parts) <= 5:
            raise Unfit
        return [_number(policy, part) for part in parts]
    return _number(policy, typed.get("value", ""))


def _number(policy: Policy, typed: str) -> float | int:
    try:
        number = float(typed.strip()[:12])
    except ValueError as error:
        raise Unfit from error
    if not policy.least <= number <= policy.most:
        raise Unfit
    return int(number) if number == int(number) else number
