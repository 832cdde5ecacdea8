"""What people agree to, purpose by purpose, in the words they are shown. A changed word is a new version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from models.kinds import Purpose

VERSION = "2026-11"


@dataclass(frozen=True)
class Wording:
    """A purpose as it is asked for: what it is, what it is for, and what happens without it."""

    title: Any
    words: Any
    without: Any


WORDINGS: dict[Purpose, Wording] = {
    Purpose.SERVICE: Wording(
        _l("安排服务"),
        _l("我同意社区为安排服务使用我的姓名、电话和地址；地址只给接单的志愿者看。"),
        _l("没有这一项就不能点单或接单；想完全退出，请注销账号。"),
    ),
    Purpose.HEALTH: Wording(
        _l("身体情况"),
        _l("我同意记下我要不要轮椅、属于哪类照顾对象，好让合适的志愿者来，急的时候先办。"),
        _l("不同意也能点单，只是不记这些。"),
    ),
    Purpose.PHOTOS: Wording(
        _l("照片"),
        _l("我同意把我上传的照片给来服务的志愿者看，单子办结后按期限删除。"),
        _l("不同意也能点单，用文字说明就好。"),
    ),
    Purpose.PORTRAIT: Wording(
        _l("我的头像"),
        _l("我同意把我的头像给我接单的居民看：从我接单起，到服务结束一天后；社区也能看到，先看过再给居民看。"),
        _l("不放头像也能接单，居民看到的是您的姓。"),
    ),
    Purpose.LOCATION: Wording(
        _l("签到时的位置"),
        _l("我同意签到时用一次我的位置，核对是否到了地方；只记距离，不记路线。"),
        _l("不同意也能签到：报居民的服务码，或请社区确认。"),
    ),
}


def digest(purpose: Purpose) -> str:
    """SHA-256 of the Chinese words, which are the ones that bind."""
    with force_locale("zh"):
        return hashlib.sha256(str(WORDINGS[purpose].words).encode()).hexdigest()
