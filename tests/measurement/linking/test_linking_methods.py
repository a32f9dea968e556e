import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.linking.criteria import LinkUndefined
from liangcai.measurement.linking.drift import link_stable_anchors
from liangcai.measurement.linking.errors import item_link_error, parameter_link_error
from liangcai.measurement.linking.link import Link, link
from liangcai.measurement.linking.transformation import Transformation, TransformationInvalid
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import responses_of
from liangcai.measurement.scoring.likelihood import SeveralAbilities
from liangcai.measurement.scoring.persons import score

METHODS = ["mean-mean", "mean-sigma", "haebara", "stocking-lord"]

BANK = ItemParameters.from_json(
    [
        {"item": "p", "model": "2pl", "a": 1.3, "b": -0.4},
        {"item": "q", "model": "3pl", "a": 1.1, "b": 0.9, "c": 0.2},
        {"item": "r", "model": "grm", "a": 1.7, "b": [-1.0, 0.2, 1.4]},
        {"item": "s", "model": "gpcm", "a": 0.9, "b": [0.5, -0.5]},
        {"item": "t", "model": "4pl", "a": 0.8, "b": -1.2, "c": 0.1, "d": 0.95},
    ]
)
NOMINAL = ItemParameters.from_json(
    [
        {
            "item": "n",
            "model": "nominal",
            "a": None,
            "b": [0.3, -0.2],
            "category_slopes": [0.7, 1.6],
        },
        {
            "item": "m",
            "model": "nominal",
            "a": None,
            "b": [0.8, 0.1],
            "category_slopes": [0.5, 1.1],
        },
    ]
)


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


