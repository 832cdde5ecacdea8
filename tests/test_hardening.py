"""What every request and answer goes through, and what the server refuses to start with."""

import base64
import gzip
import hashlib
import re
from dataclasses import fields, replace

import pytest

from app import create_app, outage
from app.assets import asset_url
from app.config import ROOT, BadSetting, Settings
from models import Account, db
from tests.architecture.code import templates
from tests.factories import csrf_of

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
STRONG = "0123456789abcdefghijklmnopqrstuvwxyz"


def _unsafe_routes(site):
    """Every (method, path) that changes something, with ids filled in by something that fits the rule."""
    adapter = site.url_map.bind("localhost")
    for rule in site.url_map.iter_rules():
        for method in sorted(rule.methods & set(UNSAFE)):
            words = {name: sorted(getattr(rule._converters[name], "items", "x"))[0] for name in rule.arguments}
            yield method, adapter.build(rule.endpoint, words, method)


def test_no_unsafe_route_takes_a_cookie_without_the_forms_token(town, site):
    browser = town.browser(site, town.resident())
    browser.get("/me")
    routes = list(_unsafe_routes(site))
    assert len(routes) > 100
    taken = [f"{m} {path}" for m, path in routes if browser.open(path, method=m).status_code != 403]
    assert not taken


@pytest.mark.parametrize(("site_of_it", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 303)])
def test_a_form_that_was_sent_from_another_site_is_refused_in_spite_of_its_token(town, site, site_of_it, status):
    browser = town.browser(site, town.resident())
    token = csrf_of(browser.get("/me").text)
    answer = browser.post("/me", data={"csrf_token": token, "name": "王奶奶"}, headers={"Sec-Fetch-Site": site_of_it})
    assert answer.status_code == status


def test_a_token_in_the_header_is_sent_on_purpose_and_needs_no_form(town, site):
    program = town.program(site, town.resident())
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert program.patch("/api/v1/me", json={"name": "王奶奶"}, headers=headers).status_code == 204


def test_a_style_and_a_script_go_packed_and_without_what_only_a_page_heeds(site):
    with site.test_request_context():
        addresses = [asset_url("css/app.css"), asset_url("js/app.js")]
    for address in addresses:
        packed = site.test_client().get(address, headers={"Accept-Encoding": "gzip"})
        plain = site.test_client().get(address)
        assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.data) == plain.data
        assert "immutable" in packed.headers["Cache-Control"] and packed.headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Security-Policy" not in packed.headers


@pytest.mark.parametrize("name", ["node_modules/axe-core/axe.min.js", "package.json", "css/nothing.css"])
def test_nothing_but_our_own_files_is_served_under_the_version(site, name):
    with site.test_request_context():
        address = asset_url(name)
    assert site.test_client().get(address).status_code == 404


@pytest.mark.parametrize(
    "name", ["css/app.css", "package.json", "package-lock.json", "node_modules/axe-core/axe.min.js"]
)
def test_there_is_no_way_around_the_version(site, name):
    assert site.test_client().get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/offers/none", 404), ("/sign-in", 200)])
def test_pages_that_say_no_go_packed_too(town, site, path, status):
    answer = town.browser(site, town.volunteer()).get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == status and answer.headers["Content-Encoding"] == "gzip"
    assert "</html>" in gzip.decompress(answer.data).decode()


def _rules(headers):
    return dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))


def test_a_first_page_holds_its_styles_and_nothing_but_their_hash_lets_them_in(town, site):
    browser = town.browser(site, town.resident())
    first, second = browser.get("/home"), browser.get("/home")
    [style] = re.findall("<style>(.*?)</style>", first.text, re.DOTALL)
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert _rules(first.headers)["style-src"] == f"'self' 'sha256-{known}'"
    assert "css/app.css" not in first.text
    assert "css/app.css" in second.text and "<style>" not in second.text
    assert _rules(second.headers)["style-src"] == "'self'"


def test_styles_of_an_older_version_come_anew_and_desks_always_link_to_theirs(town, site):
    browser = town.browser(site, town.resident())
    browser.set_cookie("linli_styled", "of last week")
    assert "<style>" in browser.get("/home").text
    assert "<style>" not in town.browser(site, town.coordinator()).get("/board").text


