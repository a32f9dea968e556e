import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import minimize

from liangcai.measurement.comparison.bradley_terry import fit_comparisons
from liangcai.measurement.comparison.joint import fit_joint
from liangcai.measurement.comparison.joint_scale import JointScale
from liangcai.measurement.comparison.judgements import ComparisonsInvalid, comparisons_of
from liangcai.measurement.comparison.loglinear import Categories, comparison_categories
from liangcai.measurement.comparison.pairing import chained_pairs
from liangcai.measurement.comparison.ratings import rubric_ratings

STEPS = {"content": (-1.5, 0.0, 1.5), "style": (-1.0, 0.2, 0.8)}


def simulated(
    seed: int, *, slope: float = 1.0, scripts: int = 200, rounds: int = 5, raters: int = 4
):
    """Synthetic scripts, judged on a chained design and rated on two criteria by three raters each."""
    rng = np.random.default_rng(seed)
    names = np.array([f"s{place:03d}" for place in range(scripts)])
    true = 1.2 * rng.normal(size=scripts) + 0.5
    severity = np.linspace(-0.6, 0.6, raters)
    pairs = chained_pairs(tuple(names), rounds=rounds, rng=rng)
    gap = slope * (true[pairs.first] - true[pairs.second])
    won = (rng.random(gap.size) < 1 / (1 + np.exp(-gap))).astype(float)
    who = np.concatenate([rng.choice(raters, 3, replace=False) for _ in range(scripts)])
    script, rater = np.repeat(np.arange(scripts), 6), np.repeat(who, 2)
    criterion = np.tile(["content", "style"], 3 * scripts)
    steps = np.array([STEPS[name] for name in criterion])
    z = np.cumsum((true[script] - severity[rater])[:, None] - steps, axis=1)
    share = np.exp(np.concatenate([np.zeros((z.shape[0], 1)), z], axis=1))
    share /= share.sum(axis=1, keepdims=True)
    score = (rng.random((script.size, 1)) > np.cumsum(share, axis=1)).sum(axis=1)
    some = comparisons_of(names[pairs.first], names[pairs.second], won, scripts=tuple(names))
    rated = rubric_ratings(
        names[script], score, names=tuple(names), criteria=criterion, raters=rater
    )
    return true, severity, some, rated


def test_measures_severities_and_steps_are_recovered() -> None:
    true, severity, some, rated = simulated(1)

    found = fit_joint(some, rated)

    assert np.corrcoef(found.measures, true)[0, 1] > 0.92
    assert np.std((found.measures - true) / found.standard_errors) == pytest.approx(1.0, abs=0.2)
    assert np.abs((found.severities - severity) / found.severity_errors).max() < 3.5
    assert found.severities.sum() == pytest.approx(0.0, abs=1e-9)
    assert found.rater_infit == pytest.approx(np.ones(4), abs=0.2)


def test_given_steps_and_severities_put_scripts_on_their_scale() -> None:
    true, severity, some, rated = simulated(2)
    given = {name: float(value) for name, value in zip(rated.raters, severity, strict=True)}

    found = fit_joint(some, rated, steps=STEPS, severities=given)

    assert found.severities == pytest.approx(severity)
    assert (found.severity_errors == 0.0).all()
    assert (found.step_errors == 0.0).all()
    assert (found.measures - true).mean() == pytest.approx(0.0, abs=0.1)
    covered = np.abs(found.measures - true) < 1.96 * found.standard_errors
    assert covered.mean() == pytest.approx(0.95, abs=0.04)


def test_comparisons_and_ratings_together_are_surer_than_either() -> None:
    _, _, some, rated = simulated(3)
    alone = fit_comparisons(some)

    both = fit_joint(some, rated, steps=STEPS)

    assert both.standard_errors.mean() < alone.standard_errors.mean()
    assert both.reliability > alone.reliability


