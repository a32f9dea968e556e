"""Model-based person fit against the definitions in plain loops, and its behaviour under the model."""

import math

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import kstest

from liangcai.measurement.arrays import Array
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.person_fit.likelihood import LikelihoodFit, likelihood_fit
from liangcai.measurement.person_fit.moments import ModelDoesNotApply
from liangcai.measurement.person_fit.ranks import rank_fit, step_order
from liangcai.measurement.person_fit.residuals import ResidualFit, residual_fit
from liangcai.measurement.person_fit.simulated import (
    ReplicationsTooFew,
    SimulatedFit,
    simulated_fit,
    simulated_responses,
)
from liangcai.measurement.responses.matrix import Responses, responses_of
from liangcai.measurement.significance import LevelImpossible

MIXED = ItemParameters.from_json(
    [
        {"item": "1", "model": "2pl", "a": 1.2, "b": -0.5},
        {"item": "2", "model": "3pl", "a": 0.9, "b": 0.4, "c": 0.2},
        {"item": "3", "model": "grm", "a": 1.5, "b": [-1.0, 0.1, 1.2]},
        {"item": "4", "model": "gpcm", "a": 0.7, "b": [0.3, -0.2]},
        {"item": "5", "model": "2pl", "a": 2.0, "b": 1.0},
    ]
)
ANSWERS = responses_of(
    [[1, 0, 3, 2, 0], [0, 1, 0, 0, 1], [1, -1, 2, 1, 0], [-1, -1, 1, -1, 1], [-1] * 5]
)
THETA = np.array([0.3, -0.8, 0.1, 1.5, 0.0])


def bank(count: int) -> ItemParameters:
    """Synthetic 2PL items."""
    rng = np.random.default_rng(count)
    slopes, difficulties = np.exp(rng.normal(0, 0.2, count)), rng.normal(0, 1, count)
    return ItemParameters.from_json(
        [
            {"item": str(n + 1), "model": "2pl", "a": float(a), "b": float(b)}
            for n, (a, b) in enumerate(zip(slopes, difficulties, strict=True))
        ]
    )


def drawn(items: ItemParameters, theta: Array, seed: int) -> Responses:
    """Synthetic responses that follow the items."""
    rng = np.random.default_rng(seed)
    scores = rng.random((theta.size, items.count)) < expit(
        items.a * (theta[:, None] - items.b[:, 0])
    )
    return responses_of(scores.astype(np.int8))


def estimated(responses: Responses, items: ItemParameters, estimate: str) -> Array:
    """Estimates by search on a fine grid and one parabola: independent of the scoring package."""
    nodes = np.linspace(-6, 6, 1201)
    curves = category_curves(items, nodes)
    log_p = np.log(curves.probability)
    height = responses.scores @ (log_p[:, 1] - log_p[:, 0]) + log_p[:, 0].sum(axis=0)
    if estimate == "wle":
        # Warm's weight for 2PL items is the square root of the information.
        height = height + 0.5 * np.log(curves.information().sum(axis=0))
    if estimate in {"map", "eap"}:
        height = height - 0.5 * nodes**2
    if estimate == "eap":
        weight = np.exp(height - height.max(axis=1, keepdims=True))
        return np.asarray(weight @ nodes / weight.sum(axis=1))
    top = np.clip(height.argmax(axis=1), 1, nodes.size - 2)
    left, middle, right = (height[np.arange(top.size), top + k] for k in (-1, 0, 1))
    bend = left - 2 * middle + right
    return np.asarray(nodes[top] + np.where(bend < 0, 0.005 * (left - right) / bend, 0.0))


def _terms(person: int) -> list[tuple[int, Array, Array, Array]]:
    curves = category_curves(MIXED, THETA[person : person + 1])
    rows = []
    for item in range(MIXED.count):
        score = int(ANSWERS.scores[person, item])
        if score >= 0:
            exists = slice(0, int(MIXED.steps[item]) + 1)
            p, slope, bend = (
                part[item, exists, 0] for part in (curves.probability, curves.slope, curves.bend)
            )
            rows.append((score, p, slope, bend))
    return rows