@pytest.mark.parametrize("path", ["/", "/sign-in", "/me", "/api/v1/me", "/nowhere", "/healthz"])
def test_every_answer_has_the_strict_headers(town, site, path):
    browser = town.browser(site, town.resident())
    browser.get("/home")
    headers = browser.get(path).headers
    rules = _rules(headers)
    assert rules["default-src"] == "'none'" and rules["script-src"] == "'self'" and rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["object-src"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"] and "http" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_over_https_the_cookie_belongs_to_this_host_alone_and_browsers_stay_with_https(sqlite_database, tmp_path):
    app = create_app(Settings(database_url=sqlite_database, instance=tmp_path, testing=True, https=True))
    answer = app.test_client().get("/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookies = answer.headers.getlist("Set-Cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == ["__Host-linli", "__Host-linli_styled"]
    for cookie in cookies:
        assert all(word in cookie for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
        assert "Domain" not in cookie
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def production(sqlite_database, tmp_path):
    """Settings a production server starts with."""
    keys = "v1:" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    return Settings(
        environment="production", secret_key=STRONG, database_url=sqlite_database, instance=tmp_path, https=True,
        public="off", data_keys=keys,
    )  # fmt: skip


def test_production_starts_with_a_strong_secret(production):
    app = create_app(production)
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [({"secret_key": ""}, "SECRET_KEY"), ({"secret_key": "short"}, "SECRET_KEY"),
     ({"secret_key": "a" * 64}, "SECRET_KEY"), ({"public": "on"}, "PUBLIC")],
)  # fmt: skip
def test_production_refuses_to_start_with(production, change, complaint):
    with pytest.raises(BadSetting, match=complaint):
        create_app(replace(production, **change))


def test_production_refuses_the_debugger(production, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(BadSetting, match="FLASK_DEBUG"):
        create_app(production)


def test_production_refuses_a_database_with_demo_accounts(production, site):
    from app.kernel.clock import now
    from app.kernel.transaction import command

    def add():
        db.session.add(Account(phone="+8619900000001", password_hash="!", name="x", is_demo=True, created_at=now()))

    command(add)()
    with pytest.raises(BadSetting, match="demo city"):
        create_app(production)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SESSIONS_PER_PERSON", "0"),
        ("STEP_UP_MINUTES", "1000"),
        ("SIGN_IN_TRIES", "many"),
        ("SOCKETS_PER_PERSON", "-1"),
        ("SOCKETS", "0"),
        ("SOCKETS", "20001"),
        ("SOCKETS", "9" * 5000),
        ("PORT", "65536"),
        ("PORT", ""),
        ("PROXIES", "6"),
        ("PROXIES", "1.5"),
        ("LOG_DAYS", "179"),
    ],
)
def test_a_limit_outside_its_bounds_is_refused_and_the_bounds_are_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=rf"^{name} must be a whole number from \d+ to \d+$"):
        Settings()


def test_every_whole_number_has_bounds(monkeypatch):
    """Whatever is added: each setting that is a number refuses words."""
    numbers = re.findall(r'_number\("([A-Z_]+)"', (ROOT / "app" / "config.py").read_text("utf-8"))
    whole = [field for field in fields(Settings) if field.type == "int"]
    assert len(numbers) == len(whole) > 10
    assert "int(os.environ" not in (ROOT / "app" / "config.py").read_text("utf-8")
    for name in numbers:
        with monkeypatch.context() as environment, pytest.raises(BadSetting, match=name):
            environment.setenv(name, "many")
            Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "prodction"),
        ("ENVIRONMENT", "prod"),
        ("ENVIRONMENT", ""),
        ("ASYNC_MODE", "gevnet"),
        ("PUBLIC", "none"),
        ("SOLVER", "outline"),
        ("HTTPS", "ture"),
        ("RATE_LIMITS", "flase"),
    ],
)
def test_a_misspelt_word_is_refused_and_never_counts_as_another(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=f"^{name} must be o"):
        Settings()


def test_known_words_are_read_whatever_their_letters(monkeypatch):
    monkeypatch.setenv("ENVIRONMENT", "Production")
    monkeypatch.setenv("HTTPS", "ON")
    monkeypatch.setenv("RATE_LIMITS", "")
    settings = Settings()
    assert settings.in_production and settings.https and settings.rate_limits
    assert settings.backup_minutes == 1440


def test_no_password_is_written_into_a_page_that_keeps_a_form():
    wanted = re.compile(r"password_field\('(\w+)'")
    named = {name for path in templates() for name in wanted.findall(path.read_text("utf-8"))}
    assert named and named <= outage.SECRET
