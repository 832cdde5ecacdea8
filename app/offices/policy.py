"""What an office may set for itself, in words and with its bounds; what the values mean is in kernel/settings.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l

from models import Office
from models.kinds import Urgency


@dataclass(frozen=True)
class Policy:
    """One setting: a number, a number by urgency or by name (`parts`), a list of numbers, one of several words
    (`parts`), an hour, or yes and no."""

    name: str
    label: Any
    unit: Any = ""
    least: float = 0
    most: float = 100_000
    kind: str = "number"
    parts: Mapping[str, Any] = field(default_factory=dict)
    of_city: bool = False
    """Set by the city for everybody in it, and by no office below."""

    def is_for(self, office: Office) -> bool:
        return office.parent_id is None or not self.of_city


DIALS: dict[str, Any] = {
    "unfilled": _l("没人去"),
    "travel_per_minute": _l("路上每分钟"),
    "fairness": _l("忙闲不均"),
    "language": _l("不会说要的话"),
    "continuity": _l("换了人"),
    "stability": _l("改问别人"),
}
"""The engine's dials in the words of what each makes dearer. Silence makes nobody dearer: it has no dial."""

MODES: dict[str, Any] = {
    "offer": _l("按时间问：时间宽就少问几位，时间紧就多问几位"),
    "wave": _l("一批问够：一次问到有把握为止，没把握了再问下一批"),
    "open": _l("不发邀请，挂在抢单列表里"),
    "hand": _l("由调度员人工派"),
}
"""How an order finds its people (dispatch/offering, Mode)."""

POLICIES = (
    Policy("review_minutes", _l("多久内审核"), _l("分钟"), 10, 20_000),
    Policy("low_risk_approved_at_once", _l("低风险项目秒批"), kind="flag"),
    Policy("answer_minutes", _l("邀请等多久"), _l("分钟"), 2, 10_000, "by_urgency"),
    Policy("auto_dispatch", _l("自动派单（关了由调度员看着建议派）"), kind="flag"),
    Policy("undo_seconds", _l("手动邀请，几秒内可以撤销（0 为立刻发出）"), _l("秒"), 0, 60),
    Policy("day_plan_at", _l("每晚几点排明天的单（空着就不排）"), kind="clock"),
    Policy("day_plan_publishes", _l("每晚排好就发邀请，不等调度员看"), kind="flag"),
    Policy("day_plan_answer_minutes", _l("排好的单，邀请等多久"), _l("分钟"), 30, 10_000),
    Policy("weights", _l("派单时各样算多少分"), _l("分"), 0, 1_000_000, "dials", DIALS, of_city=True),
    Policy("offering_mode", _l("怎样找人"), kind="choice", parts=MODES),
    Policy("offers_per_position", _l("一个名额最多同时等几人答复"), _l("人"), 1, 20, "by_urgency"),
    Policy("offers_most", _l("一个单子最多问几人"), _l("人"), 1, 200),
    Policy("offer_target", _l("有人接的把握要到多少"), "%", 50, 99, "by_urgency"),
    Policy("offer_promise_minutes", _l("希望多久内有人接"), _l("分钟"), 1, 10_000, "by_urgency"),
    Policy("offer_wave_minutes", _l("问了一批，等多久算没把握"), _l("分钟"), 1, 1_440, "by_urgency"),
    Policy("alerts_daily", _l("一位志愿者一天最多收几次邀请"), _l("次"), 1, 50),
    Policy("alerts_weekly", _l("一位志愿者一周最多收几次邀请"), _l("次"), 1, 200),
    Policy("alerts_daily_on_duty", _l("在班的志愿者一天最多收几次邀请"), _l("次"), 1, 100),
    Policy("alerts_quiet_from", _l("几点以后不打扰不在班的人（空着就只看本人设置）"), kind="clock"),
    Policy("alerts_quiet_until", _l("打扰从几点可以再开始"), kind="clock"),
    Policy("digest_at", _l("预约的单子每天几点一起发（空着就马上发）"), kind="clock"),
    Policy("digest_hours", _l("离服务不到多久的预约单不等，马上发"), _l("小时"), 1, 720),
    Policy("district_gap", _l("一个街道的成单率落后全市多少，就优先找人"), "%", 0, 50, of_city=True),
    Policy("what_if_seconds", _l("试算“如果……会怎样”最多算多久"), _l("秒"), 10, 600),
    Policy("redispatch_seconds", _l("没派出去，隔多久再试"), _l("秒"), 10, 86_400),
    Policy("escalate_minutes", _l("没人接，多久升级一级"), _l("分钟"), 2, 20_000, "by_urgency"),
    Policy("claims_allowed", _l("允许抢单"), kind="flag"),
    Policy("exact_hours_before", _l("上门前多久给志愿者看地址电话"), _l("小时"), 0, 24),
    Policy("exact_hours_after", _l("服务后多久不再给志愿者看"), _l("小时"), 0, 24),
    Policy("reveals_per_hour", _l("一位调度员一小时最多看几位的详细信息"), _l("次"), 1, 60),
    Policy("reveals_per_day", _l("一位调度员一天最多看几位的详细信息"), _l("次"), 1, 200),
    Policy("lookups_per_hour", _l("一小时最多按来电号码查几次"), _l("次"), 10, 120),
    Policy("reveal_alarm_times", _l("查看超过本人平时几倍就报警"), _l("倍"), 2, 10),
    Policy("reveal_alarm_least", _l("一天查看不到多少次不报警"), _l("次"), 5, 200),
    Policy("minor_until", _l("多大以下的居民，查看要两个人同意（0 为不用）"), _l("岁"), 0, 18),
    Policy("check_in_early_minutes", _l("最多提前多久签到"), _l("分钟"), 0, 600),
    Policy("late_report_hours", _l("手机没信号，签到签退最多晚多久补报"), _l("小时"), 0, 24),
    Policy("check_in_radius_m", _l("到场签到的范围"), _l("米"), 50, 5_000),
    Policy("no_show_minutes", _l("没签到，多久提醒"), _l("分钟"), 5, 600),
    Policy("overdue_minutes", _l("没签退，多久提醒"), _l("分钟"), 5, 1_440),
    Policy("rating_ask_minutes", _l("服务后多久请居民评价"), _l("分钟"), 1, 20_000, "numbers"),
    Policy("auto_close_minutes", _l("没评价，多久自动办结"), _l("分钟"), 60, 100_000),
    Policy("rating_hidden_days", _l("双方评价最多隐藏几天"), _l("天"), 0, 60),
    Policy("credit_over_planned", _l("时长最多记到计划的几倍"), _l("倍"), 1, 3),
    Policy("credit_daily_minutes", _l("一天最多记多少时长"), _l("分钟"), 60, 1_440),
    Policy("credit_step_minutes", _l("时长按多少分钟一档记"), _l("分钟"), 1, 60),
    Policy("keep_order_days", _l("单子办结多久后抹去姓名地址电话"), _l("天"), 30, 1_095),
    Policy("keep_account_days", _l("多久不用的账号删除（提前三十天通知）"), _l("天"), 365, 1_825, of_city=True),
    Policy("keep_words_days", _l("评价的话和退单、拒单、改时长的原因留多久"), _l("天"), 30, 1_095),
    Policy("keep_evidence_days", _l("签到距离和服务记录留多久"), _l("天"), 90, 1_095),
    Policy("keep_notice_days", _l("消息留多久"), _l("天"), 30, 1_095, of_city=True),
    Policy("keep_look_days", _l("谁看过谁的信息，记录留多久"), _l("天"), 1_095, 3_650, of_city=True),
    Policy("points_per_hour", _l("每小时积分"), _l("分"), 0, 1_000),
)
BY_NAME = {policy.name: policy for policy in POLICIES}


