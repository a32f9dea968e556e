"""Conversions with their standard errors, by design and method; all persons synthetic."""

import numpy as np
import pytest

from liangcai.measurement.equating.conversion import (
    Conversion,
    SmoothingNeeded,
    WeightOutOfRange,
    bootstrap_equate,
    equate,
)
from liangcai.measurement.equating.designs import (
    AnchorGroups,
    Design,
    RandomGroups,
    ScoresInvalid,
    SingleGroup,
    joint_frequencies,
    score_frequencies,
)
from liangcai.measurement.equating.linear import line_errors
from liangcai.measurement.equating.methods import ANCHOR_METHODS, PLAIN_METHODS, MethodUnknown
from liangcai.measurement.equating.presmoothing import DegreesInvalid
from liangcai.measurement.equating.scale_scores import (
    ConversionDifference,
    ConversionsIncomparable,
    ScaleScores,
    compare_conversions,
    scale_scores,
)


def persons(count: int, *, mean: float, form: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rasch scores on 20 items of a form (form 2 is harder by 0.4 logits) and on 8 anchor items."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(mean, 1, size=(count, 1))
    own = np.linspace(-1.5, 1.5, 20) + 0.4 * (form == 2)
    anchor = np.linspace(-1.2, 1.2, 8)
    scores = [
        (rng.random((count, b.size)) < 1 / (1 + np.exp(b - ability))).sum(1) for b in (own, anchor)
    ]
    return scores[0], scores[1]


def random_groups(count: int = 3_000) -> RandomGroups:
    x, _ = persons(count, mean=0.0, form=1, seed=1)
    y, _ = persons(count, mean=0.0, form=2, seed=2)
    return RandomGroups(score_frequencies(x, highest=20), score_frequencies(y, highest=20))


def anchor_groups(count: int = 3_000, *, anchor: str = "internal") -> AnchorGroups:
    tables = []
    for form, mean in ((1, 0.0), (2, 0.5)):
        own, common = persons(count, mean=mean, form=form, seed=10 + form)
        total = own + common if anchor == "internal" else own
        tables.append(
            joint_frequencies(total, common, highest=(28 if anchor == "internal" else 20, 8))
        )
    return AnchorGroups(tables[0], tables[1], anchor)  # type: ignore[arg-type]


def test_the_delta_error_of_a_line_is_the_published_formula() -> None:
    design = random_groups()

    found = equate(design, method="linear")

    expected = line_errors(design.x, design.y, at=found.score)
    np.testing.assert_allclose(found.standard_errors, expected, rtol=1e-4)


def test_the_delta_error_of_an_equipercentile_is_lords() -> None:
    """Lord (1982) for the variance of Y's inverse, and of X's percentile rank inside its band."""
    design = random_groups()
    found = equate(design, method="equipercentile")
    f, g = design.x / design.x.sum(), design.y / design.y.sum()
    persons_x, persons_y = design.x.sum(), design.y.sum()
    below = np.r_[0, np.cumsum(g)]

    for score in (6, 10, 14):
        share = f[:score].sum() + f[score] / 2
        cell = int(np.searchsorted(below[1:], share))
        on_x = (share * (1 - share) - f[score] / 4) / persons_x
        inside = (share - below[cell]) / g[cell]
        on_y = (share * (1 - share) - inside * (1 - inside) * g[cell]) / persons_y
        assert found.standard_errors[score] == pytest.approx(
            np.sqrt(on_x + on_y) / g[cell], rel=2e-3
        )


@pytest.mark.parametrize("method", sorted(PLAIN_METHODS))
def test_delta_and_bootstrap_errors_agree_with_random_groups(method: str) -> None:
    """Middle scores; 200 replications know an error to 5 %, and curvature adds some."""
    design = random_groups(2_000)
    smoothing = ((4,), (4,))
    replications = 60 if method == "kernel" else 200

    delta = equate(design, method=method, smoothing=smoothing)
    drawn = bootstrap_equate(
        design,
        method=method,
        smoothing=smoothing,
        rng=np.random.default_rng(1),
        replications=replications,
        resample="smoothed",
    )

    middle = slice(4, 18)
    ratio = drawn.standard_errors[middle] / delta.standard_errors[middle]
    assert np.exp(np.log(ratio).mean()) == pytest.approx(1.0, abs=0.15)
    np.testing.assert_array_equal(drawn.equivalent, delta.equivalent)


@pytest.mark.parametrize("method", sorted(set(ANCHOR_METHODS) - {"kernel-frequency-estimation"}))
@pytest.mark.parametrize("anchor", ["internal", "external"])
def test_delta_and_bootstrap_errors_agree_with_an_anchor(method: str, anchor: str) -> None:
    design = anchor_groups(2_000, anchor=anchor)

    delta = equate(design, method=method)
    drawn = bootstrap_equate(design, method=method, rng=np.random.default_rng(2), replications=150)

    middle = slice(5, 17)
    ratio = drawn.standard_errors[middle] / delta.standard_errors[middle]
    assert np.exp(np.log(ratio).mean()) == pytest.approx(1.0, abs=0.15)


def expected_conversion() -> np.ndarray:
    """Total scores on form 2 with the percentile ranks of form 1's in one large population."""
    first = [sum(persons(60_000, mean=0.25, form=form, seed=30 + form)) for form in (1, 2)]
    tables = [score_frequencies(scores, highest=28) for scores in first]
    return equate(RandomGroups(tables[0], tables[1]), method="equipercentile").equivalent


def test_anchor_methods_undo_the_difference_in_ability_in_the_known_order() -> None:
    """Groups half a logit apart, 6,000 persons each; the criterion is a random-groups conversion.

    Conditioning on an unreliable anchor leaves part of the difference, chains leave less, and Levine's
    true-score reasoning least (Kolen & Brennan, 2014, section 4.4; von Davier, Holland & Thayer, 2004).
    """
    design, truth, middle = anchor_groups(6_000), expected_conversion(), slice(6, 23)
    ignored = equate(
        RandomGroups(design.x.sum(axis=1), design.y.sum(axis=1)), method="equipercentile"
    )
    cost = np.abs(ignored.equivalent - truth)[middle].mean()

    left = {}
    for method in ANCHOR_METHODS:
        found = equate(design, method=method, smoothing=((4, 4, 1), (4, 4, 1)), weight=0.5)
        left[method] = np.abs(found.equivalent - truth)[middle].mean() / cost

    assert cost > 2.0
    assert left["levine"] < 0.1
    assert 0.1 < left["chained-linear"] < 0.22
    assert 0.1 < left["chained-equipercentile"] < 0.22
    for method in (
        "tucker",
        "braun-holland",
        "frequency-estimation",
        "kernel-frequency-estimation",
    ):
        assert 0.22 < left[method] < 0.35, method


def test_smoothing_that_keeps_two_moments_leaves_a_line_and_its_errors_alone() -> None:
    design = anchor_groups()

    plain = equate(design, method="tucker")
    smooth = equate(design, method="tucker", smoothing=((5, 4, 1), (4, 4, 2)))

    np.testing.assert_allclose(smooth.equivalent, plain.equivalent, rtol=1e-8)
    np.testing.assert_allclose(smooth.standard_errors, plain.standard_errors, rtol=1e-4)


def test_a_single_group_equates_its_margins_with_smaller_errors() -> None:
    x, _ = persons(2_000, mean=0.0, form=1, seed=1)
    y = np.clip(x + np.random.default_rng(3).integers(-2, 3, size=2_000), 0, 20)
    joint = joint_frequencies(x, y, highest=(20, 20))

    one = equate(SingleGroup(joint), method="linear")
    two = equate(RandomGroups(joint.sum(axis=1), joint.sum(axis=0)), method="linear")

    np.testing.assert_allclose(one.equivalent, two.equivalent)
    assert np.all(one.standard_errors < two.standard_errors)


def test_more_persons_make_smaller_errors() -> None:
    design = random_groups()
    doubled = RandomGroups(2 * design.x, 2 * design.y)

    one, other = (equate(groups, method="equipercentile") for groups in (design, doubled))

    np.testing.assert_allclose(other.standard_errors, one.standard_errors / np.sqrt(2), rtol=1e-2)


def test_frequency_estimation_reweights_by_the_anchor() -> None:
    """Written out: f_s(x) = w f_1(x) + (1 − w) Σ f_1(x | v) h_2(v), and likewise for Y."""
    design, weight = anchor_groups(20_000, anchor="external"), 0.3
    first, second = design.x / design.x.sum(), design.y / design.y.sum()
    x, y = np.zeros(21), np.zeros(21)
    for v in range(9):
        x += weight * first[:, v] + 0.7 * first[:, v] / first[:, v].sum() * second[:, v].sum()
        y += 0.7 * second[:, v] + weight * second[:, v] / second[:, v].sum() * first[:, v].sum()

    found = equate(design, method="frequency-estimation", weight=weight)

    expected = equate(RandomGroups(x, y), method="equipercentile")
    np.testing.assert_allclose(found.equivalent, expected.equivalent, atol=1e-9)


def test_an_anchor_score_that_one_group_lacks_borrows_its_neighbours() -> None:
    x = np.array([[3.0, 0, 1], [2, 0, 5]])
    filled = np.array([[3.0, 0.375, 1], [2, 0.625, 5]])
    y = np.array([[2.0, 2, 2], [1, 3, 4]])

    from liangcai.measurement.equating.methods import Settings, margins

    found = margins(AnchorGroups(x, y, "external"), Settings(weight=0.0))[0]

    # f(x = 0 | v): 3/5 at 0 and 1/6 at 2, so their mean at 1.
    given = np.array([3 / 5, (3 / 5 + 1 / 6) / 2, 1 / 6])
    assert found[0] == pytest.approx(given @ y.sum(axis=0) / y.sum())
    assert filled.sum() == 12


def test_the_same_chance_gives_the_same_errors() -> None:
    design = random_groups(300)

    one, again = (
        bootstrap_equate(
            design, method="equipercentile", rng=np.random.default_rng(4), replications=20
        )
        for _ in range(2)
    )

    np.testing.assert_array_equal(one.standard_errors, again.standard_errors)
    assert (one.replications, one.failed) == (20, 0)


@pytest.mark.parametrize("design", [random_groups(400), anchor_groups(400)])
def test_a_method_of_another_design_is_refused(design: Design) -> None:
    with pytest.raises(MethodUnknown, match=r"it has (mean|tucker)"):
        equate(design, method="no such method")


def test_settings_that_make_no_sense_are_refused() -> None:
    design = anchor_groups(400)

    with pytest.raises(WeightOutOfRange, match=r"1\.5"):
        equate(design, method="tucker", weight=1.5)
    with pytest.raises(DegreesInvalid, match="2 tables"):
        equate(design, method="tucker", smoothing=((2, 2, 1),))
    with pytest.raises(SmoothingNeeded):
        bootstrap_equate(design, method="tucker", rng=np.random.default_rng(1), resample="smoothed")


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: score_frequencies([1.5, 2]), "score 1 is 1.5"),
        (lambda: score_frequencies([]), "no scores"),
        (lambda: score_frequencies([1, 9], highest=8), "to 8"),
        (lambda: joint_frequencies([1, 2], [1]), "2 scores on one test"),
        (lambda: RandomGroups(np.array([0.0, 5, 0]), np.ones(3)), "x: all persons have one score"),
        (lambda: RandomGroups(np.ones(3), np.array([1.0, -1, 2])), "y: frequencies"),
        (lambda: AnchorGroups(np.ones((3, 2)), np.ones((3, 3)), "external"), "2 scores in x and 3"),
        (lambda: AnchorGroups(np.ones((3, 2)), np.ones((3, 2)), "internal"), "does not fit inside"),
    ],
)
def test_scores_that_make_no_table_are_refused(build: object, said: str) -> None:
    with pytest.raises(ScoresInvalid, match=said):
        build()  # type: ignore[operator]


