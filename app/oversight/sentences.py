"""The journal in words: one sentence for every kind of event, and the rows of an order's timeline.

The journal holds ids and plain words, never names: who a visit or an offer is about is looked up when it is shown, and
only to those who may know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.kernel.access import Actor, may
from app.privacy.masks import name as masked
from app.privacy.queries import View, view_at_desk
from app.rating.words import EVIDENCE, MARKS, OUTCOMES
from app.words import enumerated
from models import Assignment, Event, Offer, Order, Reserve, Volunteer, db
from models.kinds import EventKind, Role

K = EventKind
SENTENCES: dict[EventKind, Any] = {
    K.ORDER_PLACE: _l("点了单"),
    K.ORDER_RETURN: _l("退回，请补充"),
    K.ORDER_RESUBMIT: _l("补充后重新提交"),
    K.ORDER_REJECT: _l("没有受理"),
    K.ORDER_MERGE: _l("和另一张单子合并"),
    K.ORDER_TRANSFER: _l("转给别的站点"),
    K.ORDER_RECEIVE: _l("收下转来的单子，重新审核"),
    K.ORDER_APPROVE: _l("审核通过，开始找志愿者"),
    K.ORDER_OFFER: _l("开始派单"),
    K.ORDER_WAIT: _l("还没找齐，继续找人"),
    K.ORDER_STAFF: _l("人找齐了"),
    K.ORDER_UNSTAFF: _l("空出了名额，重新找人"),
    K.ORDER_GIVE_UP: _l("没有找到人"),
    K.ORDER_RETRY: _l("重新找人"),
    K.ORDER_START: _l("服务开始"),
    K.ORDER_FINISH: _l("服务结束，等评价"),
    K.ORDER_RATE: _l("评价完成"),
    K.ORDER_CLOSE: _l("办结"),
    K.ORDER_CANCEL: _l("取消了单子"),
    K.ORDER_MISS: _l("没有人到场"),
    K.ORDER_REOPEN: _l("重开"),
    K.ORDER_DISPUTE: _l("提出申诉"),
    K.ORDER_RESOLVE: _l("申诉有了结果"),
    K.ORDER_AMEND: _l("改了单子的内容"),
    K.ORDER_ESCALATE: _l("升级给上一级"),
    K.ORDER_UNPLACED: _l("这一轮没有找到合适的人"),
    K.ORDER_NOTE: _l("备注"),
    K.ORDER_LATE: _l("超时提醒"),
    K.RATING_ASK: _l("请居民评价"),
    K.RATING_GIVE: _l("给了评价"),
    K.RATING_ADD: _l("给评价补充了几句"),
    K.OFFER_MAKE: _l("邀请%(whom)s"),
    K.OFFER_SEE: _l("%(whom)s看到了邀请"),
    K.OFFER_ACCEPT: _l("%(whom)s接受了邀请"),
    K.OFFER_DECLINE: _l("%(whom)s这次不行"),
    K.OFFER_EXPIRE: _l("%(whom)s的邀请到时间了"),
    K.OFFER_WITHDRAW: _l("收回给%(whom)s的邀请"),
    K.RESERVE_KEEP: _l("%(whom)s愿意候补"),
    K.RESERVE_LEAVE: _l("%(whom)s不再候补"),
    K.ASSIGNMENT_MAKE: _l("%(whom)s接单"),
    K.ASSIGNMENT_DEPART: _l("%(whom)s出发了"),
    K.ASSIGNMENT_CHECK_IN: _l("%(whom)s签到"),
    K.ASSIGNMENT_WRONG_CODE: _l("%(whom)s报的服务码不对"),
    K.ASSIGNMENT_CHECK_OUT: _l("%(whom)s签退"),
    K.ASSIGNMENT_CONFIRM: _l("确认%(whom)s的服务"),
    K.ASSIGNMENT_HAND_BACK: _l("%(whom)s来不了，交回任务"),
    K.ASSIGNMENT_CANCEL: _l("取消%(whom)s的任务"),
    K.ASSIGNMENT_MISS: _l("%(whom)s没有到场"),
    K.HOURS_CREDIT: _l("记下%(whom)s的时长"),
    K.HOURS_APPROVE: _l("通过%(whom)s的时长"),
    K.HOURS_REFUSE: _l("不通过%(whom)s的时长"),
    K.HOURS_CORRECT: _l("更正%(whom)s的时长"),
    K.FOLLOW_UP_OPEN: _l("要回访"),
    K.FOLLOW_UP_RESOLVE: _l("回访完成"),
    K.VOLUNTEER_REGISTER: _l("登记为志愿者"),
    K.VOLUNTEER_VERIFY: _l("核实了志愿者的身份和资质"),
    K.VOLUNTEER_AMEND: _l("志愿者改了自己的资料"),
    K.VOLUNTEER_DUTY: _l("志愿者改了值班状态"),
    K.RESIDENT_AMEND: _l("改了居民的资料"),
    K.ACCOUNT_SIGN_UP: _l("注册了账号"),
    K.ACCOUNT_SIGN_IN: _l("登录"),
    K.ACCOUNT_SIGN_OUT: _l("退出登录"),
    K.ACCOUNT_SIGN_UP_AGAIN: _l("有人用已有的手机号再注册"),
    K.ACCOUNT_PASSWORD: _l("改了密码"),
    K.ACCOUNT_RESET_CODE: _l("当面给了重设密码的一次性码"),
    K.ACCOUNT_FACTOR_ON: _l("开启了两步验证"),
    K.ACCOUNT_FACTOR_OFF: _l("关闭了两步验证"),
    K.ACCOUNT_ACTIVITY: _l("停用或恢复了账号"),
    K.CONSENT_GIVE: _l("同意了一项用途"),
    K.CONSENT_WITHDRAW: _l("撤回了一项同意"),
    K.GUARDIAN_RECORD: _l("登记了监护人"),
    K.GUARDIAN_END: _l("结束了监护关系"),
    K.DATA_EXPORT: _l("下载了自己的资料"),
    K.REVEAL_ASK: _l("想看未成年居民的详细信息，等同事同意"),
    K.REVEAL_APPROVE: _l("同意同事查看详细信息"),
    K.REVEAL_SHOW: _l("看了详细信息"),
    K.REVEAL_LOOKUP: _l("按来电号码查了居民"),
    K.BLOCK_MAKE: _l("要求不再见面"),
    K.ROLE_GRANT: _l("得到一个角色"),
    K.ROLE_REVOKE: _l("收回一个角色"),
    K.DISPATCH_RUN: _l("运行了一轮派单"),
    K.OFFICE_SETTING: _l("改了站点的设置"),
    K.ERASURE_ASK: _l("申请删除个人资料"),
    K.ERASURE_WITHDRAW: _l("撤回了删除申请"),
    K.ERASURE_HOLD: _l("依法暂缓删除资料"),
    K.ERASURE_LIFT: _l("不再暂缓删除资料"),
    K.ERASURE_DO: _l("删除了个人资料"),
    K.RETENTION_RUN: _l("清理了到期的资料"),
    K.JOURNAL_REDACT: _l("抹去了记录里的个人信息"),
    K.WEBHOOK_ADD: _l("添加了推送地址"),
    K.WEBHOOK_AMEND: _l("改了推送地址"),
    K.WEBHOOK_ROTATE: _l("更换了推送地址的密钥"),
    K.WEBHOOK_REMOVE: _l("移除了推送地址"),
    K.DELIVERY_RESEND: _l("重新发送没送到的通知"),
    K.API_KEY_ISSUE: _l("发了一把接口密钥"),
    K.API_KEY_REVOKE: _l("吊销了接口密钥"),
    K.OFFICE_ADD: _l("加了一个下级单位"),
}

CAUSES: dict[str, Any] = {
    "review": _l("审核超过时限"),
    "nobody_came": _l("居民说还没有人来"),
    "check_in": _l("到时间没有签到"),
    "check_out": _l("到时间没有签退"),
    "bad_mark": _l("评价不满意"),
    "not_done": _l("居民说没有做"),
    "half_done": _l("居民说只做了一半"),
    "volunteer_word": _l("志愿者反映情况"),
    "record_questioned": _l("志愿者对记录有疑问"),
    "reopened": _l("居民重开了单子"),
    "disputed": _l("有人提出申诉"),
    "transferred": _l("单子转走了"),
    "merged": _l("单子合并了"),
    "amended": _l("单子的内容改了"),
    "started": _l("服务已经开始"),
    "cancelled": _l("单子取消了"),
    "staffed": _l("人已经找齐"),
    "taken": _l("别人先接了"),
    "escalated": _l("升级给上一级"),
    "low_risk_approved_at_once": _l("低风险，按规则当场通过"),
    "intake": _l("电话代录时核实过"),
    "busy": _l("那段时间接了别的单"),
    "overtaken": _l("情况变了"),
    "by_hand": _l("调度员收回"),
    "replanned": _l("一天的单重新排过"),
    "plan_undone": _l("一天的安排撤回了"),
    "window_over": _l("服务时间已经过了"),
    "nobody_eligible": _l("没有合适的人"),
    "taken_by_others": _l("合适的人都在做别的单"),
}
"""Codes that events carry as their cause, rule or reason, in words."""
ORIGINS: dict[str, Any] = {
    "dispatch": _l("系统派单"),
    "hand": _l("调度员指定"),
    "reserve": _l("候补优先"),
    "claim": _l("志愿者自己接的"),
}
FIELDS: dict[str, Any] = {
    "words": _l("说明"),
    "window_from": _l("时间"),
    "window_until": _l("时间"),
    "duration_minutes": _l("时长"),
    "access_notes": _l("上门注意"),
    "contact_phone": _l("联系电话"),
    "item": _l("服务项目"),
    "office": _l("站点"),
}

GOOD = {K.ORDER_APPROVE, K.ORDER_STAFF, K.ORDER_FINISH, K.ORDER_CLOSE, K.OFFER_ACCEPT, K.ASSIGNMENT_MAKE,
        K.ASSIGNMENT_CHECK_OUT, K.FOLLOW_UP_RESOLVE, K.HOURS_APPROVE}  # fmt: skip
BAD = {K.ORDER_REJECT, K.ORDER_GIVE_UP, K.ORDER_MISS, K.ORDER_DISPUTE, K.ORDER_LATE, K.ASSIGNMENT_MISS,
       K.FOLLOW_UP_OPEN}  # fmt: skip
BUSY = {K.ORDER_OFFER, K.OFFER_MAKE, K.ORDER_START, K.ASSIGNMENT_CHECK_IN, K.ASSIGNMENT_DEPART, K.ORDER_RETRY}
WAIT = {K.ORDER_RETURN, K.ORDER_ESCALATE, K.ORDER_UNPLACED, K.ASSIGNMENT_HAND_BACK, K.ORDER_UNSTAFF, K.ORDER_REOPEN}

FOR_ANYBODY = frozenset(
    {
        K.ORDER_PLACE, K.ORDER_RETURN, K.ORDER_RESUBMIT, K.ORDER_REJECT, K.ORDER_MERGE, K.ORDER_TRANSFER,
        K.ORDER_RECEIVE, K.ORDER_APPROVE, K.ORDER_OFFER, K.ORDER_STAFF, K.ORDER_UNSTAFF, K.ORDER_GIVE_UP,
        K.ORDER_RETRY, K.ORDER_START, K.ORDER_FINISH, K.ORDER_RATE, K.ORDER_CLOSE, K.ORDER_CANCEL, K.ORDER_MISS,
        K.ORDER_REOPEN, K.ORDER_DISPUTE, K.ORDER_RESOLVE, K.ORDER_AMEND, K.RATING_ASK,
        K.ASSIGNMENT_DEPART, K.ASSIGNMENT_CHECK_IN, K.ASSIGNMENT_CHECK_OUT, K.ASSIGNMENT_HAND_BACK,
    }
)  # fmt: skip
"""What the resident and the volunteers of an order see of it too: how far it has come, never who declined or what the
desk noted."""


class Line(TypedDict):
    """A row for the timeline macro."""

    at: datetime
    text: str
    who: str
    tone: str
    detail: str


def sentence(event: Event, whom: str | None = None) -> str:
    """What happened, in one sentence; `whom` is the volunteer it is about, where the reader may know the name."""
    said = str(SENTENCES[EventKind(event.kind)])
    return said % {"whom": whom or _("一位志愿者")} if "%(whom)s" in said else said


def detail(event: Event) -> str:
    """The particulars of an event in words: reasons, causes, evidence, amounts."""
    told = event.particulars or {}
    parts = [
        said(CAUSES, told.get("reason") or told.get("words") or told.get("resolution")),
        said(CAUSES, told.get("cause") or told.get("missing") or told.get("why") or _more(told)),
        said(ORIGINS, told.get("origin")),
        said(EVIDENCE, told.get("evidence")),
        said(MARKS, told.get("stars")),
        said(OUTCOMES, told.get("outcome")),
        _fields(told.get("fields")),
        *_named(told),
    ]
    return " · ".join(part for part in parts if part)


def _more(told: Mapping[str, Any]) -> Any:
    return told.get("rule") or told.get("by") or told.get("verdict")


def _named(told: Mapping[str, Any]) -> list[str]:
    """The particulars that need a sentence of their own."""
    return [
        _("%(minutes)s 分钟", minutes=told["minutes"]) if told.get("minutes") is not None else "",
        _("转到%(office)s", office=told["office"]) if told.get("office") else "",
        _("原来在%(office)s", office=told["came_from"]) if told.get("came_from") else "",
        _("并入 %(number)s", number=told["into"]) if told.get("into") else "",
        _("%(number)s 并了进来", number=told["merged"]) if told.get("merged") else "",
        _("没有人评价，到期自动办结") if told.get("unrated") else "",
        _("还差 %(n)s 人，先这样开始", n=told["open_positions"]) if told.get("partly") else "",
    ]


def said(words: Mapping[Any, Any], code: Any) -> str:
    """The words for a code; what is no code stands for itself."""
    if code is None or isinstance(code, dict | list):
        return ""
    return str(words.get(code, code))


def _fields(names: Any) -> str:
    listed = names if isinstance(names, list) else []
    return enumerated(dict.fromkeys(str(FIELDS[name]) for name in listed if name in FIELDS))


def tone(kind: str) -> str:
    """The colour of an event's dot."""
    for colour, kinds in (("good", GOOD), ("bad", BAD), ("busy", BUSY), ("wait", WAIT)):
        if kind in kinds:
            return colour
    return ""


