"""The answer model: what it may look at, that it finds what is there, and that it says what it means."""

import json
from dataclasses import fields

import numpy as np
import pytest

from dispatch.offering import Answer, Fitted, Offered, Prior, calibration
from dispatch.offering.calibration import censoring_weights
from dispatch.offering.fitting import Outcome, TooLittle, fit, judge, learn
from tests.dispatch.offering.makers import NOON, offered


def town(size: int, seed: int, cut: bool = True) -> tuple[list[Outcome], np.ndarray]:
    """Offers of people who say yes the less the farther, answered after about eight minutes, many cut short."""
    dice = np.random.default_rng(seed)
    own = dice.normal(0, 1.0, 80)
    past = np.zeros((80, 2), dtype=int)
    found, truth = [], []
    for i in range(size):
        who, km = int(dice.integers(80)), float(dice.uniform(0, 6))
        yes = dice.random() < 1 / (1 + np.exp(-(own[who] + 0.2 - 0.6 * km)))
        no = not yes and dice.random() < 0.5
        delay, end = float(8 * np.exp(dice.normal(0, 1))), float(dice.exponential(25)) if cut else 1e9
        answered = (yes or no) and delay < min(end, 60.0)
        answer = (Answer.YES if yes else Answer.NO) if answered else Answer.WITHDRAWN if end < 60 else Answer.SILENCE
        seen = offered(km=km, yes=int(past[who, 0]), offers=int(past[who, 1]))
        found.append(Outcome(seen, NOON + i, answer, delay if answered else min(end, 60.0), 60.0))
        truth.append(yes and delay <= 60)
        if answer is not Answer.WITHDRAWN:
            past[who] += (answer is Answer.YES, 1)
    return found, np.array(truth)


def test_nothing_of_a_person_but_their_answers_and_their_distance_is_looked_at() -> None:
    known = {field.name for field in fields(Offered)}
    assert known == {
        "km", "hour", "weekday", "kind", "notice", "alerts_week", "alerts_day", "yes", "offers", "urgency",
    }  # fmt: skip


def test_what_is_learnt_is_nearer_the_truth_than_one_chance_for_all() -> None:
    past, _ = town(1500, 1)
    coming, truth = town(1000, 1)[0], town(1000, 1)[1]
    model = learn(past)
    share = float(model.delays("normal")[0].by(60.0))
    said = model.chances([one.offered for one in coming]) * share
    found = calibration(said, truth, float(truth.mean()))
    assert found.brier < found.constant - 0.01
    assert found.worst(200) < 0.08
    assert model.weights[0] < 0, "the farther, the fewer yes"


def test_offers_cut_short_are_made_up_for() -> None:
    whole, cut = learn(town(2000, 3, cut=False)[0]), learn(town(2000, 3)[0])
    assert cut.mean_yes == pytest.approx(whole.mean_yes, abs=0.05)
    medians = [float(np.interp(0.5, model.delays("normal")[0].share, model.delays("normal")[0].minutes))
               for model in (whole, cut)]  # fmt: skip
    assert medians[1] == pytest.approx(medians[0], rel=0.35)


def test_a_model_survives_json_and_gives_the_same_chances() -> None:
    past, _ = town(600, 2)
    model = fit(past)
    again = Fitted.from_dict(json.loads(json.dumps(model.to_dict())))
    offers = [one.offered for one in past[:50]]
    assert np.array_equal(again.chances(offers), model.chances(offers))
    assert again.to_dict() == model.to_dict()
    assert model.calibration["offers"] > 0
    assert model.window == (NOON, NOON + 599)
    with pytest.raises(ValueError, match="another version"):
        Fitted.from_dict(model.to_dict() | {"format": 0})


def test_the_order_of_the_rows_does_not_matter() -> None:
    past, _ = town(400, 4)
    assert learn(past).to_dict() == learn(past[::-1]).to_dict()


def test_too_little_to_learn_from_is_refused_and_the_prior_serves() -> None:
    past, _ = town(100, 5)
    with pytest.raises(TooLittle):
        learn(past)
    assert Prior(0.3).chances([offered()] * 3).tolist() == [0.3] * 3
    assert judge(learn(town(400, 5)[0]), []).offers == 0


def test_a_kind_never_seen_adds_nothing() -> None:
    model = learn(town(400, 6)[0])
    assert model.chances([offered(kind="never seen")]).shape == (1,)
    assert model.chances([]).shape == (0,)


def test_offers_cut_short_weigh_nothing_and_the_others_more() -> None:
    minutes, cut = np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, True, False, False])
    weights = censoring_weights(minutes, cut, np.full(4, 60.0))
    assert weights[1] == 0
    assert weights[0] == 1
    assert weights[2] == weights[3] == pytest.approx(1.5)