def test_weights_count_as_persons() -> None:
    np.testing.assert_array_equal(
        score_frequencies([0, 2, 2], weights=[2, 1, 0.5], highest=3), [2.0, 0, 1.5, 0]
    )


def test_a_conversion_reads_back_and_converts_any_score() -> None:
    line = equate(random_groups(400), method="linear")
    curve = equate(random_groups(400), method="equipercentile")

    assert Conversion.from_json(line.to_json()).to_json() == line.to_json()
    assert line.at(np.array([3.5]))[0] == pytest.approx(line.equivalent[[3, 4]].mean())
    assert curve.at(np.array([3.25]))[0] == pytest.approx(
        0.75 * curve.equivalent[3] + 0.25 * curve.equivalent[4]
    )
    assert "slope" in line.summary()


def test_scale_scores_follow_the_old_form_and_round_halves_upwards() -> None:
    conversion = equate(random_groups(400), method="mean")
    shift = float(conversion.intercept or 0.0)
    scale = 100.0 + 2.0 * np.arange(21) - 2.0 * shift + 0.5

    found = scale_scores(conversion, scale=scale, highest=130.0)

    np.testing.assert_allclose(found.exact, 100.5 + 2.0 * np.arange(21))
    assert found.rounded[:3].tolist() == [101.0, 103.0, 105.0]
    assert found.rounded[-1] == 130.0
    np.testing.assert_allclose(found.standard_errors, 2.0 * conversion.standard_errors)
    assert ScaleScores.from_json(found.to_json()).to_json() == found.to_json()
    with pytest.raises(ConversionsIncomparable):
        scale_scores(conversion, scale=np.array([1.0]))


