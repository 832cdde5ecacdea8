"""Made-up names: common surnames with common given names, chosen by age and sex. Nobody is meant."""

from __future__ import annotations

from random import Random

_SURNAMES = "王李张陈刘周吴徐沈朱胡林郑金叶俞何孙赵方许潘蒋董章余钱杨黄施汪姚邵冯傅戴陆任丁童"
_COMMON = tuple(60 // (rank // 4 + 1) for rank in range(len(_SURNAMES)))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_OLD_WOMEN = _words(
    "秀英 桂英 秀珍 玉兰 凤英 桂兰 素珍 彩珍 月娥 阿珍 水仙 爱娟 杏花 菊芳 美英 雅琴 惠珍 小妹 银花 翠娥"
)
_OLD_MEN = _words("建国 国强 志明 阿根 金水 水根 德明 永康 荣根 兴宝 长根 福生 关林 文龙 炳炎 忠良 宝根 明华 祥生 伟民")
_WOMEN = _words("丽萍 晓燕 海燕 婷婷 敏 静 雪芬 佳 倩 莉 美娟 慧 洁 晶晶 玲玲 云 琳 璐 芸 思思")
_MEN = _words("伟 军 磊 涛 斌 超 俊 鹏 勇 剑锋 海波 晓东 立群 峰 凯 健 志刚 一鸣 国栋 浩")
_GIRLS = _words("欣怡 雨桐 诗涵 梦瑶 思琪 佳怡 子萱 可欣 语嫣 若曦 悦 依诺 晨曦 雅雯 梓涵")
_BOYS = _words("浩然 子轩 宇航 俊杰 梓豪 天宇 嘉豪 文博 睿 一凡 泽宇 昊天 晨阳 子墨 奕辰")


def _given(sex: str, age: int) -> tuple[str, ...]:
    if age >= 58:
        return _OLD_WOMEN if sex == "female" else _OLD_MEN
    if age >= 28:
        return _WOMEN if sex == "female" else _MEN
    return _GIRLS if sex == "female" else _BOYS


def name(sex: str, age: int, random: Random) -> str:
    """A full name as somebody of that sex and age might bear it."""
    (surname,) = random.choices(_SURNAMES, _COMMON)
    return surname + random.choice(_given(sex, age))
