"""What the resident's card says while somebody is coming."""

from app.serving import service as serving
from tests.serving.steps import taken


def test_the_card_says_when_the_volunteer_has_set_out(town, site):
    resident, volunteer = town.resident(), town.volunteer("李晓梅")
    order = town.open_order(resident)
    assignment = taken(order, volunteer)
    browser = town.browser(site, resident)
    assert "李师傅会按时来。" in browser.get(f"/orders/{order.id}/card").text
    serving.depart(assignment.id, actor=volunteer)
    for page in (f"/orders/{order.id}", f"/orders/{order.id}/card", "/home"):
        assert "李师傅已出发，正在路上。" in browser.get(page).text


def test_of_two_who_come_only_those_on_the_way_are_named(town, site):
    resident, first, second = town.resident(), town.volunteer("李晓梅"), town.volunteer("张强")
    order = town.open_order(resident, positions=2)
    assignment = taken(order, first)
    taken(order, second)
    serving.depart(assignment.id, actor=first)
    page = town.browser(site, resident).get(f"/orders/{order.id}/card").text
    assert "李师傅已出发，正在路上。" in page and "张师傅已出发" not in page