def test_ratings_carry_over_to_scripts_that_were_only_compared() -> None:
    # Eight synthetic data sets: the mean of the unrated hundred is off by .12 each, .04 on average.
    away = []
    for seed in range(8):
        true, _, some, rated = simulated(seed)
        kept, names = rated.script < 100, np.array(rated.scripts)
        fewer = rubric_ratings(
            names[rated.script[kept]],
            rated.score[kept],
            names=rated.scripts,
            criteria=np.array(rated.criteria)[rated.criterion[kept]],
            raters=np.array(rated.raters)[rated.rater[kept]],
        )

        found = fit_joint(some, fewer, steps=STEPS)

        assert (found.ratings[100:] == 0).all()
        assert found.standard_errors[100:].mean() > found.standard_errors[:100].mean()
        away.append((found.measures - true)[100:].mean())

    assert np.mean(away) == pytest.approx(0.0, abs=0.2)


def test_the_slope_of_comparisons_is_found() -> None:
    _, _, some, rated = simulated(5, slope=2.0, rounds=8)

    found = fit_joint(some, rated, steps=STEPS, slope=None)

    assert found.slope == pytest.approx(2.0, rel=0.2)


def test_the_joint_mode_is_where_its_gradient_by_differences_vanishes() -> None:
    # Given steps, one rater: the penalised likelihood in the measures alone, written out here.
    names = ("a", "b", "c")
    some = comparisons_of(["a", "b", "a"], ["b", "c", "c"], [1, 1, 0], scripts=names)
    rated = rubric_ratings(["a", "b", "c", "c"], [2, 1, 0, 1], names=names)
    found = fit_joint(some, rated, steps={"1": (-1.0, 1.0)}, severities={"1": 0.3}, prior_sd=2.0)

    def value(theta: np.ndarray) -> float:
        gaps = theta[[0, 1, 2]] - theta[[1, 2, 0]]
        total = -np.log1p(np.exp(-gaps)).sum()
        for place, score in ((0, 2), (1, 1), (2, 0), (2, 1)):
            z = np.cumsum([0.0, theta[place] - 0.3 + 1.0, theta[place] - 0.3 - 1.0])
            total += z[score] - np.log(np.exp(z).sum())
        return total - 0.5 * ((theta - theta.mean()) ** 2).sum() / 4.0

    slope = [
        (value(found.measures + h) - value(found.measures - h)) / 2e-5 for h in 1e-5 * np.eye(3)
    ]
    assert slope == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)


def test_raters_without_a_link_are_said() -> None:
    names = ("a", "b", "c", "d")
    some = comparisons_of(["a", "c"], ["b", "d"], scripts=names)
    rated = rubric_ratings(list("abcd"), [0, 1, 1, 0], names=names, raters=list("xxyy"))

    found = fit_joint(some, rated)

    assert "2 unconnected parts" in found.findings[0]
    assert np.isfinite(found.measures).all()


def test_a_score_that_nobody_got_is_said() -> None:
    names = ("a", "b", "c")
    some = comparisons_of(["a", "b"], ["b", "c"], scripts=names)

    found = fit_joint(some, rubric_ratings(list("abc"), [3, 1, 0], names=names))

    assert any("score 2" in text for text in found.findings)
    assert np.isfinite(found.steps).all()


@pytest.mark.parametrize(
    ("scores", "options"),
    [
        ([0, 1.5], {}),
        ([-1, 1], {}),
        ([0, 3], {"steps": {"1": (0.0, 1.0)}}),
        ([0, 1], {"steps": {"2": (0.0,)}}),
        ([0, 1], {"severities": {"x": 0.0}}),
        ([0, 1], {"slope": 0.0}),
        ([0, 1], {"prior_sd": -1.0}),
    ],
)
def test_ratings_and_options_that_do_not_fit_are_refused(scores, options) -> None:
    some = comparisons_of(["a"], ["b"], scripts=("a", "b"))

    with pytest.raises(ComparisonsInvalid):
        fit_joint(some, rubric_ratings(["a", "b"], scores, names=("a", "b")), **options)


def test_a_joint_scale_reads_back_from_its_json_form() -> None:
    _, _, some, rated = simulated(6, scripts=30, rounds=3)
    found = fit_joint(some, rated)

    assert JointScale.from_json(found.to_json()).to_json() == found.to_json()


