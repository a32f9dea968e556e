import numpy as np
import pytest

from liangcai.measurement.linking.drift import (
    AnchorDrift,
    StableLink,
    anchor_drift,
    link_stable_anchors,
)
from liangcai.measurement.linking.errors import (
    LinkError,
    item_link_error,
    parameter_link_error,
)
from liangcai.measurement.linking.link import link
from liangcai.measurement.linking.transformation import Transformation
from liangcai.measurement.models.items import ItemParameters

METHODS = ["mean-mean", "mean-sigma", "haebara", "stocking-lord"]


def many(count: int, seed: int) -> ItemParameters:
    rng = np.random.default_rng(seed)
    return ItemParameters.from_json(
        [
            {"item": f"i{n}", "model": "2pl", "a": float(a), "b": float(b)}
            for n, (a, b) in enumerate(
                zip(rng.lognormal(0, 0.2, count), rng.normal(size=count), strict=True)
            )
        ]
    )


def drifted(count: int = 12, *, by: float = 0.8) -> tuple[ItemParameters, ItemParameters]:
    """Synthetic: small noise on every difficulty, one item (i4) moved."""
    one, noise = many(count, 3), np.random.default_rng(4).normal(0, 0.04, count)
    shifted = one.b.copy()
    shifted[:, 0] += noise
    shifted[4, 0] += by
    moved = ItemParameters(
        one.names, one.models, one.a, shifted, one.c, one.d, one.category_slopes, one.dimension
    )
    return one, Transformation(1.1, 0.25).items(moved)


@pytest.mark.parametrize("rule", ["rmsd", "robust-z", "perpendicular", "wald"])
def test_a_drifted_item_is_dropped_and_logged(rule: str) -> None:
    one, other = drifted()
    covariance = np.diag(np.full(24, 0.05**2))
    given = (
        {"source_covariance": covariance, "target_covariance": covariance} if rule == "wald" else {}
    )

    found = link_stable_anchors(one, other, rule=rule, **given)

    assert found.dropped[0].item == "i4"
    assert "i4" not in found.link.item
    assert found.link.slope == pytest.approx(1.1, abs=0.05)
    assert found.link.intercept == pytest.approx(0.25, abs=0.05)
    assert StableLink.from_json(found.to_json()).to_json() == found.to_json()


def test_items_that_kept_still_all_stay() -> None:
    one, other = drifted(by=0.0)

    found = link_stable_anchors(one, other)

    assert found.dropped == ()
    assert not found.exhausted


def test_dropping_stops_at_the_least_number_of_items() -> None:
    one, other = many(5, 5), many(5, 6)

    found = link_stable_anchors(one, other, threshold=1e-6, least=4)

    assert len(found.link.item) == 4
    assert found.exhausted


def test_drift_statistics_follow_their_definitions() -> None:
    one, other = drifted()
    found = link(one, other, method="mean-sigma")

    drift = anchor_drift(one, other, found)

    shift = other.b[:, 0] - (found.slope * one.b[:, 0] + found.intercept)
    np.testing.assert_allclose(drift.shift, shift)
    quartiles = np.subtract(*np.percentile(shift, [75, 25]))
    np.testing.assert_allclose(drift.robust_z, (shift - np.median(shift)) / (0.7413 * quartiles))
    np.testing.assert_allclose(drift.perpendicular, shift / np.std(shift))
    assert np.isnan(drift.wald).all()
    assert AnchorDrift.from_json(drift.to_json()).to_json() == drift.to_json()


def test_the_wald_statistic_of_an_unmoved_bank_is_chi_square() -> None:
    rng, one, values = np.random.default_rng(12), many(10, 7), []
    move, se = Transformation(1.2, -0.3), 0.05
    covariance = np.diag(np.full(20, se**2))
    fixed = link(one, move.items(one))
    for _ in range(60):
        ends = []
        for _side in range(2):
            noise = rng.normal(0, se, (10, 2))
            ends.append(
                ItemParameters(
                    one.names,
                    one.models,
                    one.a + noise[:, 0],
                    one.b + noise[:, 1:],
                    one.c,
                    one.d,
                    one.category_slopes,
                    one.dimension,
                )
            )
        target = move.items(ends[1])
        scaled = np.diag(np.tile([(se / 1.2) ** 2, (se * 1.2) ** 2], 10))
        found = anchor_drift(
            ends[0], target, fixed, source_covariance=covariance, target_covariance=scaled
        )
        values.append(found.wald)

    # Synthetic: 600 values with mean 2 and variance 4; four standard errors.
    assert np.mean(values) == pytest.approx(2.0, abs=4 * 2 / np.sqrt(600))


@pytest.mark.parametrize("method", METHODS)
def test_the_delta_method_foretells_the_spread_of_links(method: str) -> None:
    rng, truth, se = np.random.default_rng(21), many(10, 8), 0.06
    covariance = np.diag(np.full(20, se**2))
    target = Transformation(1.1, 0.4).items(truth)

    found = parameter_link_error(
        truth, target, source_covariance=covariance, target_covariance=0 * covariance, method=method
    )

    drawn = []
    for _ in range(200):
        noise = rng.normal(0, se, (10, 2))
        noisy = ItemParameters(
            truth.names,
            truth.models,
            truth.a + noise[:, 0],
            truth.b + noise[:, 1:],
            truth.c,
            truth.d,
            truth.category_slopes,
            truth.dimension,
        )
        one = link(noisy, target, method=method)
        drawn.append((one.slope, one.intercept))
    # A standard deviation from 200 draws has a relative error of 0.05; four of them.
    np.testing.assert_allclose(np.std(drawn, axis=0) / found.se, 1.0, atol=0.2)
    assert LinkError.from_json(found.to_json()).to_json() == found.to_json()


def test_the_jackknife_of_the_mean_difference_is_its_textbook_error() -> None:
    one, other = many(12, 9), many(12, 10)

    found = item_link_error(one, other, method="mean-mean", slope=1.0)

    gap = (other.b - one.b)[:, 0]
    assert found.se[0] == pytest.approx(0.0, abs=1e-12)
    assert found.se[1] == pytest.approx(np.std(gap, ddof=1) / np.sqrt(12))
    np.testing.assert_allclose(found.se_at([-2.0, 3.0]), found.se[1])


def test_the_bootstrap_agrees_with_the_jackknife_and_depends_on_its_generator_alone() -> None:
    one, other = drifted(20, by=0.1)
    jackknife = item_link_error(one, other, method="mean-mean")

    bootstrap, again = (
        item_link_error(
            one, other, by="bootstrap", method="mean-mean", rng=np.random.default_rng(1)
        )
        for _ in range(2)
    )

    assert bootstrap.se[1] == pytest.approx(jackknife.se[1], rel=0.25)
    assert bootstrap.to_json() == again.to_json()
