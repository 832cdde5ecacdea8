"""Read by Python at the start of a process that has this folder on its path: a machine whose clock is wrong.

`datetime.now()` and `time.time()` are ahead of the real time by the seconds that stand in the file
LYING_CLOCK, looked up at each question. Monotonic time stays true, as it does when somebody sets a machine's clock.
"""

import datetime as module
import os
import time as time_module

import psycopg  # noqa: F401 what knows datetime by its class is read before the class is replaced
import sqlalchemy.dialects.sqlite  # noqa: F401

_File = os.environ.get("LYING_CLOCK", "")
_Datetime, _real = module.datetime, time_module.time


def _time():
    with open(_File, encoding="utf-8") as hands:
        return _real() + float(hands.read())


class _Kind(type):
    """Every moment is one of ours, whoever made it."""

    real = _Datetime

    def __instancecheck__(cls, thing):
        return isinstance(thing, _Datetime)

    def __subclasscheck__(cls, other):
        return issubclass(other, _Datetime)


class Datetime(_Datetime, metaclass=_Kind):
    @classmethod
    def now(cls, tz=None):
        return _Datetime.fromtimestamp(_time(), tz)

    @classmethod
    def utcnow(cls):
        return _Datetime.fromtimestamp(_time(), module.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls):
        return cls.now()


if _File:
    time_module.time = _time
    module.datetime = Datetime