def test_a_score_beyond_any_rubric_is_refused() -> None:
    with pytest.raises(ComparisonsInvalid, match="above the highest"):
        rubric_ratings(["a"], [10**9], names=["a"])
    with pytest.raises(ComparisonsInvalid, match="named twice"):
        rubric_ratings(["a"], [1], names=["a", "a"])


def dense_adjusted(count: int, table, *, prior_sd: float) -> np.ndarray:
    """Maximise the adjusted profile likelihood directly, with dense matrices and numerical slopes."""
    features = table.features.toarray()
    weights = table.totals(table.seen)
    held = count + 1
    others = features.shape[1] - held
    prior = np.r_[np.full(count, prior_sd**-2), 1e-8]
    weak = np.r_[1.0, np.full(others - 1, 0.01)]
    theta = np.zeros(held)

    def minus(rest: np.ndarray) -> float:
        for _ in range(40):
            share, value = table.probabilities(np.r_[theta, rest])
            mean = np.add.reduceat(share[:, None] * features[:, :held], table.starts, axis=0)
            apart = features[:, :held] - mean[table.owner]
            information = (apart.T * share * weights[table.owner]) @ apart + np.diag(prior)
            score = features[:, :held].T @ (table.seen - share * weights[table.owner])
            theta[:] += np.linalg.solve(information, score - prior * theta)
        penalty = prior @ theta**2 + weak @ rest**2
        return -(value - 0.5 * penalty + 0.5 * np.linalg.slogdet(information)[1])

    return minimize(minus, np.zeros(others), method="BFGS").x[1:]


def test_severities_and_steps_maximise_the_adjusted_profile_likelihood() -> None:
    _, _, some, rated = simulated(3, scripts=14, rounds=2, raters=3)
    model = rated.categories({}, {})
    pairs = comparison_categories(some, np.zeros(14, dtype=bool), np.zeros(14))
    wide = np.zeros((pairs.seen.size, model.table.features.shape[1] - 16))
    table = Categories(
        sparse.csr_array(
            np.r_[np.c_[pairs.features.toarray(), wide], model.table.features.toarray()]
        ),
        np.r_[pairs.seen, model.table.seen],
        np.r_[pairs.offset, model.table.offset],
        np.r_[pairs.starts, pairs.seen.size + model.table.starts],
        np.r_[pairs.owner, pairs.starts.size + model.table.owner],
    )

    best = dense_adjusted(14, table, prior_sd=3.0)
    found = fit_joint(some, rated)

    assert found.severities == pytest.approx(best[:3] - best[:3].mean(), abs=1e-4)
    assert found.steps == pytest.approx(best[3:] - best[3:].mean(), abs=1e-4)


def test_few_ratings_a_script_do_not_spread_the_steps() -> None:
    # Synthetic; unadjusted, the steps came out 28 % too far apart in this design.
    true, names = np.array([-1.2, 0.0, 1.2]), np.array([f"s{place:03d}" for place in range(150)])
    slopes = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        place = 1.2 * rng.normal(size=150)
        pairs = chained_pairs(tuple(names), rounds=2, rng=rng)
        gap = place[pairs.first] - place[pairs.second]
        some = comparisons_of(
            names[pairs.first],
            names[pairs.second],
            rng.logistic(size=gap.size) < gap,
            scripts=names,
        )
        script = np.repeat(np.arange(150), 2)
        z = np.cumsum(place[script][:, None] - true, axis=1)
        z = np.c_[np.zeros(z.shape[0]), z] + rng.gumbel(size=(z.shape[0], 4))
        found = fit_joint(some, rubric_ratings(names[script], z.argmax(axis=1), names=names))
        slopes.append(np.polyfit(true, found.steps, 1)[0])

    assert np.mean(slopes) == pytest.approx(1.0, abs=0.12)


def test_a_slope_that_the_judgements_do_not_tell_is_said_to_lie_at_its_end() -> None:
    some = comparisons_of(["a", "b"], ["b", "c"])
    rated = rubric_ratings(["a", "b", "c"], [0, 1, 2], names=["a", "b", "c"])

    found = fit_joint(some, rated, slope=None)

    assert any("end of its range" in text for text in found.findings)
