import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from liangcai.measurement.agreement.coefficient import Agreement, Bootstrap, jackknife
from liangcai.measurement.agreement.gwet import gwet_agreement
from liangcai.measurement.agreement.kappa import cohen_kappa, fleiss_kappa
from liangcai.measurement.agreement.krippendorff import krippendorff_alpha
from liangcai.measurement.agreement.ratings import AgreementUndefined, Patterns, RatingsInvalid

GAP = math.nan
#: Four observers, twelve units (Krippendorff, 2011, "Computing Krippendorff's alpha-reliability").
FOUR_OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, GAP, GAP, GAP],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, GAP, 3],
        [GAP, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, GAP],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, GAP],
    ]
).T
SMALL = arrays(
    np.int64, st.tuples(st.integers(2, 9), st.integers(2, 4)), elements=st.integers(0, 4)
)


def pairs_of(table: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    counts = np.array(table)
    rows, columns = np.indices(counts.shape)
    return np.repeat(rows.ravel(), counts.ravel()), np.repeat(columns.ravel(), counts.ravel())


def brute_alpha(ratings: np.ndarray, distance) -> float:
    """Definition by pairs of values, one at a time (independent of the package's sums)."""
    units = [[v for v in row if not math.isnan(v)] for row in ratings.astype(float)]
    units = [unit for unit in units if len(unit) > 1]
    values = [v for unit in units for v in unit]
    seen = sum(
        2 * distance(a, b, values) / (len(unit) - 1)
        for unit in units
        for a, b in combinations(unit, 2)
    )
    expected = sum(2 * distance(a, b, values) for a, b in combinations(values, 2))
    return 1 - seen / len(values) / (expected / (len(values) * (len(values) - 1)))


def ordinal(a: float, b: float, values: list[float]) -> float:
    low, high = sorted([a, b])
    between = sum(low <= v <= high for v in values)
    return (between - (values.count(a) + values.count(b)) / 2) ** 2 if a != b else 0.0


DISTANCES = {
    "nominal": lambda a, b, _: float(a != b),
    "ordinal": ordinal,
    "interval": lambda a, b, _: (a - b) ** 2,
    "ratio": lambda a, b, _: ((a - b) / (a + b)) ** 2 if a + b else 0.0,
}


@pytest.mark.parametrize(
    ("level", "published"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_alpha_of_four_observers_is_the_published_one(level: str, published: float) -> None:
    found = krippendorff_alpha(FOUR_OBSERVERS, level=level)

    assert found.value == pytest.approx(published, abs=5e-4)  # Krippendorff (2011), three digits
    assert 0.0 < found.expected < found.observed < 1.0
    assert (found.observed - found.expected) / (1 - found.expected) == pytest.approx(found.value)


@pytest.mark.parametrize("level", list(DISTANCES))
@given(ratings=SMALL, gaps=st.integers(0, 2**32 - 1))
def test_alpha_is_what_its_definition_by_pairs_says(
    level: str, ratings: np.ndarray, gaps: int
) -> None:
    table = np.where(np.random.default_rng(gaps).random(ratings.shape) < 0.2, GAP, ratings)
    pairable = table[(~np.isnan(table)).sum(axis=1) > 1]
    if not pairable.size or np.unique(pairable[~np.isnan(pairable)]).size < 2:
        with pytest.raises((AgreementUndefined, RatingsInvalid)):
            krippendorff_alpha(table, level=level)
        return

    alpha = krippendorff_alpha(table, level=level).value

    assert alpha == pytest.approx(brute_alpha(table, DISTANCES[level]), abs=1e-9)


def test_gwet_and_fleiss_with_gaps_are_those_of_irrcac() -> None:
    # R package irrCAC 1.0, its overview vignette, data set cac.raw4raters: five digits.
    assert gwet_agreement(FOUR_OBSERVERS).value == pytest.approx(0.77544, abs=5e-6)
    assert fleiss_kappa(FOUR_OBSERVERS).value == pytest.approx(0.76117, abs=5e-6)


def test_kappa_and_its_error_are_those_of_irrcac() -> None:
    # irrCAC 1.0, data set cont3x3abstractors (100 persons): seven digits.
    kappa = cohen_kappa(*pairs_of([[13, 0, 0], [0, 20, 7], [0, 4, 56]]))

    assert kappa.value == pytest.approx(0.7964094, abs=5e-8)
    assert kappa.standard_error == pytest.approx(0.05891072, abs=5e-9)


def test_kappa_and_weighted_kappa_of_cohens_table() -> None:
    # Cohen (1960, 1968), 200 persons; disagreement weights 0 1 3 / 1 0 6 / 3 6 0.
    table = [[88, 10, 2], [14, 40, 6], [18, 10, 12]]
    disagreement = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])

    plain = cohen_kappa(*pairs_of(table))
    weighted = cohen_kappa(*pairs_of(table), weights=1 - disagreement / 6)

    assert plain.value == pytest.approx(0.492, abs=5e-4)
    assert weighted.value == pytest.approx(0.348, abs=5e-4)


def test_fleiss_kappa_of_the_fourteen_raters() -> None:
    # Ten persons, 14 raters, five categories: the worked example in general use, .210.
    counts = """0 0 0 0 14/0 2 6 4 2/0 0 3 5 6/0 3 9 2 0/2 2 8 1 1/7 7 0 0 0/3 2 6 3 0/2 5 3 2 2
        6 5 2 1 0/0 2 2 3 7""".replace("\n", "/")
    ratings = [np.repeat(range(5), [int(n) for n in row.split()]) for row in counts.split("/")]

    kappa = fleiss_kappa(np.array(ratings))

    assert kappa.value == pytest.approx(0.210, abs=5e-4)
    assert (kappa.observed, kappa.expected) == pytest.approx((0.378, 0.213), abs=5e-4)


def test_the_large_sample_error_of_kappa_meets_the_jackknife_in_many_persons() -> None:
    first, second = pairs_of([[2600, 300, 50], [200, 4000, 700], [0, 400, 1750]])

    kappa = cohen_kappa(first, second, weights="quadratic")
    left_out = fleiss_kappa(np.stack([first, second], axis=1), weights="quadratic")

    assert kappa.standard_error == pytest.approx(left_out.standard_error, rel=0.02)


@given(SMALL, st.randoms(use_true_random=False))
def test_order_of_persons_and_names_of_categories_change_nothing(ratings, random) -> None:
    if np.unique(ratings).size < 2:
        return
    shuffled = list(range(len(ratings)))
    random.shuffle(shuffled)
    names = np.array(["e", "a", "d", "b", "c"])

    for coefficient in (fleiss_kappa, gwet_agreement, krippendorff_alpha):
        value = coefficient(ratings).value
        assert coefficient(ratings[shuffled]).value == pytest.approx(value, abs=1e-12)
        assert coefficient(names[ratings]).value == pytest.approx(value, abs=1e-12)


@given(SMALL, st.floats(0.1, 50), st.floats(-100, 100))
def test_quadratic_kappa_ignores_the_unit_and_origin_of_the_scale(ratings, unit, origin) -> None:
    first, second = ratings[:, 0], ratings[:, 1]
    if np.unique(ratings[:, :2]).size < 2:
        return
    try:
        value = cohen_kappa(first, second, weights="quadratic").value
    except AgreementUndefined:
        return

    moved = cohen_kappa(first * unit + origin, second * unit + origin, weights="quadratic")

    assert moved.value == pytest.approx(value, abs=1e-7)


@given(SMALL)
def test_raters_who_agree_on_everybody_reach_one(ratings: np.ndarray) -> None:
    same = np.repeat(ratings[:, :1], 3, axis=1)
    if np.unique(same).size < 2:
        with pytest.raises(AgreementUndefined):
            fleiss_kappa(same)
        return

    values = [one(same).value for one in (fleiss_kappa, gwet_agreement, krippendorff_alpha)]

    assert values == pytest.approx([1.0, 1.0, 1.0])


def test_constant_ratings_have_no_kappa_and_the_reason_is_said() -> None:
    with pytest.raises(AgreementUndefined, match="all ratings are '3'"):
        cohen_kappa([3, 3, 3], [3, 3, 3])


def test_constant_ratings_have_gwets_coefficient_when_the_categories_are_named() -> None:
    assert gwet_agreement([[3, 3], [3, 3]], categories=[1, 2, 3]).value == 1.0
    with pytest.raises(AgreementUndefined, match="name all"):
        gwet_agreement([[3, 3], [3, 3]])


def test_a_prevailing_category_is_said_beside_a_low_kappa() -> None:
    kappa = cohen_kappa(*pairs_of([[90, 4], [4, 2]]))

    assert kappa.value < 0.4 < 0.9 < kappa.observed
    assert "base rates" in kappa.findings[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [([1, 2], [1, 2, 3]), ([math.nan], [1]), ([math.inf, 1], [1, 1]), (["", ""], ["a", "b"])],
)
def test_ratings_that_cannot_be_compared_are_refused(first, second) -> None:
    with pytest.raises(RatingsInvalid):
        cohen_kappa(first, second)


def test_a_rating_outside_the_named_categories_is_refused_by_place() -> None:
    with pytest.raises(RatingsInvalid, match="row 2, rater 1: pass"):
        cohen_kappa(["fail", "pass"], ["fail", "fail"], categories=["fail", "good"])


def test_the_order_of_named_categories_is_the_order_of_weights() -> None:
    first, second = ["low", "high", "mid", "mid"], ["mid", "high", "mid", "low"]
    order = ["low", "mid", "high"]

    named = cohen_kappa(first, second, weights="quadratic", categories=order)
    numbered = cohen_kappa(
        [order.index(x) for x in first], [order.index(x) for x in second], weights="quadratic"
    )

    assert named.value == pytest.approx(numbered.value)


def test_a_jackknife_by_pattern_is_a_jackknife_by_person() -> None:
    scores = np.array([1.0, 1.0, 4.0, 4.0, 4.0, 9.0])
    values, counts = np.unique(scores, return_counts=True)

    def mean(weights: np.ndarray):
        means = weights @ values / weights.sum(axis=1)
        return means, means, means

    error, _ = jackknife(mean, Patterns(values[:, None].astype(np.intp), counts))

    assert error == pytest.approx(scores.std(ddof=1) / np.sqrt(6))


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_bootstrap_intervals_cover_as_often_as_they_say(method: str) -> None:
    # Synthetic: latent true scores, two raters with errors; the truth from 400,000 persons.
    rng = np.random.default_rng(20240501)

    def rated(persons: int) -> np.ndarray:
        true = rng.normal(size=(persons, 1))
        return np.clip(np.round(1.2 * true + 0.7 * rng.normal(size=(persons, 2))), -2, 2)

    truth = cohen_kappa(*rated(400_000).T, weights="quadratic").value
    covered = 0
    for _ in range(200):
        plan = Bootstrap(rng, replications=400, method=method)
        interval = cohen_kappa(*rated(120).T, weights="quadratic", bootstrap=plan).interval
        covered += interval.lower <= truth <= interval.upper

    assert 0.89 <= covered / 200 <= 0.99  # three binomial standard errors around .94


def test_the_same_generator_gives_the_same_interval() -> None:
    def interval() -> object:
        plan = Bootstrap(np.random.default_rng(7), replications=200)
        return krippendorff_alpha(FOUR_OBSERVERS, level="ordinal", bootstrap=plan).interval

    assert interval() == interval()


def test_a_coefficient_reads_back_from_its_json_form() -> None:
    plan = Bootstrap(np.random.default_rng(7), replications=200)
    alpha = krippendorff_alpha(FOUR_OBSERVERS, bootstrap=plan)

    again = Agreement.from_json(alpha.to_json())

    assert again.to_json() == alpha.to_json()
    assert again.summary().splitlines()[0] == "Agreement of raters"


def test_a_missing_rating_among_texts_is_no_category() -> None:
    found = cohen_kappa(["a", "b", GAP, None], ["a", "b", "b", "a"])

    assert found.categories == ("a", "b")
    assert found.persons == 2


def test_one_rater_in_numbers_and_one_in_words_make_no_category_of_a_gap() -> None:
    found = fleiss_kappa([[1, "a"], [GAP, "a"], [1, 1]])

    assert found.categories == ("1", "a")


def test_one_person_has_a_coefficient_but_no_standard_error() -> None:
    assert math.isnan(cohen_kappa([1], [2]).standard_error)


def test_measurements_are_no_categories() -> None:
    drawn = np.random.default_rng(1).normal(size=(1500, 2))

    for coefficient in (lambda: cohen_kappa(*drawn.T), lambda: gwet_agreement(drawn)):
        with pytest.raises(RatingsInvalid, match="measurements rather than categories"):
            coefficient()
    with pytest.raises(RatingsInvalid, match="ratio level takes at most"):
        krippendorff_alpha(abs(drawn), level="ratio")
    assert abs(krippendorff_alpha(drawn, level="interval").value) < 0.1


def test_weights_that_forgive_everything_are_named_as_the_reason() -> None:
    with pytest.raises(AgreementUndefined, match="by the weights"):
        cohen_kappa([1, 2], [2, 1], weights=np.ones((2, 2)))


def test_ratings_of_no_kind_are_refused() -> None:
    with pytest.raises(RatingsInvalid, match="numbers or texts"):
        cohen_kappa(np.array([1j, 2]), np.array([1, 2]))


def test_an_interval_without_width_is_not_sold_as_certainty() -> None:
    found = cohen_kappa([1, 2, 1, 2], [1, 2, 1, 2], bootstrap=Bootstrap(np.random.default_rng(3)))

    assert found.interval is not None
    assert found.interval.lower == found.interval.upper == 1.0
    assert "no width" in found.findings[0]
