"""A made-up town for tests: two districts, three streets, five communities, and no data of any package."""

from __future__ import annotations

from app.demo.places import City, Place, phone_of

_TREE: tuple[tuple[str, str | None, str, str, str, float, float], ...] = (
    ("T", None, "city", "小城市", "Tiny City", 120.000, 30.000),
    ("T1", "T", "district", "东河区", "Donghe District", 120.000, 30.000),
    ("T2", "T", "district", "西山区", "Xishan District", 119.940, 30.000),
    ("T11", "T1", "street", "柳桥街道", "Liuqiao Street", 120.000, 30.002),
    ("T12", "T1", "street", "荷塘街道", "Hetang Street", 120.020, 30.000),
    ("T21", "T2", "street", "松风街道", "Songfeng Street", 119.940, 30.002),
    ("T111", "T11", "community", "柳桥一区社区", "Liuqiao No. 1", 120.001, 30.003),
    ("T112", "T11", "community", "柳桥二区社区", "Liuqiao No. 2", 120.005, 30.001),
    ("T121", "T12", "community", "荷塘社区", "Hetang", 120.021, 30.002),
    ("T122", "T12", "community", "莲叶社区", "Lianye", 120.018, 29.997),
    ("T211", "T21", "community", "松风社区", "Songfeng", 119.941, 30.003),
)


def tiny() -> City:
    """The town; the demo accounts live in 柳桥一区社区."""
    places = tuple(
        Place(code, parent, level, name, name_en, (lon, lat), phone_of(9000 + number))
        for number, (code, parent, level, name, name_en, lon, lat) in enumerate(_TREE)
    )
    return City("tiny", places, home="T111")
