"""Letters never reach this machine, its network or a cloud's own addresses, however the URL is written."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from app.connections import wire
from app.connections.addresses import Forbidden, Guard, is_public
from tests.connections.receiver import canary, receiving

OPEN = Guard(plain_http=True)
"""The most that any installation allows: development, http and every port."""
PRODUCTION = Guard()

HOSTS_OF_THIS_MACHINE = [
    "127.0.0.1", "127.1", "127.0.1", "127.0.0.2", "127.255.255.254", "0", "0.0.0.0", "0.0", "2130706433",  # noqa: S104 - refused, not bound
    "017700000001", "0x7f000001", "0x7f.1", "0x7f.0.0.1", "0177.0.0.1", "0177.1", "127.0x1", "127.000.000.001",
    "00000127.0.0.1", "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost",
    "foo.localhost", "127.0.0.1.", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2001:0:7f00:1::]", "[fe80::1%25lo]", "[fe80::1%lo]", "[fc00::1]", "[fd00::1]", "[ff02::1]", "[::1%25lo]",
    "[100::1]", "[2001:db8::1]", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "local\u00adhost",
    "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "127.0.0.1%00.example.org", "127.0.0.1%20", "127.0.0.1#.example.org",
    "example.org@127.0.0.1", "example.org:x@127.0.0.1", "user:pass@localhost", "127.0.0.1\\@example.org",
    "example.org\\@127.0.0.1", "127.0.0.1\t", "127.0.0.1\r\nHost: example.org", "127.0.0.1;example.org",
    "127.0.0.1,example.org", "-127.0.0.1", "127.0.0.1_", "", ".", "..", "*",
]  # fmt: skip
ELSEWHERE_INSIDE = [
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "[fd00:ec2::254]", "2852039166",
    "0xa9fea9fe", "[::ffff:169.254.169.254]", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "0.0.0.1", "metadata", "gateway",
]  # fmt: skip
WAYS = [
    "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "ftp://127.0.0.1:{port}/", "dict://127.0.0.1:{port}/",
    "//127.0.0.1:{port}/", "127.0.0.1:{port}", "http:127.0.0.1:{port}", "http:/127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/", "http://:{port}/", "https://127.0.0.1:{port}/", "https://localhost:{port}/",
    "HTTP://127.0.0.1:{port}/", "http://[127.0.0.1]:{port}/", "http://127.0.0.1:{port}:80/",
    "http://127.0.0.1:0{port}/", "http://127.0.0.1:+{port}/", "http://[::1:{port}/", " http://127.0.0.1:{port}/",
    "http://127.0.0.1 :{port}/", "http://127.0.0.1:{port}/" + "a" * 600, "javascript:alert(1)", "data:,x",
    "unix:///run/x.sock",
]  # fmt: skip
BYPASSES = [f"http://{host}:{{port}}/" for host in HOSTS_OF_THIS_MACHINE + ELSEWHERE_INSIDE] + WAYS


def test_no_way_of_writing_an_address_reaches_this_machine():
    assert len(BYPASSES) >= 60
    with canary() as trap:
        answers = {url: wire.post(url.format(port=trap.port), {}, b"{}", OPEN, 1.0) for url in BYPASSES}
        assert trap.visits == 0
        with socket.create_connection(("127.0.0.1", trap.port)):
            pass  # the trap itself works
        wait_for(lambda: trap.visits == 1)
    assert {url: answer.trouble for url, answer in answers.items() if answer.trouble not in REFUSALS} == {}


REFUSALS = {"form", "scheme", "port", "host", "address", "lookup"}
"""Not one of them came as far as connecting."""


def wait_for(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


NAMES = {
    "inside.example.org": ["127.0.0.1"],
    "mixed.example.org": ["93.184.215.14", "127.0.0.1"],
    "mapped.example.org": ["::ffff:127.0.0.1"],
    "tunnel.example.org": ["2002:7f00:1::"],
    "scoped.example.org": ["fe80::1%lo"],
    "cloud.example.org": ["169.254.169.254"],
    "nothing.example.org": [],
    "nonsense.example.org": ["not an address"],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_that_points_inside_is_refused(name):
    guard = Guard(plain_http=True, resolve=lambda host, port: NAMES[host])
    with canary() as trap:
        answer = wire.post(f"http://{name}:{trap.port}/", {}, b"{}", guard, 1.0)
        assert trap.visits == 0
    assert answer.trouble in {"address", "host"}


def test_a_name_that_answers_differently_the_second_time_is_asked_only_once():
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return ["192.0.2.1"] if len(asked) == 1 else ["127.0.0.1"]

    guard = Guard(named=frozenset({"rebind.example.org"}), plain_http=True, resolve=rebinding)
    with canary() as trap:
        wire.post(f"http://rebind.example.org:{trap.port}/", {}, b"{}", guard, 0.3)
        assert trap.visits == 0
    assert asked == ["rebind.example.org"]


def test_a_redirect_is_an_answer_and_is_not_followed():
    with canary() as trap, receiving() as receiver:
        receiver.secrets.append("s")
        receiver.answer = lambda body: 302
        receiver.location = f"http://127.0.0.1:{trap.port}/"
        guard = Guard(named=frozenset({receiver.host}), plain_http=True)
        answer = wire.post(receiver.url, signed(b"{}"), b"{}", guard)
        assert (answer.status, answer.is_good, trap.visits) == (302, False, 0)


def signed(body):
    from app.connections.letters import signature

    return {"Linli-Timestamp": "1", "Linli-Signature": signature("s", "1", body)}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://gateway.example.org/", "scheme"),
        ("https://gateway.example.org:8443/", "port"),
        ("https://gateway/", "host"),
        ("https://10.0.0.1/", "address"),
        ("https://user@gateway.example.org/", "form"),
        ("https://gateway.example.org/#part", "form"),
        ("https://gateway.example.org/\r\nX: y", "form"),
    ],
)
def test_in_production_only_https_on_443_of_a_public_name_will_do(url, code):
    with pytest.raises(Forbidden) as refused:
        PRODUCTION.read(url)
    assert refused.value.code == code


def test_a_host_the_operator_named_may_be_private_but_never_a_cloud_s_own_address():
    guard = Guard(named=frozenset({"sms.local:8443"}), resolve=lambda host, port: ["10.1.2.3", "fd00::7"])
    assert guard.addresses(guard.read("https://sms.local:8443/in")) == ["10.1.2.3", "fd00::7"]
    with pytest.raises(Forbidden):
        guard.read("https://sms.local:9443/in")
    for inside in ("127.0.0.1", "::1", "169.254.169.254", "fe80::1", "::", "224.0.0.1", "::ffff:127.0.0.1"):
        trap = Guard(named=frozenset({"sms.local"}), resolve=lambda host, port, inside=inside: ["10.1.2.3", inside])
        with pytest.raises(Forbidden):
            trap.addresses(trap.read("https://sms.local/in"))


@pytest.mark.parametrize("text", ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_addresses_of_the_open_internet_are_public(text):
    from ipaddress import ip_address

    assert is_public(ip_address(text))


def speaking(*said, pause=0.0, forever=False):
    """A server of one visit that says these pieces whatever it is asked; gives its guard and URL."""
    line = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def talk():
        visitor, _address = line.accept()
        with visitor:
            try:
                for piece in said:
                    visitor.sendall(piece)
                    over.wait(pause)
                while forever and not over.is_set():
                    visitor.sendall(said[-1])
                    over.wait(pause)
            except OSError:
                pass

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    host = f"127.0.0.1:{line.getsockname()[1]}"

    def end():
        over.set()
        thread.join()
        line.close()

    return f"http://{host}/", Guard(named=frozenset({host}), plain_http=True), end


@pytest.mark.parametrize(
    ("said", "options", "trouble"),
    [
        ([b"HTTP/1.1 200 OK\r\nX: "], {"pause": 10}, "time"),
        ([b"H"], {"pause": 0.05, "forever": True}, "time"),
        ([b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 4000 + b"\r\n"], {"forever": True}, "talk"),
        ([b"HTTP/1.1 102 Wait\r\n\r\n"], {"forever": True}, "talk"),
        ([b"SSH-2.0-x\r\n\r\n"], {}, "talk"),
        ([b"HTTP/1.1 20"], {}, "talk"),
        ([b"HTTP/1.1 999 X\r\n\r\n"], {}, "talk"),
    ],
)
def test_a_receiver_that_drips_floods_or_babbles_costs_one_bounded_try(said, options, trouble):
    url, guard, end = speaking(*said, **options)
    begun = time.monotonic()
    answer = wire.post(url, {}, b"{}", guard, 0.5)
    end()
    assert answer.trouble == trouble
    assert time.monotonic() - begun < 1.5


def test_a_resolver_that_hangs_is_left_alone():
    over = threading.Event()
    guard = Guard(plain_http=True, resolve=lambda host, port: over.wait(10) and [])
    begun = time.monotonic()
    answer = wire.post("http://slow.example.org/", {}, b"{}", guard, 0.3)
    over.set()
    assert answer.trouble == "lookup"
    assert time.monotonic() - begun < 1.5


def test_an_early_hint_is_not_the_answer():
    url, guard, end = speaking(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
    answer = wire.post(url, {}, b"{}", guard, 2)
    end()
    assert answer == wire.Answer(204, "")


def test_a_certificate_of_nobody_known_is_refused(tmp_path):
    url, guard, end = speaking(b"this is not TLS at all\r\n\r\n")
    answer = wire.post(url.replace("http://", "https://"), {}, b"{}", guard, 2)
    end()
    assert answer.trouble in {"tls", "connect"}
