"""The accounts a newcomer signs in with: shown on the sign-in page of a demo server and in the README."""

from __future__ import annotations

from dataclasses import dataclass

DEMO_PASSWORD = "linli-demo"  # noqa: S105 - printed on the sign-in page of the demo on purpose


@dataclass(frozen=True)
class DemoAccount:
    """`level` names the office among the demo station's ancestors: community, street, district or city."""

    phone: str
    password: str
    role: str
    name: str
    level: str
    title: str
    title_en: str


def _account(number: int, role: str, name: str, level: str, title: str, title_en: str) -> DemoAccount:
    return DemoAccount(f"1990000{number:04d}", DEMO_PASSWORD, role, name, level, title, title_en)


RESIDENT = _account(1, "resident", "王奶奶", "community", "居民", "resident")
VOLUNTEER = _account(2, "volunteer", "李晓梅", "community", "志愿者", "volunteer")
STATION = _account(3, "coordinator", "陈志敏", "community", "社区实践站调度员", "coordinator of the station")
INSTITUTE = _account(4, "coordinator", "周国平", "street", "街道实践所调度员", "coordinator of the institute")
CENTRE = _account(5, "coordinator", "吴雅芬", "district", "区实践中心调度员", "coordinator of the centre")
SUPERVISOR = _account(6, "supervisor", "沈明", "city", "监督单位", "supervisor")
ADMINISTRATOR = _account(7, "administrator", "许佳", "city", "平台管理员", "administrator")

DEMO_ACCOUNTS = (RESIDENT, VOLUNTEER, STATION, INSTITUTE, CENTRE, SUPERVISOR, ADMINISTRATOR)