@pytest.mark.parametrize("estimate", ["ml", "wle", "map", "eap"])
def test_lz_and_its_correction_equal_their_definitions(estimate: str) -> None:
    """Drasgow and others (1985); Snijders (2001) in the form of Sinharay (2016), category by category."""
    found = likelihood_fit(
        ANSWERS,
        MIXED,
        THETA,
        estimate=estimate,  # type: ignore[arg-type]
        prior_mean=0.2,
        prior_deviation=0.9,
    )

    for person in range(4):
        rows = _terms(person)
        seen = sum(math.log(p[x]) for x, p, _, _ in rows)
        mean = sum(float(p @ np.log(p)) for _, p, _, _ in rows)
        variance = sum(float(p @ np.log(p) ** 2 - (p @ np.log(p)) ** 2) for _, p, _, _ in rows)
        rate = sum(float(s @ np.log(p)) for _, p, s, _ in rows)
        rate /= sum(float((s**2 / p).sum()) for _, p, s, _ in rows)
        reduced = sum(
            float(p @ w**2 - (p @ w) ** 2)
            for p, w in ((p, np.log(p) - rate * s / p) for _, p, s, _ in rows)
        )
        start = {
            "ml": 0.0,
            "map": (0.2 - THETA[person]) / 0.81,
            "wle": sum(float((s * b / p).sum()) for _, p, s, b in rows)
            / (2 * sum(float((s**2 / p).sum()) for _, p, s, _ in rows)),
            "eap": -sum(float(s[x] / p[x]) for x, p, s, _ in rows),
        }[estimate]
        assert found.lz[person] == pytest.approx((seen - mean) / math.sqrt(variance), rel=1e-9)
        expected = (seen - mean + rate * start) / math.sqrt(reduced)
        assert found.lz_star[person] == pytest.approx(expected, rel=1e-8)


def test_a_person_without_answers_has_no_fit_and_no_flag() -> None:
    likelihood = likelihood_fit(ANSWERS, MIXED, THETA, estimate="wle")
    residual = residual_fit(ANSWERS, MIXED, THETA)

    assert np.isnan([likelihood.lz[4], likelihood.lz_star[4], likelihood.p[4]]).all()
    assert np.isnan([residual.infit[4], residual.outfit[4], residual.infit_z[4]]).all()
    assert not np.array([likelihood.flagged[4], residual.flagged[4]]).any()


def test_mean_squares_equal_their_definitions() -> None:
    """Wright & Masters (1982), chapter 5, category by category."""
    found = residual_fit(ANSWERS, MIXED, THETA)

    for person in range(4):
        rows = _terms(person)
        count = len(rows)
        residual, variance, fourth = (np.empty(count) for _ in range(3))
        for place, (score, p, _, _) in enumerate(rows):
            mean = float(p @ np.arange(p.size))
            gap = np.arange(p.size) - mean
            residual[place], variance[place], fourth[place] = score - mean, p @ gap**2, p @ gap**4
        outfit, infit = (residual**2 / variance).mean(), (residual**2).sum() / variance.sum()
        q_out = math.sqrt((fourth / variance**2).sum() / count**2 - 1 / count)
        q_in = math.sqrt((fourth - variance**2).sum()) / variance.sum()
        assert found.outfit[person] == pytest.approx(outfit, rel=1e-9)
        assert found.infit[person] == pytest.approx(infit, rel=1e-9)
        z_out = (outfit ** (1 / 3) - 1) * 3 / q_out + q_out / 3
        assert found.outfit_z[person] == pytest.approx(z_out, rel=1e-7)
        assert found.infit_z[person] == pytest.approx(
            (infit ** (1 / 3) - 1) * 3 / q_in + q_in / 3, rel=1e-7
        )


@pytest.mark.parametrize("estimate", ["ml", "wle", "map"])
def test_the_correction_makes_lz_standard_normal_where_lz_is_not(estimate: str) -> None:
    items = bank(40)
    theta = np.random.default_rng(8).normal(size=4000)
    responses = drawn(items, theta, seed=17)
    estimates = estimated(responses, items, estimate)
    inner = np.abs(estimates) < 2.5

    found = likelihood_fit(responses, items, estimates, estimate=estimate)  # type: ignore[arg-type]

    # About 4,000 persons know a deviation to 0.011 and a mean to 0.016; the normal approximation
    # itself is short of exact by a few hundredths at 40 items.
    assert found.lz[inner].std() < 0.97
    assert found.lz_star[inner].std() == pytest.approx(1.0, abs=0.045)
    assert found.lz_star[inner].mean() == pytest.approx(0.0, abs=0.06)
    assert found.flagged[inner].mean() == pytest.approx(0.05, abs=0.018)


def test_at_the_true_ability_lz_is_standard_normal() -> None:
    items = bank(60)
    theta = np.random.default_rng(9).normal(size=3000)

    found = likelihood_fit(drawn(items, theta, seed=18), items, theta, estimate="ml")

    assert kstest(found.lz, "norm").statistic < 0.05


