"""How an order finds its people, in words for the desk: which wave, how sure, what comes next and when."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from app.dispatching import queries as dispatching
from app.dispatching.queries import Asking
from app.kernel.clock import local, now, today
from app.words import inside, when
from models import Order

HAND, OPEN = "hand", "open"


def asking_words(order: Order) -> list[str]:
    """Two or three sentences; none while the order looks for nobody."""
    found = dispatching.asking_of(order)
    if found is None:
        return []
    if found.mode == OPEN:
        return [_("这一单挂在抢单列表里，不发邀请，谁先接就是谁的。")]
    if found.mode == HAND:
        return [_("这一单由调度员人工派，系统不会自己发邀请。")]
    return [*_so_far(found), *_next(found), *_boost(found)]


def asking_lines(ids: Sequence[str]) -> dict[str, str]:
    """The same in a few words, for a list: by order id, of those that look for somebody."""
    return {key: _line(found) for key, found in dispatching.askings_of(ids).items()}


def _line(found: Asking) -> str:
    by_itself = {OPEN: _("在抢单列表里，等人来接"), HAND: _("由调度员人工派")}
    if found.mode in by_itself:
        waiting = [_("%(n)s 位没答复", n=found.waiting)] if found.waiting else []
        return " · ".join([by_itself[found.mode], *waiting])
    return " · ".join([*_so_far_in_short(found), *_next_in_short(found)])


def _so_far_in_short(found: Asking) -> list[str]:
    if not found.waiting:
        return [_("问过 %(n)s 位", n=found.asked)] if found.asked else []
    told = {"wave": found.wave, "asked": found.asked, "n": found.waiting}
    said = _("第 %(wave)s 批：问了 %(asked)s 位，%(n)s 位没答复", **told) if found.wave else ""
    sure = _("把握 %(chance)s%%", chance=round(100 * found.chance))
    return [said or _("%(n)s 位没答复", n=found.waiting), *([sure] if found.chance else [])]


def _next_in_short(found: Asking) -> list[str]:
    if not found.why:
        return [] if found.waiting else [_("马上开始找人")]
    at = _at(found)
    sentences = {
        "ask": _("%(at)s 再看", at=at),
        "wait": _("%(at)s 问下一批", at=at),
        "full": _("%(at)s 再看", at=at),
        "nobody": _("没有别人可问，稍后再找"),
        "quiet": _("%(at)s 开始问", at=at),
        "digest": _("%(at)s 一起发", at=at),
        "over": _("来不及再问人了"),
    }
    return [sentences[found.why]] if found.why in sentences else []


def _at(found: Asking) -> str:
    """The time of the next step; of today's the clock alone."""
    due = found.look_again
    if due is None or due <= now():
        return _("马上")
    return f"{local(due):%H:%M}" if local(due).date() == today() else inside(when(due))


def _so_far(found: Asking) -> list[str]:
    if not found.waiting:
        return [_("已经问过 %(n)s 位，现在没有人在考虑。", n=found.asked)] if found.asked else []
    if not found.wave:
        return [_("%(n)s 位正在考虑，有人接的把握约 %(chance)s%%。", n=found.waiting, chance=round(100 * found.chance))]
    sure = {"wave": found.wave, "n": found.waiting, "asked": found.asked, "chance": round(100 * found.chance)}
    said = _("第 %(wave)s 批：一共问了 %(asked)s 位，%(n)s 位还没答复；有人接的把握约 %(chance)s%%。", **sure)
    return [said] if found.learnt else [said, _("还没有足够的答复可以学，这个把握按一般情况估计。")]


def _next(found: Asking) -> list[str]:
    at = inside(when(found.look_again)) if found.look_again and found.look_again > now() else _("马上")
    sentences = {
        "ask": _("有人说不，马上另问一位；没人答复，%(at)s 再看要不要问下一批。", at=at),
        "wait": _("有人说不，马上另问一位；没人答复，%(at)s 问下一批。", at=at),
        "full": _("能同时问的都问了，等他们答复；%(at)s 再看一次。", at=at),
        "nobody": _("眼下没有可以再问的人，每过一会儿再找一次。"),
        "quiet": _("现在是不打扰的时间，%(at)s 开始问。", at=at),
        "digest": _("预约的单子每天一起发，这一单 %(at)s 发出。", at=at),
        "over": _("离服务时间太近，来不及再问人了。"),
    }
    return [sentences[found.why]] if found.why in sentences else [_("马上开始找人。")] if not found.why else []


def _boost(found: Asking) -> list[str]:
    return [_("这个街道的单子最近比全市更难有人接，所以优先找人。")] if found.is_boosted else []
