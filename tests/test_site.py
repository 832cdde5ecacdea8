"""The way in, language and text size, health, the API's document."""

import pytest

from tests.factories import csrf_of


def test_a_stranger_sees_what_this_is(town, client):
    page = client.get("/").get_data(as_text=True)
    assert "我要帮忙" in page
    assert 'lang="zh-CN"' in page


@pytest.mark.parametrize("path", ["/about", "/docs/api", "/sign-in", "/sign-up", "/healthz", "/api/v1/openapi.json"])
def test_public_pages_open_without_signing_in(town, client, path):
    assert client.get(path).status_code == 200


def test_the_server_says_it_is_ready_and_why(town, client):
    answer = client.get("/readyz").get_json()
    assert {check["name"] for check in answer["checks"]} >= {"database", "schema", "durability", "disk"}
    assert all(check["ok"] for check in answer["checks"] if not check["may_fail"])


def test_the_chosen_language_stays(town, client):
    token = csrf_of(client.get("/sign-in").get_data(as_text=True))
    client.post("/language", data={"csrf_token": token, "language": "en", "next": "/about"})
    assert 'lang="en"' in client.get("/about").get_data(as_text=True)


def test_nobody_is_sent_to_another_site(town, client):
    token = csrf_of(client.get("/sign-in").get_data(as_text=True))
    answer = client.post("/language", data={"csrf_token": token, "language": "zh", "next": "//evil.example/"})
    assert answer.headers["Location"] == "/"


def test_a_form_without_its_token_is_refused_in_plain_words(town, client):
    client.get("/sign-in")
    answer = client.post("/language", data={"language": "en"})
    assert answer.status_code == 403
    assert "刷新" in answer.get_data(as_text=True)


def test_every_answer_carries_the_security_headers(town, client):
    headers = client.get("/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