def test_answers_thrown_by_dice_are_flagged() -> None:
    items = bank(60)
    theta = np.full(400, 1.0)
    scores = drawn(items, theta, seed=20).scores.copy()
    scores[:50] = np.random.default_rng(3).random((50, 60)) < 0.5
    responses = responses_of(scores)

    found = likelihood_fit(responses, items, estimated(responses, items, "wle"), estimate="wle")

    assert found.flagged[:50].mean() > 0.6
    assert found.flagged[50:].mean() < 0.1


def test_person_order_does_not_matter_and_blocks_do_not_show() -> None:
    items = bank(300)
    theta = np.random.default_rng(1).normal(size=2000)
    responses = drawn(items, theta, seed=2)
    order = np.random.default_rng(3).permutation(2000)

    here = likelihood_fit(responses, items, theta, estimate="ml")
    there = likelihood_fit(responses.select_persons(order), items, theta[order], estimate="ml")

    np.testing.assert_allclose(here.lz_star[order], there.lz_star, rtol=1e-9)


def test_simulated_p_values_flag_about_the_stated_share() -> None:
    items = bank(25)
    theta = np.random.default_rng(30).normal(size=800)
    responses = drawn(items, theta, seed=31)
    order = step_order(responses)

    found = simulated_fit(
        lambda r: rank_fit(r, order=order).guttman,
        responses,
        items,
        theta,
        rng=np.random.default_rng(32),
        tail="high",
        replications=99,
    )

    # 800 persons know a rate of 5 % to 0.8 percentage points; three of those.
    assert found.flagged.mean() == pytest.approx(0.05, abs=0.024)
    assert np.nanmin(found.p) >= 0.01
    assert np.isnan(found.p[np.isnan(found.statistic)]).all()


def test_simulated_responses_follow_the_curves_and_keep_what_is_missing() -> None:
    scores = np.zeros((4000, 5), dtype=np.int8)
    scores[:100, 2] = -1
    responses = responses_of(scores)

    found = simulated_responses(responses, MIXED, np.full(4000, 0.4), rng=np.random.default_rng(5))

    probability = category_curves(MIXED, np.array([0.4])).probability[:, :, 0]
    for item in range(5):
        given = found.scores[found.scores[:, item] >= 0, item]
        share = np.bincount(given, minlength=4) / given.size
        # 3,900 draws know a share to 0.008; four of those.
        np.testing.assert_allclose(share, probability[item], atol=0.032)
    assert (found.scores < 0).sum() == 100


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(ModelDoesNotApply, match="same order"):
        likelihood_fit(ANSWERS, MIXED.select([1, 0, 2, 3, 4]), THETA, estimate="ml")
    with pytest.raises(ModelDoesNotApply, match="5 persons"):
        residual_fit(ANSWERS, MIXED, THETA[:2])
    with pytest.raises(ModelDoesNotApply, match="no finite ability"):
        likelihood_fit(ANSWERS, MIXED, np.array([0, 0, np.inf, 0, 0]), estimate="ml")
    with pytest.raises(ModelDoesNotApply, match="no category"):
        residual_fit(responses_of([[2, 0, 0, 0, 0]]), MIXED, np.zeros(1))
    with pytest.raises(ModelDoesNotApply, match="'WLE'"):
        likelihood_fit(ANSWERS, MIXED, THETA, estimate="WLE")  # type: ignore[arg-type]
    with pytest.raises(LevelImpossible):
        likelihood_fit(ANSWERS, MIXED, THETA, estimate="ml", false_alarm_rate=0.0)
    with pytest.raises(ReplicationsTooFew, match="use 19"):
        simulated_fit(
            lambda r: rank_fit(r).u3,
            ANSWERS,
            MIXED,
            THETA,
            rng=np.random.default_rng(1),
            tail="high",
            replications=5,
        )


def test_an_item_alone_leaves_nothing_beside_the_ability() -> None:
    items = bank(1)

    found = likelihood_fit(responses_of([[1], [0]]), items, np.array([0.5, -0.5]), estimate="wle")

    # With one item the answer and the ability are the same thing: no lz*, and no NaN flag.
    assert np.isnan(found.lz_star).all()
    assert not found.flagged.any()


def test_person_fit_results_read_back_from_their_json_form() -> None:
    likelihood = likelihood_fit(ANSWERS, MIXED, THETA, estimate="ml")
    residual = residual_fit(ANSWERS, MIXED, THETA)
    simulated = simulated_fit(
        lambda r: rank_fit(r).u3,
        ANSWERS,
        MIXED,
        THETA,
        rng=np.random.default_rng(1),
        tail="high",
        replications=19,
    )

    assert LikelihoodFit.from_json(likelihood.to_json()).summary() == likelihood.summary()
    assert ResidualFit.from_json(residual.to_json()).summary() == residual.summary()
    assert SimulatedFit.from_json(simulated.to_json()).summary() == simulated.summary()
