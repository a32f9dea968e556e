"""DIF by logistic regression: independent maximum likelihood, crossing curves, separation."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from tests.measurement.fairness.conftest import graded, simulated

from liangcai.measurement.arrays import Array
from liangcai.measurement.fairness.logistic import logistic_dif
from liangcai.measurement.fairness.mantel_haenszel import (
    mantel_haenszel,
)
from liangcai.measurement.fairness.matching import Matching
from liangcai.measurement.fairness.odds_homogeneity import odds_homogeneity
from liangcai.measurement.responses.matrix import responses_of


def test_logistic_regression_equals_maximum_likelihood_person_by_person() -> None:
    """Independent values: scipy's general minimiser on the persons' own log-likelihood."""
    responses = simulated(persons=600, dif={3: 0.9})
    score = responses.scores.sum(axis=1).astype(float)
    matched = (score - score.mean()) / score.std()
    group = (responses.groups == responses.group_names.index("f")).astype(float)
    design = np.column_stack([np.ones(600), matched, group, matched * group])

    def loss(beta: Array, terms: int) -> float:
        line = design[:, :terms] @ beta
        return float(np.logaddexp(0, line).sum() - responses.scores[:, 3] @ line)

    fits = {k: minimize(loss, np.zeros(k), args=(k,), tol=1e-10) for k in (2, 3, 4)}
    found = logistic_dif(responses, reference="r")

    assert found.uniform_chi2[3] == pytest.approx(2 * (fits[2].fun - fits[3].fun), abs=1e-6)
    assert found.nonuniform_chi2[3] == pytest.approx(2 * (fits[3].fun - fits[4].fun), abs=1e-6)
    assert found.group[3] == pytest.approx(fits[3].x[2], abs=1e-4)
    assert found.interaction[3] == pytest.approx(fits[4].x[3], abs=1e-4)
    share = expit(design[:, :3] @ fits[3].x)
    spread = np.linalg.inv((design[:, :3].T * share * (1 - share)) @ design[:, :3])
    assert found.group_se[3] == pytest.approx(math.sqrt(spread[2, 2]), rel=1e-4)
    rate = float(responses.scores[:, 3].mean())
    null = 600 * (rate * math.log(rate) + (1 - rate) * math.log(1 - rate))
    r2 = [
        (1 - math.exp(2 * (null + fits[k].fun) / 600)) / (1 - math.exp(2 * null / 600))
        for k in (2, 4)
    ]
    assert found.r2_both[3] == pytest.approx(r2[1] - r2[0], abs=1e-7)


def test_the_cumulative_logit_equals_maximum_likelihood_person_by_person() -> None:
    """Independent values: scipy's general minimiser, thresholds as a rising chain."""
    responses = graded(persons=450, shift=0.6)
    chosen = responses.select_persons(responses.groups != responses.group_names.index("g"))
    score = chosen.scores.sum(axis=1).astype(float)
    matched = (score - score.mean()) / score.std()
    group = (chosen.groups == chosen.group_names.index("f")).astype(float)
    design = np.column_stack([matched, group])
    rows = np.arange(score.size)

    def loss(values: Array) -> float:
        cuts = np.cumsum(np.append(values[0], -np.exp(values[1:3])))
        reach = expit(cuts + (design @ values[3:])[:, None])
        edges = np.column_stack([np.ones(rows.size), reach, np.zeros(rows.size)])
        return float(-np.log(-np.diff(edges, axis=1)[rows, chosen.scores[:, 0]]).sum())

    best = minimize(loss, np.array([1.0, 0.0, 0.0, 1.0, 0.0]), tol=1e-9)
    found = logistic_dif(responses, reference="r", focal="f")

    assert found.group[0] == pytest.approx(best.x[4], abs=1e-3)
    assert found.group[0] < 0
    assert found.settled.all()


def test_crossing_curves_are_nonuniform_dif_that_mantel_haenszel_misses() -> None:
    rng = np.random.default_rng(5)  # synthetic
    group = np.arange(4000) % 2
    theta = rng.normal(size=4000)
    z = theta[:, None] - np.linspace(-1, 1, 15)
    z[:, 7] = np.where(group == 1, 0.3, 1.7) * theta
    scores = (rng.random(z.shape) < expit(z)).astype(np.int8)
    responses = responses_of(scores, groups=np.array(["r", "f"])[group])

    uniform = mantel_haenszel(responses, reference="r")
    regression = logistic_dif(responses, reference="r")
    trend = odds_homogeneity(responses, reference="r")

    assert "8" not in uniform.flagged_items()
    assert regression.nonuniform_p[7] < 1e-6
    assert regression.interaction[7] < 0
    assert trend.trend_p[7] < 1e-6


def test_an_item_that_separates_the_groups_has_a_likelihood_ratio_but_no_wald_test() -> None:
    rng = np.random.default_rng(2)  # synthetic
    group = np.arange(300) % 2
    scores = (rng.random((300, 6)) < 0.5).astype(np.int8)
    scores[:, 0] = 1 - group
    responses = responses_of(scores, groups=np.array(["r", "f"])[group])
    held = Matching(anchors=("2", "3", "4", "5", "6"), studied="excluded")

    regression = logistic_dif(responses, reference="r", matching=held)
    uniform = mantel_haenszel(responses, reference="r", matching=held)

    # Everybody's answer is known from the group: the gain is the whole deviance 2·300·ln 2,
    # less what the matching score explained before.
    assert 380 < regression.both_chi2[0] < 2 * 300 * math.log(2) + 1e-6
    assert math.isnan(regression.group[0])
    assert regression.flagged[0]
    assert uniform.delta[0] == -math.inf
    assert math.isnan(uniform.delta_se[0])
    assert uniform.flagged[0]
