"""What a letter says and how it is signed. Ids and code words only: whoever may know more asks the API for it.

Signature: HMAC-SHA256, keyed with the endpoint's secret, over `<timestamp>.<body>`. While a secret is being replaced
there are two signatures, and a receiver accepts either. docs/webhooks.md shows a receiver.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from app.notices import links
from app.notices.gathering import offers_of
from models import Delivery

SECRET_PREFIX = "lks_"  # noqa: S105 - how a secret begins, not one
TEST = "test"
_CODE = re.compile(r"[a-z0-9_.:-]{1,60}")


@dataclass(frozen=True)
class Letter:
    """A try at a delivery, with all that is needed to make it without the database."""

    delivery_id: str
    lease: str
    webhook_id: str
    url: str
    event_id: str
    body: bytes
    secrets: tuple[str, ...]


def new_secret() -> str:
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def event_id(row: Delivery) -> str:
    """What a receiver knows repeats by: the notice's own id, or a test's."""
    return row.notification_id or row.id


def body_of(row: Delivery) -> bytes:
    """The JSON text of a letter, the same at every try."""
    content: dict[str, Any] = {"id": event_id(row), "kind": TEST, "at": row.created_at.isoformat()}
    if row.outbox is not None:
        notice = row.outbox.notification
        content |= {
            "kind": notice.kind, "at": notice.created_at.isoformat(), "account": notice.account_id,
            "order": notice.order_id, "offer": notice.offer_id, "office": row.outbox.office_id,
        }  # fmt: skip
        several = offers_of(notice)
        if len(several) > 1:
            content["offers"] = several
        if notice.kind in row.webhook.kinds and (link := links.link_in(notice)):
            content["link"] = link  # whoever holds it may answer: only for an endpoint that asked for this very kind
            content |= {"links": links.links_in(notice)} if len(several) > 1 else {}
        code = notice.particulars.get("code")
        if isinstance(code, str) and _CODE.fullmatch(code):
            content["code"] = code
    return json.dumps(content, separators=(",", ":")).encode("ascii")


def headers(letter: Letter, moment: datetime) -> dict[str, str]:
    """The headers of a try made now. The signature covers the time, so an old letter cannot be played again."""
    stamp = str(int(moment.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Linli",
        "Linli-Event": letter.event_id,
        "Linli-Timestamp": stamp,
        "Linli-Signature": ",".join(signature(secret, stamp, letter.body) for secret in letter.secrets),
    }


def signature(secret: str, stamp: str, body: bytes) -> str:
    return "v1=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
