"""Photos in 点单: added, shown, taken away, refused."""

import re
from io import BytesIO

import pytest

from app.ordering import photos
from tests.ordering.visitor import only_order, picture


def test_photos_are_added_one_by_one_shown_and_taken_away_again(visitor, town):
    visitor.go_to("words", town)
    reply = visitor.answer("words", words="请看照片", stay="1", photo=(picture(), "a.jpg"))
    assert reply.location == "/orders/new/words"
    page = visitor.get("/orders/new/words").text
    assert "请看照片" in page
    address = re.search(r"/orders/new/photos/(\w+\.jpg)", page)
    assert visitor.get(address[0]).mimetype == "image/jpeg"
    visitor.answer("words", words="请看照片", drop=address[1])
    assert address[1] not in visitor.get("/orders/new/words").text
    assert visitor.get(address[0]).status_code == 404


def test_at_most_three_photos(visitor, town):
    visitor.go_to("words", town)
    for _ in range(3):
        assert visitor.answer("words", stay="1", photo=(picture(), "a.jpg")).status_code == 303
    reply = visitor.answer("words", photo=(picture(), "a.jpg"))
    assert reply.status_code == 422 and "最多放 3 张" in reply.text


@pytest.mark.parametrize("content", [b"", b"GIF89a" + b"x" * 50, b"<svg/>", b"\xff\xd8\xff" + b"x" * 100])
def test_a_file_that_is_no_picture_is_refused_and_the_words_are_kept(visitor, town, content):
    visitor.go_to("words", town)
    reply = visitor.answer("words", words="请看照片", photo=(BytesIO(content), "a.jpg"))
    assert reply.status_code == 422 and "请看照片" in reply.text and 'href="#f-photo"' in reply.text


def test_a_photo_that_is_gone_leaves_a_gap_and_the_order_whole(visitor, town):
    """A draft's picture is thrown away after a while; a file can be missing after a restore without its pictures."""
    visitor.go_to("words", town)
    visitor.answer("words", words="请看照片", stay="1", photo=(picture(), "a.jpg"))
    address = re.search(r"/orders/new/photos/(\w+\.jpg)", visitor.get("/orders/new/words").text)
    photos.draft_path(address[1]).unlink()
    assert visitor.get(address[0]).status_code == 404
    assert "请看照片" in visitor.get("/orders/new/words").text


def test_the_photo_of_a_draft_is_nobody_elses(visitor, town, site):
    visitor.go_to("words", town)
    visitor.answer("words", stay="1", photo=(picture(), "a.jpg"))
    address = re.search(r"/orders/new/photos/\w+\.jpg", visitor.get("/orders/new/words").text)[0]
    assert site.test_client().get(address).status_code == 404


def test_placed_photos_are_for_those_who_may_know_the_details(visitor, town, site, resident):
    visitor.go_to("words", town)
    visitor.answer("words", words="", photo=(picture(), "a.jpg"))
    visitor.submit()
    photo = only_order().photos[0]
    address = f"/orders/{only_order().id}/photos/{photo.id}"
    served = visitor.get(address)
    assert served.mimetype == "image/jpeg" and served.headers["X-Content-Type-Options"] == "nosniff"
    assert town.browser(site, town.coordinator()).get(address).status_code == 200
    for other in (town.resident("乙"), town.volunteer(), town.coordinator(town.ids["east"]), town.supervisor()):
        assert town.browser(site, other).get(address).status_code == 404
