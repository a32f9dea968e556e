"""Reference values: R mirt 1.47 on the LSAT7 patterns (Bock & Lieberman, 1970), 2PL, N(0, 1) prior."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import responses_of
from liangcai.measurement.scoring.persons import PersonScores, score

LSAT7 = ItemParameters.from_json(
    [
        {"item": str(place + 1), "model": "2pl", "a": a, "b": b}
        for place, (a, b) in enumerate(
            [
                (0.987545904602628, -1.87926012960112),
                (1.08083714467341, -0.747540546818347),
                (1.70747766275309, -1.05723561787015),
                (0.764989879113761, -0.635302269089384),
                (0.73567272674837, -2.52076436147673),
            ]
        )
    ]
)
PATTERNS = ["00000", "00001", "00110", "10101", "11010", "11110", "11111"]
R_MIRT = {  # theta, se by pattern; se of WLE is defined differently there and not compared
    "eap": (
        [-1.86978346, -1.52725834, -0.75292526, -0.30339973, -0.58776726, 0.28210416, 0.72718485],
        [0.69269959, 0.67362688, 0.67265755, 0.70040692, 0.68076842, 0.75526962, 0.80093205],
    ),
    "map": (
        [-1.81638822, -1.49463820, -0.78244604, -0.36540229, -0.63022983, 0.19593571, 0.63815098],
        [0.67498980, 0.64960808, 0.64490780, 0.67872496, 0.65458283, 0.74741329, 0.80353288],
    ),
    "mle": (
        [-10.0, -3.12430798, -1.32215270, -0.65477940, -1.07432024, 0.47258666, 10.0],
        [np.inf, 1.38203373, 0.83524028, 0.86172985, 0.82581669, 1.25906319, np.inf],
    ),
    "wle": (
        [-4.13707190, -2.59983270, -1.26902671, -0.76168210, -1.07880978, -0.00555710, 1.08818729],
        None,
    ),
}
MIXED = ItemParameters.from_json(
    [
        {"item": "p", "model": "2pl", "a": 1.3, "b": -0.4},
        {"item": "q", "model": "3pl", "a": 1.1, "b": 0.9, "c": 0.2},
        {"item": "r", "model": "grm", "a": 1.7, "b": [-1.0, 0.2, 1.4]},
        {"item": "s", "model": "gpcm", "a": 0.9, "b": [0.5, -0.5]},
        {
            "item": "t",
            "model": "nominal",
            "a": None,
            "b": [0.3, -0.2],
            "category_slopes": [0.7, 1.6],
        },
    ]
)
NAMES = ("p", "q", "r", "s", "t")
HIGHEST = np.array([1, 1, 3, 2, 2])


def lsat7() -> object:
    return responses_of([[int(digit) for digit in pattern] for pattern in PATTERNS])


def any_pattern() -> st.SearchStrategy[list[int]]:
    return st.tuples(*(st.integers(-1, int(top)) for top in HIGHEST)).map(list)


@pytest.mark.parametrize("method", list(R_MIRT))
def test_lsat7_patterns_get_the_scores_of_r_mirt(method: str) -> None:
    theta, se = R_MIRT[method]
    tolerance = 1e-4 if method == "eap" else 1e-3

    scores = score(lsat7(), LSAT7, method=method)

    np.testing.assert_allclose(scores.theta, theta, atol=tolerance)
    if se is not None:
        np.testing.assert_allclose(scores.se, se, rtol=1e-3)


def test_graded_patterns_get_the_scores_of_another_program() -> None:
    # Python mirt 1.2.0 at R mirt's estimates of the Science items (EAP with 121 nodes); its bounds are
    # ±6, so that zero and perfect patterns are compared for WLE only. se of MAP is from observed
    # information there, from expected information here.
    science = ItemParameters.from_json(
        [
            {
                "item": "1",
                "model": "grm",
                "a": 1.04064155,
                "b": [-4.67281106, -2.53609336, 1.40822422],
            },
            {
                "item": "2",
                "model": "grm",
                "a": 1.22583274,
                "b": [-2.38531757, -0.73511706, 1.84888986],
            },
            {
                "item": "3",
                "model": "grm",
                "a": 2.30059486,
                "b": [-2.27992148, -0.96437786, 0.85521192],
            },
            {
                "item": "4",
                "model": "grm",
                "a": 1.09379951,
                "b": [-3.05987015, -0.90639971, 1.54281561],
            },
        ]
    )
    seen = responses_of([[1, 0, 2, 1], [2, 2, 3, 2], [3, 1, 2, 3], [0, 0, 0, 0], [3, 3, 3, 3]])
    expected = {
        "eap": [-1.040948, 0.727080, 0.309623, -2.748803, 1.853210],
        "map": [-1.040693, 0.741444, 0.322943, -2.701992, 1.780382],
        "mle": [-1.549041, 1.049052, 0.489933, -10.0, 10.0],
        "wle": [-1.540720, 1.006519, 0.570940, -5.702873, 3.309954],
    }
    errors = {"eap": [0.588590, 0.571944, 0.588036], "wle": [0.660491, 0.667131, 0.679593]}

    for method, theta in expected.items():
        scores = score(seen, science, method=method)
        np.testing.assert_allclose(scores.theta, theta, atol=2e-6)
        if method in errors:
            np.testing.assert_allclose(scores.se[:3], errors[method], atol=2e-6)


def test_warms_estimates_from_one_rasch_item_lie_a_logarithm_of_three_away() -> None:
    # With one item l' + J/(2I) = x − P + (1 − 2P)/2 = 0, so that P = (x + ½)/2.
    rasch = ItemParameters.from_json([{"item": "1", "model": "rasch", "a": 1.0, "b": 0.7}])

    scores = score(responses_of([[1], [0]]), rasch, method="wle")

    np.testing.assert_allclose(scores.theta, [0.7 + np.log(3), 0.7 - np.log(3)], atol=1e-9)


EXTREME = ItemParameters.from_json(
    [
        {"item": "p", "model": "2pl", "a": 8.0, "b": -6.0},
        {"item": "q", "model": "3pl", "a": 5.0, "b": 5.0, "c": 0.45},
        {"item": "r", "model": "grm", "a": 6.0, "b": [-5.0, -4.99, 7.0]},
        {"item": "s", "model": "gpcm", "a": 3.0, "b": [4.0, -4.0]},
        {"item": "t", "model": "gpcm", "a": -0.5, "b": [0.0, 0.01]},
    ]
)


@given(st.lists(any_pattern(), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_extreme_items_never_leave_a_person_without_a_number(patterns: list) -> None:
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        for method in ("eap", "map", "mle", "wle"):
            scores = score(responses_of(patterns, items=NAMES), EXTREME, method=method)
            silent = (scores.answered == 0) & (method in {"mle", "wle"})
            assert not np.isnan(scores.theta[~silent]).any()
            assert np.all(scores.se > 0.0)


def test_zero_and_perfect_patterns_have_no_finite_maximum_likelihood_estimate() -> None:
    scores = score(lsat7(), LSAT7, method="mle", bounds=(-5.0, 4.0))

    assert scores.extreme.tolist() == [-1, 0, 0, 0, 0, 0, 1]
    assert scores.theta[[0, -1]].tolist() == [-5.0, 4.0]
    assert np.isinf(scores.se[[0, -1]]).all()


def brute_force(pattern: list[int], *, method: str) -> float:
    """The maximum on a very fine grid: an independent check of peaks and Newton steps."""
    theta = np.linspace(-10.0, 10.0, 200_001)
    curves = category_curves(MIXED, theta)
    with np.errstate(divide="ignore"):
        log = np.log(curves.probability)
    seen = [place for place, value in enumerate(pattern) if value >= 0]
    height = sum(log[place, pattern[place]] for place in seen)
    if method == "map":
        height = height - 0.5 * theta**2
    if method == "wle":
        information = curves.information()[seen].sum(axis=0)
        bias = curves.warm_numerator()[seen].sum(axis=0) / (2.0 * information)
        height = height + np.concatenate(
            [[0.0], np.cumsum(0.5 * (bias[1:] + bias[:-1]) * np.diff(theta))]
        )
    return float(theta[np.argmax(height)])


@pytest.mark.parametrize("method", ["map", "mle", "wle"])
@pytest.mark.parametrize(
    "pattern", [[1, 0, 2, 1, 1], [0, 1, 1, 2, 0], [1, -1, 3, -1, 2], [0, 1, 0, 0, 1]]
)
def test_the_estimate_is_the_highest_point_of_its_likelihood(
    pattern: list[int], method: str
) -> None:
    scores = score(responses_of([pattern], items=NAMES), MIXED, method=method)

    np.testing.assert_allclose(scores.theta, brute_force(pattern, method=method), atol=2e-4)


def test_posterior_means_agree_with_a_much_finer_quadrature() -> None:
    patterns = [[1, 0, 2, 1, 1], [0, 0, 0, 0, 0], [1, 1, 3, 2, 2], [-1, -1, 2, -1, 0]]
    theta = np.linspace(-12.0, 12.0, 24_001)
    log = np.log(np.maximum(category_curves(MIXED, theta).probability, 1e-300))
    expected = []
    for pattern in patterns:
        height = -0.5 * theta**2
        height = height + sum(log[j, x] for j, x in enumerate(pattern) if x >= 0)
        mass = np.exp(height - height.max())
        mean = (mass @ theta) / mass.sum()
        expected.append((mean, np.sqrt(mass @ (theta - mean) ** 2 / mass.sum())))

    scores = score(responses_of(patterns, items=NAMES), MIXED)

    np.testing.assert_allclose(np.stack([scores.theta, scores.se], 1), expected, atol=1e-7)
    assert scores.quadrature_error < 1e-6


@given(st.lists(any_pattern(), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_of_persons_and_items_does_not_matter(patterns: list, shuffler: object) -> None:
    persons, places = list(range(len(patterns))), list(range(5))
    shuffler.shuffle(persons)
    shuffler.shuffle(places)
    there = responses_of(patterns, items=NAMES)
    turned = there.select_items(np.array(places)).select_persons(np.array(persons))

    for method in ("eap", "wle"):
        one, other = (score(seen, MIXED, method=method) for seen in (there, turned))
        np.testing.assert_allclose(other.theta, one.theta[persons], atol=1e-8)


@given(any_pattern(), st.floats(0.2, 5.0), st.floats(-3.0, 3.0))
@settings(max_examples=15, deadline=None)
def test_a_new_origin_and_unit_of_the_scale_move_the_scores_along(
    pattern: list[int], unit: float, origin: float
) -> None:
    moved = ItemParameters(
        MIXED.names,
        MIXED.models,
        MIXED.a / unit,
        np.where(
            (np.arange(5) == 4)[:, None],
            MIXED.b - origin * MIXED.category_slopes / unit,
            unit * MIXED.b + origin,
        ),
        MIXED.c,
        MIXED.d,
        MIXED.category_slopes / unit,
        MIXED.dimension,
    )
    seen = responses_of([pattern], items=NAMES)
    for method in ("eap", "map", "mle", "wle"):
        here = score(seen, MIXED, method=method)
        there = score(seen, moved, method=method, prior_mean=origin, prior_sd=unit)

        np.testing.assert_allclose(there.theta, unit * here.theta + origin, atol=1e-5 * unit)
        np.testing.assert_allclose(there.se, unit * here.se, rtol=1e-5)


def test_a_higher_score_on_one_item_never_lowers_a_rasch_person() -> None:
    rasch = ItemParameters.from_json(
        [
            {"item": str(n), "model": "rasch", "a": 1.0, "b": b}
            for n, b in enumerate([-1, 0, 0.5, 2])
        ]
    )
    patterns = [[0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0], [1, 1, 1, 0], [1, 1, 1, 1]]
    seen = responses_of(patterns, items=rasch.names)

    for method in ("eap", "map", "mle", "wle"):
        assert np.all(np.diff(score(seen, rasch, method=method).theta) > 0.0)


def test_many_equal_patterns_get_the_scores_of_one() -> None:
    patterns = [[1, 0, 2, 1, 1], [0, 1, 1, 2, 0]]
    one, many = (
        score(responses_of(rows, items=NAMES), MIXED, method="wle")
        for rows in (patterns, patterns * 40)
    )

    np.testing.assert_allclose(many.theta, np.tile(one.theta, 40), atol=1e-12)


def test_the_highest_score_that_a_response_can_hold_is_one_like_any_other() -> None:
    item = ItemParameters.from_json(
        [{"item": "1", "model": "pcm", "a": 1.0, "b": np.linspace(-1, 1, 127).tolist()}]
    )

    scores = score(responses_of([[127], [0], [127], [0], [64]]), item)

    assert scores.theta[0] == scores.theta[2] > scores.theta[4] > scores.theta[1]


def test_nobody_answered_leaves_the_prior_or_no_estimate() -> None:
    silent = responses_of([[-1, -1, -1, -1, -1]], items=NAMES)

    for method in ("eap", "map"):
        scores = score(silent, MIXED, method=method, prior_mean=0.3, prior_sd=1.4)
        np.testing.assert_allclose([scores.theta[0], scores.se[0]], [0.3, 1.4], rtol=1e-6)
    for method in ("mle", "wle"):
        scores = score(silent, MIXED, method=method)
        assert np.isnan(scores.theta[0])
        assert np.isinf(scores.se[0])
        assert scores.answered[0] == 0


def test_each_group_is_shrunk_towards_its_own_mean() -> None:
    seen = responses_of([[1, 0, 2, 1, 1]] * 2, items=NAMES, groups=["low", "high"])
    scores = score(seen, MIXED, prior_mean=[1.0, -1.0], prior_sd=[0.8, 1.2])
    alone = [
        score(responses_of([[1, 0, 2, 1, 1]], items=NAMES), MIXED, prior_mean=m, prior_sd=s).theta[
            0
        ]
        for m, s in ((-1.0, 1.2), (1.0, 0.8))
    ]

    np.testing.assert_allclose(scores.theta, alone, atol=1e-8)  # groups are sorted: high, low


def test_a_person_far_from_the_prior_still_gets_an_exact_posterior() -> None:
    hard = ItemParameters.from_json(
        [{"item": str(n), "model": "2pl", "a": 2.0, "b": 9.0} for n in range(60)]
    )
    scores = score(responses_of(np.ones((1, 60)), items=hard.names), hard)
    theta = np.linspace(-5.0, 25.0, 60_001)
    height = -0.5 * theta**2 - 60.0 * np.logaddexp(0.0, -2.0 * (theta - 9.0))
    mass = np.exp(height - height.max())

    np.testing.assert_allclose(scores.theta[0], mass @ theta / mass.sum(), atol=1e-6)


@pytest.mark.parametrize("persons", [0, 1])
@pytest.mark.parametrize("method", ["eap", "map", "mle", "wle"])
def test_one_person_or_none_is_no_special_case(method: str, persons: int) -> None:
    seen = responses_of(np.ones((persons, 5)))

    scores = score(seen, LSAT7, method=method)

    assert scores.theta.shape == (persons,)
    assert not np.isnan(scores.theta).any()


def test_scores_survive_their_json_form() -> None:
    scores = score(lsat7(), LSAT7, method="mle")

    again = PersonScores.from_json(scores.to_json())

    assert again.to_json() == scores.to_json()
    assert "se is 1/√information" in again.summary()


@pytest.mark.parametrize("pattern", [[0, 0, -1], [-1, 0, 1], [-1, 0, -1]])
def test_of_two_peaks_of_a_weighted_likelihood_the_higher_one_is_taken(pattern: list[int]) -> None:
    items = ItemParameters.from_json(
        [
            {"item": "1", "model": "2pl", "a": -1.5, "b": 0.0},
            {"item": "2", "model": "3pl", "a": 8.0, "b": 3.0, "c": 0.35},
            {"item": "3", "model": "4pl", "a": 2.0, "b": -2.0, "c": 0.1, "d": 0.8},
        ]
    )
    theta = np.linspace(-10.0, 10.0, 200_001)
    curves, asked = category_curves(items, theta), np.array(pattern) >= 0
    bias = curves.warm_numerator()[asked].sum(0) / (2.0 * curves.information()[asked].sum(0))
    height = np.append(0.0, np.cumsum(0.5 * (bias[1:] + bias[:-1]) * (theta[1] - theta[0])))
    for item in np.flatnonzero(asked):
        height += np.log(curves.probability[item, pattern[item]])

    found = score(responses_of([pattern]), items, method="wle")

    assert found.theta[0] == pytest.approx(theta[height.argmax()], abs=2e-4)
