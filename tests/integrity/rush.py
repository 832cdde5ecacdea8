"""One of several processes that answer offers and claim orders at the same time, through the whole HTTP stack."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.kernel import clock
from app.kernel.access import SYSTEM
from app.kernel.errors import DomainError
from app.ordering import service as ordering
from tests.conftest import build_app


@dataclass(frozen=True)
class Attempt:
    """A path to post to as somebody (their bearer token); or an order to call off, without a token."""

    path: str
    token: str = ""


def run(url: str, moment: datetime, attempts: list[Attempt], seed: int, start: Any, answers: Any) -> None:
    """Wait for the others, make the attempts in an order of one's own, and hand over how often each answer came."""
    random.Random(seed).shuffle(attempts)
    counted: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, clock.fixed(moment):
        app = build_app(url, Path(folder))
        start.wait(60)
        for attempt in attempts:
            counted[_answer(app, attempt)] += 1
    answers.put(dict(counted))


def _answer(app: Any, attempt: Attempt) -> str:
    try:
        if not attempt.token:
            return _call_off(app, attempt.path)
        headers = {"Authorization": f"Bearer {attempt.token}"}
        answer = app.test_client().post(f"/api/v1/{attempt.path}", headers=headers)
        return f"{answer.status_code} {(answer.json or {}).get('code', '')}".strip()
    except Exception as error:
        return f"raised {type(error).__name__}: {error}"


def _call_off(app: Any, order_id: str) -> str:
    with app.app_context():
        try:
            ordering.cancel(order_id, "不用了", actor=SYSTEM)
        except DomainError as error:
            return f"409 {error.code}"
    return "cancelled"