@given(st.floats(0.3, 3.0), st.floats(-2.5, 2.5), st.sampled_from(METHODS), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_moved_bank_gives_back_the_move(
    slope: float, intercept: float, method: str, symmetric: bool
) -> None:
    target = Transformation(slope, intercept).items(BANK)
    even = np.linspace(-4.0, 4.0, 41)

    found = link(
        BANK,
        target,
        method=method,
        theta=slope * even + intercept,
        weights=np.exp(-0.5 * even**2),
        backward=(even, np.exp(-0.5 * even**2)) if symmetric else None,
    )

    assert found.slope == pytest.approx(slope, abs=1e-8)
    assert found.intercept == pytest.approx(intercept, abs=1e-8)
    np.testing.assert_allclose(found.rmsd, 0.0, atol=1e-8)


@pytest.mark.parametrize("method", ["haebara", "stocking-lord"])
def test_nominal_items_link_by_their_curves(method: str) -> None:
    found = link(NOMINAL, Transformation(1.3, -0.4).items(NOMINAL), method=method)

    assert (found.slope, found.intercept) == pytest.approx((1.3, -0.4), abs=1e-8)
    with pytest.raises(LinkUndefined, match="nominal"):
        link(NOMINAL, NOMINAL, method="mean-sigma")


def test_the_order_of_items_does_not_matter_and_further_items_are_no_anchors() -> None:
    one, other = many(9, 1), Transformation(1.2, 0.3).items(many(9, 2))
    further = other.select([8, 3, 5, 0, 1, 2])

    found = link(one, further)

    assert set(found.item) == {"i0", "i1", "i2", "i3", "i5", "i8"}
    again = link(one.select([5, 3, 8, 2, 1, 0]), further)
    assert (again.slope, again.intercept) == pytest.approx((found.slope, found.intercept), abs=1e-9)
    assert Link.from_json(found.to_json()).to_json() == found.to_json()


def test_linked_items_give_linked_persons_the_same_probabilities() -> None:
    both = ItemParameters.from_json(BANK.to_json() + NOMINAL.to_json())
    move, theta = Transformation(1.4, -0.7), np.linspace(-3, 3, 13)

    np.testing.assert_allclose(
        category_curves(move.items(both), move.of(theta)).probability,
        category_curves(both, theta).probability,
        atol=1e-13,
    )
    back = move.then(move.inverse())
    assert (back.slope, back.intercept) == pytest.approx((1.0, 0.0), abs=1e-15)


def test_linked_scores_are_scores_from_linked_items() -> None:
    seen = responses_of([[1, 0, 2, 1, 1], [0, 0, 0, 0, 0]], items=BANK.names)
    move = Transformation(1.4, -0.7)

    linked = move.scores(score(seen, BANK))
    direct = score(seen, move.items(BANK), prior_mean=-0.7, prior_sd=1.4)

    np.testing.assert_allclose(linked.theta, direct.theta, atol=1e-6)
    np.testing.assert_allclose(linked.se, direct.se, atol=1e-6)


def test_what_carries_no_link_is_refused() -> None:
    two = many(2, 1)
    graded = ItemParameters.from_json([{"item": "i0", "model": "grm", "a": 1.0, "b": [0.0, 1.0]}])
    with pytest.raises(LinkUndefined, match="no common items"):
        link(two, BANK)
    with pytest.raises(LinkUndefined, match="'i9'"):
        link(two, two, common=["i9"])
    with pytest.raises(LinkUndefined, match=r"i0.*2pl with scores 0 to 1"):
        link(two, graded)
    with pytest.raises(LinkUndefined, match="do not vary"):
        link(two.select([0]), two, method="mean-sigma")
    with pytest.raises(LinkUndefined, match="positive"):
        link(two, two, slope=-1.0)
    with pytest.raises(LinkUndefined, match="weight"):
        link(two, two, theta=[0.0, 1.0], weights=[0.0, 0.0])
    with pytest.raises(LinkUndefined, match="three or more"):
        item_link_error(two, two)
    with pytest.raises(LinkUndefined, match="rng"):
        item_link_error(many(4, 1), many(4, 2), by="bootstrap")
    with pytest.raises(LinkUndefined, match="covariances"):
        link_stable_anchors(two, two, rule="wald")
    for wrong in ({"threshold": np.nan}, {"least": 0}):
        with pytest.raises(LinkUndefined, match="must be positive"):
            link_stable_anchors(two, two, **wrong)
    with pytest.raises(LinkUndefined, match="4 parameters"):
        parameter_link_error(two, two, source_covariance=np.eye(3), target_covariance=np.eye(4))
    with pytest.raises(TransformationInvalid):
        Transformation(0.0, 1.0)


def turned(items: ItemParameters) -> ItemParameters:
    return ItemParameters.from_json([{**row, "a": -row["a"]} for row in items.to_json()])


@pytest.mark.parametrize("method", ["haebara", "stocking-lord"])
def test_curves_that_run_against_one_another_give_no_link(method: str) -> None:
    items = many(5, 1)

    with pytest.raises(LinkUndefined, match="bring the common items' curves together"):
        link(items, turned(items), method=method)


@pytest.mark.parametrize("method", ["haebara", "stocking-lord"])
def test_one_ability_of_comparison_cannot_fix_two_numbers(method: str) -> None:
    with pytest.raises(LinkUndefined, match="abilities of comparison too few"):
        link(many(5, 1), many(5, 2), method=method, theta=[0.0], weights=[1.0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("move", [Transformation(0.2, -8.0), Transformation(100.0, 500.0)])
def test_scales_far_apart_are_linked_like_near_ones(method: str, move: Transformation) -> None:
    items = many(6, 1)
    source = move.inverse().items(items)

    found = link(source, items, method=method)

    assert found.slope == pytest.approx(move.slope, rel=1e-8)
    assert found.intercept == pytest.approx(move.intercept, abs=1e-6)


def test_common_items_are_named_once_and_measure_one_ability() -> None:
    items = many(4, 1)
    double = items.select([0, 1, 2, 2])
    two = ItemParameters.from_json(
        [{**row, "dimension": n % 2} for n, row in enumerate(items.to_json())]
    )

    with pytest.raises(LinkUndefined, match="'i1' is named more than once"):
        link(items, items, common=["i0", "i1", "i1"])
    with pytest.raises(LinkUndefined, match="'i2' is named more than once"):
        link(items, double)
    with pytest.raises(SeveralAbilities):
        link(two, two)


def test_the_error_of_a_link_through_some_items_leaves_the_others_out() -> None:
    one, other, some = many(8, 1), many(8, 2), ("i0", "i2", "i3", "i5")
    covariance = np.diag(np.full(16, 0.03**2))
    rows = [0, 1, 4, 5, 6, 7, 10, 11]

    found = parameter_link_error(
        one, other, source_covariance=covariance, target_covariance=covariance, common=some
    )
    alone = parameter_link_error(
        one.select([0, 2, 3, 5]),
        other.select([0, 2, 3, 5]),
        source_covariance=covariance[np.ix_(rows, rows)],
        target_covariance=covariance[np.ix_(rows, rows)],
    )

    np.testing.assert_allclose(found.covariance, alone.covariance, rtol=1e-12)
    assert found.slope == link(one, other, common=some).slope
    assert item_link_error(one, other, common=some).slopes.size == 4
