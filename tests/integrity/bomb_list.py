"""Requests too big, too deep, too many, or too odd: each as the bytes that go over the line."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

MEGABYTE = 1 << 20
REFUSED = frozenset(
    {400, 401, 403, 404, 405, 406, 408, 409, 411, 412, 413, 414, 415, 417, 422, 429, 431, 501, 503, 507}
)
HARMLESS = REFUSED | {200, 201, 204, 206, 302, 303, 304}
"""What may be answered where a server that overlooks the oddity does no harm."""
CUT = 0
"""The line was closed without an answer: as good a refusal as any of something that is no HTTP."""


@dataclass(frozen=True)
class Who:
    """Whose requests these are: tokens for programs, and a browser's cookie with its form token."""

    resident: str
    volunteer: str
    coordinator: str
    cookie: str
    form_token: str
    office: str


@dataclass(frozen=True)
class Bomb:
    name: str
    data: bytes
    allowed: frozenset[int] = REFUSED


def bombs(who: Who) -> Iterator[Bomb]:
    """All of them."""
    yield from _bodies(who)
    yield from _orders(who)
    yield from _others(who)
    yield from _addresses(who)
    yield from _heads(who)
    yield from _forms(who)
    yield from _pictures(who)
    yield from _broken_http(who)


def request(
    method: str, path: str, body: bytes = b"", *, token: str = "", kind: str = "application/json", head: str = ""
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"] if body else []
    return ("\r\n".join(lines) + "\r\n" + head + "\r\n").encode("utf-8", "surrogateescape") + body


def _order(who: Who, **change: object) -> bytes:
    usual = {"item": "errand", "office_id": who.office, "address": "3 幢 201", "as_soon": True}
    return json.dumps(usual | change).encode()


def _bodies(who: Who) -> Iterator[Bomb]:
    bodies = {
        "100,000 brackets": b"[" * 100_000 + b"]" * 100_000,
        "50,000 objects deep": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        "an open bracket a million times": b"[" * MEGABYTE,
        "nothing that ends": b'{"title": "' + b"a" * MEGABYTE,
        "a list of a million numbers": b"[" + b"1," * 1_000_000 + b"1]",
        "200,000 names": ("{" + ",".join(f'"k{n}":1' for n in range(200_000)) + "}").encode(),
        "one name 200,000 times": ("{" + ",".join('"title":1' for _ in range(200_000)) + "}").encode(),
        "a number of 5,000 digits": b'{"positions":' + b"9" * 5000 + b"}",
        "a number of a million digits": b'{"positions":' + b"9" * 1_000_000 + b"}",
        "bytes that are no text": b"\xff\xfe" * 1000,
        "text in UTF-16": json.dumps({"item": "errand"}).encode("utf-16"),
        "a mark before the text": b"\xef\xbb\xbf{}",
        "a bare word": b"true",
        "a list where an object belongs": b"[]",
        "eleven megabytes": b'"' + b"a" * (11 * MEGABYTE) + b'"',
        "squeezed, a gigabyte when unpacked": zlib.compress(b"\0" * 50 * MEGABYTE, 9),
    }
    for name, body in bodies.items():
        head = "Content-Encoding: deflate\r\n" if name.startswith("squeezed") else ""
        yield Bomb(f"JSON: {name}", request("POST", "/api/v1/orders", body, token=who.resident, head=head))


def _orders(who: Who) -> Iterator[Bomb]:
    changes: dict[str, dict[str, object]] = {
        "nine megabytes of words": {"words": "长" * (3 * MEGABYTE)},
        "a NUL": {"address": "3 幢\0"},
        "half a character": {"address": "\ud800"},
        "more than int8": {"positions": 2**63},
        "less than int8": {"positions": -(2**63) - 1},
        "a million people": {"positions": 1_000_000},
        "no number": {"lat": float("nan"), "lon": 1},
        "infinity": {"lat": float("inf"), "lon": 1},
        "a fraction of people": {"positions": 1.5},
        "a window of a hundred years": {
            "as_soon": False, "window_from": "2026-12-01T09:00:00+08:00", "window_until": "2126-12-01T09:00:00+08:00",
        },
        "the last moment there is": {
            "as_soon": False, "window_from": "9999-12-31T23:59:59+00:00", "window_until": "9999-12-31T23:59:59+00:00",
        },
        "the year one": {
            "as_soon": False, "window_from": "0001-01-01T00:00:00+14:00", "window_until": "0001-01-02T00:00:00+14:00",
        },
        "a time zone of a hundred hours": {"as_soon": False, "window_from": "2026-12-01T09:00:00+99:00"},
        "100,000 languages": {"languages": ["zh"] * 100_000},
        "an object for a text": {"address": {"a": {"b": {}}}},
        "a list for a text": {"address": ["3 幢"] * 1000},
        "an item of a megabyte": {"item": "x" * MEGABYTE},
        "a phone of 100,000 digits": {"on_behalf": True, "contact_name": "甲", "contact_phone": "1" * 100_000},
        "somebody else's id": {"resident_id": "0" * 20, "on_behalf": True},
        "fields nobody knows": {f"field{n}": n for n in range(10_000)},
    }  # fmt: skip
    for name, change in changes.items():
        yield Bomb(f"order: {name}", request("POST", "/api/v1/orders", _order(who, **change), token=who.resident))


def _others(who: Who) -> Iterator[Bomb]:
    long_ago, far = "0001-01-01", "9999-12-31"
    asked: list[tuple[str, str, str, str, object]] = [
        ("a day plan for the year 9999", "POST", "day-plans", who.coordinator, {"office_id": who.office, "day": far}),
        ("a day plan of the past", "POST", "day-plans", who.coordinator, {"office_id": who.office, "day": long_ago}),
        ("a week of 100,000 slots", "PUT", "me/availability", who.volunteer,
         {"slots": [{"weekday": 0, "from": "08:00", "until": "09:00"}] * 100_000}),
        ("a break of 8,000 years", "POST", "me/exceptions", who.volunteer,
         {"starts_at": "2026-12-01T00:00:00Z", "ends_at": f"{far}T00:00:00Z" * 2}),
        ("on duty for a billion hours", "PUT", "me/duty", who.volunteer, {"on": True, "hours": 10**9}),
        ("a radius around the earth", "PATCH", "me/volunteer", who.volunteer, {"radius_m": 10**12}),
        ("10,000 skills", "PATCH", "me/volunteer", who.volunteer, {"skills": [f"s{n}" for n in range(10_000)]}),
        ("a password of a megabyte", "POST", "session", "", {"phone": "19900000001", "password": "a" * MEGABYTE}),
        ("a name of a megabyte", "PATCH", "me", who.resident, {"name": "名" * 300_000}),
    ]  # fmt: skip
    for name, method, path, token, body in asked:
        yield Bomb(name, request(method, f"/api/v1/{path}", json.dumps(body).encode(), token=token))


def _addresses(who: Who) -> Iterator[Bomb]:
    huge = "9" * 400
    for name, path in {
        "figures of all time": "figures?from=0001-01-01&until=9999-12-31",
        "figures from no day": "figures?from=2026-02-30&until=x",
        "page ten to the 400": f"orders?page={huge}",
        "page minus one": "orders?page=-1",
        "page_size of a million": "orders?page=1&page_size=1000000",
        "a cursor that is none": "orders?cursor=%00%ff%fe",
        "a search of 8,000 characters": f"volunteers?q={'%25' * 2600}",
        "a latitude that is no number": "open-orders?within_m=nan",
        "no end of metres": f"open-orders?within_m={huge}",
        "1,500 parameters": "orders?" + "&".join(f"a{n}=1" for n in range(1500)),
        "an id of 8,000 characters": f"orders/{'a' * 8000}",
        "an id with NUL": "orders/%00",
        "an id that climbs": "orders/..%2f..%2f..%2fetc%2fpasswd",
        "an id of half characters": "orders/%ed%a0%80",
    }.items():
        yield Bomb(f"GET: {name}", request("GET", f"/api/v1/{path}", token=who.coordinator), HARMLESS)


def _heads(who: Who) -> Iterator[Bomb]:
    for name, head in {
        "500 headers": "".join(f"X-{n}: 1\r\n" for n in range(500)),
        "a header of 200 KB": f"X-Long: {'a' * 200_000}\r\n",
        "a cookie of 100 KB": f"Cookie: linli={'a' * 100_000}\r\n",
        "800 languages": "Accept-Language: " + ",".join(f"x{n % 99}-y;q=0.5" for n in range(800)) + "\r\n",
        "700 kinds of content": "Accept: " + ",".join("a/b;q=0.1" for _ in range(700)) + "\r\n",
        "1,500 ranges": "Range: bytes=" + ",".join("0-1" for _ in range(1500)) + "\r\n",
        "a forwarded address a kilometre long": f"X-Forwarded-For: {'1.2.3.4, ' * 700}1.2.3.4\r\n",
        "a host that is none": "Host: <script>\r\n",
    }.items():
        yield Bomb(f"head: {name}", request("GET", "/about", head=head), HARMLESS | {CUT})
    key = "k" * 100_000
    body = _order(who)
    long_key = request("POST", "/api/v1/orders", body, token=who.resident, head=f"Idempotency-Key: {key[:7000]}\r\n")
    yield Bomb("head: an idempotency key of 7,000 characters", long_key)
    yield Bomb("head: a bearer token of 100 KB", request("GET", "/api/v1/me", token=key), REFUSED | {CUT})


def _forms(who: Who) -> Iterator[Bomb]:
    def form(path: str, body: bytes, kind: str) -> bytes:
        return request("POST", path, body, kind=kind, head=f"Cookie: {who.cookie}\r\n")

    start = f"csrf_token={who.form_token}&".encode()
    plain = "application/x-www-form-urlencoded"
    yield Bomb("form: 300,000 fields", form("/me/addresses", start + b"a=1&" * 300_000, plain))
    yield Bomb(
        "form: two megabytes in one field", form("/me/addresses", start + b"house=" + b"a" * 2 * MEGABYTE, plain)
    )
    yield Bomb("form: a NUL", form("/me/addresses", start + b"house=%00&office_id=x", plain))
    yield Bomb("form: bytes that are no text", form("/me/addresses", start + b"house=%ff%fe%ed%a0%80", plain))
    yield Bomb("form: no form token", form("/me/addresses", b"house=a", plain))
    parts = (
        b"".join(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(50_000)) + b"--b--\r\n"
    )
    yield Bomb("form: 50,000 parts", form("/me/addresses", parts, "multipart/form-data; boundary=b"))
    yield Bomb("form: parts without a boundary", form("/me/addresses", parts[:1000], "multipart/form-data"))
    longest = "multipart/form-data; boundary=" + "b" * 5000
    yield Bomb("form: a boundary of 5,000 characters", form("/me/addresses", parts[:1000], longest))
    torn = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"-" * MEGABYTE
    yield Bomb("form: a part that never ends", form("/me/addresses", torn, "multipart/form-data; boundary=b"))
    heads = b"--b\r\n" + b"X: y\r\n" * 100_000 + b"\r\n1\r\n--b--\r\n"
    yield Bomb("form: a part of 100,000 headers", form("/me/addresses", heads, "multipart/form-data; boundary=b"))


def _pictures(who: Who) -> Iterator[Bomb]:
    """Through the page on which photos are added to an order."""
    for name, content in {
        "81 megapixels in 79 KB": _png(9000, 9000),
        "196 megapixels": _png(14000, 14000),
        "a width of two thousand million": _head_of_png(2**31 - 1, 2**31 - 1),
        "no pixels": _head_of_png(0, 0),
        "half a picture": _png(200, 200)[:60],
        "a page that calls itself a picture": b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        "an archive that calls itself a picture": b"PK\x03\x04" + b"\0" * 10_000,
        "a thousand pictures in one": _gif(1000),
        "nine megabytes of noise": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 36_000,
        "words in a picture, a gigabyte when unpacked": _text_png(),
    }.items():
        head = (
            f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{who.form_token}\r\n'
            '--b\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
        )
        body = head.encode() + content + b"\r\n--b--\r\n"
        kind = "multipart/form-data; boundary=b"
        sent = request("POST", "/orders/new/words", body, kind=kind, head=f"Cookie: {who.cookie}\r\n")
        yield Bomb(f"photo: {name}", sent)


def _png(width: int, height: int) -> bytes:
    """All one colour, written row by row: nobody has to hold the pixels to make it."""
    squeeze = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    data = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    return _head_of_png(width, height) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _head_of_png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))


