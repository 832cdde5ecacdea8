"""The office tree and the menu, as pages and programs read them."""

from flask_babel import force_locale

from app.kernel.transaction import command
from app.offices import queries
from models import Office, ServiceCategory, ServiceItem, db


def test_the_tree_is_public_and_nested(client, town):
    [city] = client.get("/api/v1/offices").json
    assert (city["name"], city["level"]) == ("测试市", "city")
    west = next(district for district in city["children"] if district["name"] == "西区")
    [street] = west["children"]
    assert {community["name"] for community in street["children"]} == {"青年社区", "涌金社区"}


def test_a_part_of_the_tree_is_asked_for_by_its_office(client, town):
    [street] = client.get(f"/api/v1/offices?under={town.ids['street']}").json
    assert street["name"] == "湖滨街道" and len(street["children"]) == 2
    assert client.get("/api/v1/offices?under=nothing").status_code == 404
    assert client.get("/api/v1/offices?under=" + "9" * 50).status_code == 422


def test_the_menu_lists_items_by_category(client, town):
    [shelf] = client.get("/api/v1/menu").json
    assert shelf["code"] == "relief"
    bathing = next(item for item in shelf["items"] if item["code"] == "bathing")
    assert (bathing["positions"], bathing["skills"], bathing["credentials"]) == (2, ["escort"], ["first_aid"])


def test_an_offices_own_item_is_on_its_menu_only(client, town):
    add(town, "local", office_id=town.ids["west"])
    add(town, "gone", is_active=False)
    here = client.get(f"/api/v1/menu?office={town.ids['station']}").json[0]["items"]
    there = client.get(f"/api/v1/menu?office={town.ids['far']}").json[0]["items"]
    assert "local" in {item["code"] for item in here} and "local" not in {item["code"] for item in there}
    assert "gone" not in {item["code"] for item in here}
    assert queries.item("local") is None and queries.item("gone") is None


@command
def add(town, code, **more):
    category = db.session.query(ServiceCategory).one()
    town.item(code, category.id, minutes=30, skills=[], **more)


def test_an_empty_category_is_left_out(town):
    empty()
    assert [shelf.category.code for shelf in queries.menu()] == ["relief"]


@command
def empty():
    db.session.add(ServiceCategory(code="law", name="法律服务"))


def test_communities_are_found_by_name_and_signs_have_no_meaning(town):
    assert [office.name for office in queries.search("青年")] == ["青年社区"]
    assert queries.search("%") == [] and queries.search("_") == []


def test_a_subtree_holds_its_communities_only(town):
    west = db.session.get(Office, town.ids["west"])
    assert {office.name for office in queries.communities([west.path])} == {"青年社区", "涌金社区"}
    assert queries.communities([]) == []


def test_an_order_may_be_handed_to_offices_beside_and_above(town):
    station = db.session.get(Office, town.ids["station"])
    assert {office.name for office in queries.others(station)} == {"测试市", "西区", "东区", "湖滨街道", "涌金社区"}


def test_names_are_said_in_the_readers_language(site, town):
    office = Office(name="青年社区", name_en="Youth", level="community")
    item = ServiceItem(name="理发", name_en="", description="上门", description_en="At home")
    with site.test_request_context(), force_locale("en"):
        assert (queries.named(office), queries.named(item), queries.described(item)) == ("Youth", "理发", "At home")
    with site.test_request_context(), force_locale("zh"):
        assert (queries.named(office), queries.described(item)) == ("青年社区", "上门")


def test_the_full_name_tells_communities_of_one_name_apart(town):
    station = db.session.get(Office, town.ids["station"])
    assert queries.full_name(station) == "西区 · 湖滨街道 · 青年社区"
    assert queries.place_name(station) == "湖滨街道青年社区"


def test_an_order_named_after_an_item_is_named_in_english_at_an_english_desk(site, town):
    @command
    def name_it():
        db.session.query(ServiceItem).filter_by(code="escort").one().name_en = "Hospital escort"

    name_it()
    with site.test_request_context(), force_locale("en"):
        assert queries.item_title("escort") == "Hospital escort"
        assert queries.item_title("修一修收音机") == "修一修收音机"
    with site.test_request_context(), force_locale("zh"):
        assert queries.item_title("escort") == "escort"
