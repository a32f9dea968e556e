import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from liangcai.measurement.classification.lee import lee
from liangcai.measurement.classification.tables import ClassificationInvalid
from liangcai.measurement.models.curves import category_curves, expected_scores
from liangcai.measurement.models.items import ItemParameters

MIXED = ItemParameters.from_json(
    [
        {"item": "1", "model": "2pl", "a": 1.2, "b": -0.4},
        {"item": "2", "model": "3pl", "a": 0.9, "b": 0.3, "c": 0.2},
        {"item": "3", "model": "grm", "a": 1.5, "b": [-0.6, 0.7]},
        {"item": "4", "model": "gpcm", "a": 0.8, "b": [0.2, -0.1, 1.0]},
    ]
)
CUTS = [3.0, 5.0]


def synthetic_items(count: int) -> ItemParameters:
    rng = np.random.default_rng(21)
    return ItemParameters.from_json(
        [
            {"item": str(n), "a": float(a), "b": float(b)}
            for n, (a, b) in enumerate(
                zip(rng.uniform(0.7, 1.8, count), rng.normal(size=count), strict=True)
            )
        ]
    )


def enumerated(items: ItemParameters, theta: float, cuts: list[float]) -> tuple[int, np.ndarray]:
    """True category and category chances by enumerating every response pattern."""
    shares = category_curves(items, np.array([theta])).probability[:, :, 0]
    chances = np.zeros(len(cuts) + 1)
    expected = 0.0
    for pattern in itertools.product(*[range(int(steps) + 1) for steps in items.steps]):
        chance = np.prod([shares[item, score] for item, score in enumerate(pattern)])
        chances[np.searchsorted(cuts, sum(pattern), side="right")] += chance
        expected += chance * sum(pattern)
    return int(np.searchsorted(cuts, expected, side="right")), chances


def test_persons_agree_with_the_enumeration_of_every_response_pattern() -> None:
    abilities = [-1.3, 0.1, 0.4, 1.9]

    found = lee(MIXED, cuts=CUTS, theta=abilities)

    each = [enumerated(MIXED, theta, CUTS) for theta in abilities]
    assert found.conditional.category.tolist() == [place for place, _ in each]
    assert found.accuracy == pytest.approx(np.mean([c[place] for place, c in each]), abs=1e-12)
    assert found.consistency == pytest.approx(np.mean([(c**2).sum() for _, c in each]), abs=1e-12)
    assert found.numerical_error == 0.0


def test_a_normal_population_agrees_with_adaptive_quadrature_split_at_the_jumps() -> None:
    found = lee(MIXED, cuts=CUTS, mean=0.2, sd=0.9)

    def density(theta: float) -> float:
        return float(stats.norm.pdf(theta, 0.2, 0.9))

    def right(theta: float) -> float:
        place, chances = enumerated(MIXED, theta, CUTS)
        return float(chances[place] * density(theta))

    def again(theta: float) -> float:
        return float((enumerated(MIXED, theta, CUTS)[1] ** 2).sum() * density(theta))

    def above(theta: float, cut: float) -> float:
        return float(expected_scores(MIXED, np.array([theta])).sum()) - cut

    edges = [-5.0, *(optimize.brentq(above, -4, 4, args=(cut,)) for cut in CUTS), 5.0]
    pieces = list(itertools.pairwise(edges))
    accuracy = sum(integrate.quad(right, *piece, epsabs=1e-9)[0] for piece in pieces)
    consistency = sum(integrate.quad(again, *piece, epsabs=1e-9)[0] for piece in pieces)
    assert found.accuracy == pytest.approx(accuracy, abs=1e-6)
    assert found.consistency == pytest.approx(consistency, abs=1e-6)
    assert found.numerical_error < 1e-6


