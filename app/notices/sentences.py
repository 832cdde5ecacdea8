"""What an inbox line says, and where it leads. Ids and plain words only: no names, phones or addresses."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.notices.gathering import offers_of
from models import Notification
from models.kinds import NoticeKind, PortraitFault

SENTENCES: dict[NoticeKind, Any] = {
    NoticeKind.OFFER: _l("有一个单子想请您帮忙，看看方便吗？"),
    NoticeKind.OFFER_TAKEN: _l("那个单子已经有人接了，谢谢您。"),
    NoticeKind.OFFER_WITHDRAWN: _l("那个单子暂时不需要了，谢谢您。"),
    NoticeKind.RESERVE_ASKED: _l("您候补的单子空出了名额，先来问您。"),
    NoticeKind.ORDER_RETURNED: _l("您的单子有地方要补充，请看社区写的说明。"),
    NoticeKind.ORDER_REJECTED: _l("您的单子没能受理，请看社区写的原因。"),
    NoticeKind.ORDER_APPROVED: _l("您的单子已通过，正在找志愿者。"),
    NoticeKind.ORDER_STAFFED: _l("志愿者已接单，请留意时间。"),
    NoticeKind.ORDER_CANCELLED: _l("单子已取消。"),
    NoticeKind.ORDER_MERGED: _l("您的单子和另一张相同的合在一起办了。"),
    NoticeKind.ORDER_UNFILLED: _l("很抱歉，这次没有找到志愿者，社区会联系您。"),
    NoticeKind.ORDER_CHANGED: _l("社区调整了您的单子，请看看现在的安排。"),
    NoticeKind.ORDER_LATE: _l("有一单到点了还没有签到或签退，请打电话问问。"),
    NoticeKind.VOLUNTEER_LEFT: _l("志愿者临时来不了，我们正在找别人。"),
    NoticeKind.VOLUNTEER_ON_THE_WAY: _l("志愿者已出发。"),
    NoticeKind.RATING_ASKED: _l("服务做得怎么样？请点一下评价。"),
    NoticeKind.ESCALATED: _l("有单子升级到您这里，请看一下。"),
    NoticeKind.FOLLOW_UP: _l("有一件事需要回访。"),
    NoticeKind.HOURS_CREDITED: _l("您的服务时长已记入。"),
    NoticeKind.ALARM: _l("系统有一件事需要管理员处理。"),
    NoticeKind.REVEAL_ASKED: _l("同事要看一位未成年居民的详细信息，需要您同意。"),
    NoticeKind.SAFETY: _l("有志愿者按了“不安全”，请马上打电话给他。"),
    NoticeKind.PRACTICE: _l("【练习】这是您自己试的一次派单，不是真的单子。"),
    NoticeKind.PORTRAIT: _l("社区移走了您的头像，可以换一张。"),
    NoticeKind.SECURITY: _l("您的账号有一次安全变动，请看一下是不是您本人。"),
}

SECURITY: dict[str, Any] = {
    "new_device": _l("有一台新设备登录了您的账号。不是您本人的话，请马上改密码。"),
    "password": _l("您的密码改过了，别处的登录都已退出。"),
    "reset_code": _l("社区给您发了一个重设密码的一次性号码。"),
    "recovery_code_used": _l("有人用备用码登录了您的账号。不是您本人的话，请马上改密码。"),
    "factor_on": _l("您的账号开启了两步验证。"),
    "factor_off": _l("您的账号关闭了两步验证。"),
    "idle": _l("您的账号很久没有用了，三十天后会删除。想留着，登录一次就好。"),
    "sign_up_again": _l("有人想用您的手机号再注册一次，没有成功。忘了密码请联系社区。"),
}
"""What a notice of SECURITY says, by its code."""

PORTRAIT: dict[str, Any] = {
    PortraitFault.UNCLEAR: _l("社区移走了您的头像：看不清脸。请换一张清楚的。"),
    PortraitFault.NOT_ALONE: _l("社区移走了您的头像：照片里还有别人。请换一张只有您自己的。"),
    PortraitFault.NOT_THEM: _l("社区移走了您的头像：看不出是您本人。请换一张，或到社区当面说明。"),
    PortraitFault.UNFIT: _l("社区移走了您的头像：不适合给居民看。请换一张。"),
}
"""What a notice of PORTRAIT says, by its code: why the station removed the picture."""

ASKED = {"by_phone": _l("服务做完了。请打电话问问做得怎么样，替居民记下评价。")}
"""What a notice of RATING_ASKED says to a coordinator, by its code: somebody who ordered by phone has no other way."""

BY_CODE = {NoticeKind.SECURITY: SECURITY, NoticeKind.PORTRAIT: PORTRAIT, NoticeKind.RATING_ASKED: ASKED}

PAGES = {NoticeKind.ALARM: "/system", NoticeKind.SECURITY: "/me/safety", NoticeKind.PRACTICE: "/volunteer/practice",
         NoticeKind.PORTRAIT: "/volunteer/profile"}  # fmt: skip


def sentence(notice: Notification) -> str:
    kind = NoticeKind(notice.kind)
    if len(offers_of(notice)) > 1:
        return _("有 %(n)s 个新的服务想请您看看。", n=len(offers_of(notice)))
    return str(BY_CODE.get(kind, {}).get(str(notice.particulars.get("code")), SENTENCES[kind]))


def link(notice: Notification, *, by_desk: bool, by_volunteer: bool) -> str | None:
    """The page on which the reader can act on this."""
    if notice.kind in PAGES:
        return PAGES[NoticeKind(notice.kind)]
    if by_volunteer and len(offers_of(notice)) > 1:
        return "/volunteer"
    if by_desk and notice.order_id:
        return f"/desk/orders/{notice.order_id}"
    if notice.offer_id and by_volunteer:
        return f"/offers/{notice.offer_id}"
    if notice.kind == NoticeKind.HOURS_CREDITED:
        return "/volunteer/record"
    if notice.kind == NoticeKind.RATING_ASKED:
        return f"/orders/{notice.order_id}/rating"
    return f"/orders/{notice.order_id}" if notice.order_id else None