def test_a_difference_that_matters_is_counted_over_persons() -> None:
    design = random_groups(400)
    one, other = equate(design, method="mean"), equate(design, method="linear")

    found = compare_conversions(one, other, frequencies=design.x, matters=0.2)

    gap, share = one.equivalent - other.equivalent, design.x / 400
    assert found.rmsd == pytest.approx(np.sqrt(share @ gap**2))
    assert found.mean == pytest.approx(0.0, abs=1e-9)
    assert found.mattering == pytest.approx(share[np.abs(gap) >= 0.2].sum())
    assert ConversionDifference.from_json(found.to_json()).to_json() == found.to_json()
    with pytest.raises(ConversionsIncomparable, match="21 and 29"):
        compare_conversions(one, equate(anchor_groups(400), method="tucker"))


def test_95_per_cent_intervals_cover_the_conversion_of_the_population() -> None:
    """120 samples of 1,000 persons a form; over scores 3 to 25 the mean coverage is known to about 0.01."""
    population = anchor_groups(100_000)
    method, smoothing = "chained-equipercentile", ((4, 4, 1), (4, 4, 1))
    true = equate(population, method=method, smoothing=smoothing).equivalent
    rng = np.random.default_rng(9)

    covered = []
    for _ in range(120):
        tables = [
            rng.multinomial(1_000, (table / table.sum()).ravel()).reshape(table.shape).astype(float)
            for table in population.tables
        ]
        found = equate(population.with_tables(tables), method=method, smoothing=smoothing)
        covered.append(np.abs(found.equivalent - true) < 1.96 * found.standard_errors)

    assert np.mean(covered, axis=0)[3:26].mean() == pytest.approx(0.95, abs=0.025)