def _text_png() -> bytes:
    words = b"Comment\0\0" + zlib.compress(b"\0" * 60 * MEGABYTE, 9)
    return _head_of_png(8, 8) + _chunk(b"zTXt", words) * 10 + _png(8, 8)[33:]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _gif(frames: int) -> bytes:
    out = io.BytesIO()
    pictures = [Image.new("P", (16, 16), number % 256) for number in range(frames)]
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def _broken_http(who: Who) -> Iterator[Bomb]:
    token = f"Authorization: Bearer {who.resident}\r\n"
    start = f"POST /api/v1/orders HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n{token}"
    for name, text in {
        "a length below nothing": start + "Content-Length: -1\r\n\r\n",
        "a length that is none": start + "Content-Length: ten\r\n\r\n",
        "two lengths": start + "Content-Length: 2\r\nContent-Length: 7\r\n\r\n{}",
        "a length and pieces": start + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "pieces that are none": start + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        "a piece of 2^64": start + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n",
        "a line of 200 KB": f"GET /{'a' * 200_000} HTTP/1.1\r\nHost: a\r\n\r\n",
        "a verb nobody knows": "BOMB / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "TRACE": "TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "CONNECT": "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "a version from the future": "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "the handshake of something else": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + "\r\n\r\n",
        "a header in two lines": "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\nConnection: close\r\n\r\n",
        "a name with a space": "GET / HTTP/1.1\r\nHost : a\r\nConnection: close\r\n\r\n",
    }.items():
        yield Bomb(f"HTTP: {name}", text.encode("latin-1"), HARMLESS | {CUT, 505})