class Unfit(ValueError):
    """What was typed does not fit the policy."""


def read(policy: Policy, typed: dict[str, str]) -> Any:
    """What a form sent (`value`, or one value an urgency) as the setting's value; raises Unfit."""
    if policy.kind == "flag":
        return typed.get("value") in {"on", "true", "1"}
    if policy.kind == "choice":
        return _one_of(policy, typed.get("value", ""))
    if policy.kind == "by_urgency":
        return {str(urgency): _number(policy, typed.get(str(urgency), "")) for urgency in Urgency}
    if policy.kind == "dials":
        return {name: int(_number(policy, typed.get(name, ""))) for name in policy.parts}
    if policy.kind == "clock":
        return _time(typed.get("value", ""))
    if policy.kind == "numbers":
        parts = typed.get("value", "").replace("，", ",").split(",")
        if not 1 <= len(parts) <= 5:
            raise Unfit
        return [_number(policy, part) for part in parts]
    return _number(policy, typed.get("value", ""))


def _one_of(policy: Policy, typed: str) -> str:
    if typed not in policy.parts:
        raise Unfit
    return typed


def _time(typed: str) -> str:
    """HH:MM, or nothing."""
    if not typed.strip():
        return ""
    try:
        return f"{time.fromisoformat(typed.strip().rjust(5, '0')):%H:%M}"
    except ValueError as error:
        raise Unfit from error


def _number(policy: Policy, typed: str) -> float | int:
    try:
        number = float(typed.strip()[:12])
    except ValueError as error:
        raise Unfit from error
    if not policy.least <= number <= policy.most:
        raise Unfit
    return int(number) if number == int(number) else number