def timeline(order: Order, actor: Actor) -> list[Line]:
    """Every event of an order, newest first, as much of it as this actor may know."""
    found = select(Event).where(Event.order_id == order.id).order_by(Event.version.desc())
    by_desk = may(actor, "board.see", order)
    exact = actor.is_system or actor.covers(order.office.path, Role.COORDINATOR)
    names = _volunteers(order.id) if by_desk else {}
    seen = view_at_desk(order, actor)
    return [
        _line(event, names.get(event.subject_id), seen if by_desk else None, exact)
        for event in db.session.scalars(found)
        if by_desk or event.kind in FOR_ANYBODY
    ]


def _line(event: Event, whom: str | None, seen: View | None, exact: bool) -> Line:
    hidden = event.kind == K.ORDER_NOTE and not exact
    return Line(
        at=event.at,
        text=sentence(event, whom if exact or not whom else masked(whom)),
        who=_who(event, seen),
        tone=tone(event.kind),
        detail=_("只有调度员能看") if hidden else detail(event),
    )


def _who(event: Event, seen: View | None) -> str:
    """Who did it: colleagues and volunteers by name, whoever is served masked; for the desk only."""
    if event.actor_id is None:
        return _("系统")
    return seen.account_name(event.actor_id, event.actor_name) if seen is not None else ""


def _volunteers(order_id: str) -> dict[str, str]:
    """The volunteers' names behind an order's offers, reserves and visits, by the id of those."""
    names: dict[str, str] = {}
    for table in (Offer, Assignment, Reserve):
        held = (
            select(table.id, Volunteer.name)
            .join(Volunteer, table.volunteer_id == Volunteer.id)
            .where(table.order_id == order_id)
        )
        names.update(db.session.execute(held).all())
    return names