def test_accuracy_and_consistency_are_those_of_two_simulated_forms() -> None:
    items = synthetic_items(25)
    rng = np.random.default_rng(4)
    theta = rng.normal(size=60_000)
    chance = expected_scores(items, theta)
    one, two = ((rng.random(chance.shape) < chance).sum(axis=0) for _ in range(2))

    found = lee(items, cuts=[10, 15])

    place = [np.searchsorted([10, 15], s, side="right") for s in (chance.sum(axis=0), one, two)]
    assert found.accuracy == pytest.approx((place[0] == place[1]).mean(), abs=0.006)
    assert found.consistency == pytest.approx((place[1] == place[2]).mean(), abs=0.006)


def test_many_persons_are_interpolated_within_the_stated_error() -> None:
    items = synthetic_items(40)
    theta = np.random.default_rng(6).normal(size=3_000)

    together = lee(items, cuts=[15, 25], theta=theta)
    exact = [lee(items, cuts=[15, 25], theta=part) for part in np.split(theta, 6)]

    reach = np.concatenate([part.conditional.at_or_above for part in exact])
    assert 0.0 < together.numerical_error <= 1e-6
    assert np.abs(together.conditional.at_or_above - reach).max() <= 2e-6
    assert together.accuracy == pytest.approx(np.mean([p.accuracy for p in exact]), abs=1e-4)


def test_nodes_and_weights_of_a_distribution_take_the_place_of_persons() -> None:
    nodes = np.linspace(-6, 6, 501)
    weights = stats.norm.pdf(nodes)

    by_nodes = lee(MIXED, cuts=CUTS, theta=nodes, weights=weights)

    assert by_nodes.consistency == pytest.approx(lee(MIXED, cuts=CUTS).consistency, abs=1e-6)


def test_true_cuts_half_a_point_lower_place_more_persons_higher() -> None:
    whole = lee(MIXED, cuts=CUTS)
    half = lee(MIXED, cuts=CUTS, true_cuts=[2.5, 4.5])

    assert half.joint.sum(axis=1)[0] < whole.joint.sum(axis=1)[0]
    np.testing.assert_allclose(half.joint.sum(axis=0), whole.joint.sum(axis=0), atol=1e-6)


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(4)), st.floats(-2, 2), st.floats(0.5, 2))
def test_the_order_of_items_and_the_origin_of_the_scale_change_nothing(
    order: list[int], shift: float, sd: float
) -> None:
    records = MIXED.select(order).to_json()
    for record in records:
        b = record["b"]
        record["b"] = [v + shift for v in b] if isinstance(b, list) else b + shift

    moved = lee(ItemParameters.from_json(records), cuts=CUTS, mean=shift, sd=sd)

    still = lee(MIXED, cuts=CUTS, sd=sd)
    np.testing.assert_allclose(moved.joint, still.joint, atol=1e-9)
    np.testing.assert_allclose(moved.agreement, still.agreement, atol=1e-9)


@settings(deadline=None, max_examples=20)
@given(st.floats(1.0, 6.9), st.floats(0.05, 3))
def test_shares_are_probabilities_whatever_the_cut_and_population(cut: float, sd: float) -> None:
    found = lee(MIXED, cuts=[cut], sd=sd)

    assert found.joint.min() >= 0.0
    assert found.joint.sum() == pytest.approx(1.0, abs=1e-9)
    assert 0.5 - 1e-9 <= found.consistency <= 1.0 + 1e-9


def test_one_item_and_one_person_have_a_correct_answer() -> None:
    item = ItemParameters.from_json([{"item": "1", "a": 1.0, "b": 0.0}])

    found = lee(item, cuts=[1.0], theta=[0.0])

    assert found.consistency == pytest.approx(0.5)
    assert found.accuracy == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cuts": [0.0]}, "above 0"),
        ({"cuts": [8.0]}, "highest score 7"),
        ({"cuts": CUTS, "sd": 0.0}, "sd above 0"),
        ({"cuts": CUTS, "true_cuts": [2.0]}, "true cuts"),
        ({"cuts": CUTS, "theta": [np.inf]}, "finite"),
    ],
)
def test_impossible_cuts_and_populations_are_refused(
    arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ClassificationInvalid, match=message):
        lee(MIXED, **arguments)
