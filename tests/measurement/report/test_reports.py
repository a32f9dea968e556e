"""Reports on results: what each says, in both languages, on synthetic data."""

import re
from typing import Any

import numpy as np
import pytest

from liangcai.measurement.adaptive.design import Design
from liangcai.measurement.adaptive.item_pool import item_pool
from liangcai.measurement.adaptive.report import report as simulation_report
from liangcai.measurement.adaptive.simulation import simulate
from liangcai.measurement.adaptive.stopping import Length
from liangcai.measurement.calibration.models import Mixed, Nominal, TwoParameter
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.facets.fit import element_fit
from liangcai.measurement.facets.model import ManyFacet
from liangcai.measurement.facets.ratings import ratings_of
from liangcai.measurement.fairness.logistic import logistic_dif
from liangcai.measurement.fairness.mantel_haenszel import mantel_haenszel
from liangcai.measurement.fairness.polytomous import polytomous_dif
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.report.adaptive import cat_report
from liangcai.measurement.report.calibration import calibration_report
from liangcai.measurement.report.cut import CutMissing, cut_report
from liangcai.measurement.report.dif import dif_report
from liangcai.measurement.report.parts import results_report
from liangcai.measurement.report.raters import raters_report
from liangcai.measurement.responses.check import check_responses
from liangcai.measurement.responses.matrix import Responses, responses_of
from liangcai.measurement.standard_setting.angoff import angoff
from liangcai.measurement.standard_setting.consequences import consequences
from liangcai.measurement.standard_setting.panel import panel_cut
from liangcai.publishing.plots.figure import PlotInvalid

pytest.importorskip("vl_convert")

LANGUAGES: list[Any] = ["zh", "en"]


def synthetic(persons: int = 300, *, seed: int = 5) -> Responses:
    """Six right-or-wrong items and one with scores 0, 1, 2; two groups; item q1 is harder for b."""
    rng = np.random.default_rng(seed)
    theta, group = rng.normal(size=persons), rng.integers(0, 2, persons)
    shift = np.zeros((persons, 6))
    shift[:, 0] = 1.2 * group
    right = rng.random((persons, 6)) < 1 / (
        1 + np.exp(-(theta[:, None] - np.linspace(-1, 1, 6) - shift))
    )
    steps = rng.random((persons, 1)) < 1 / (1 + np.exp(-(theta[:, None] - np.array([-0.5, 0.7]))))
    return responses_of(
        np.column_stack([right, steps.sum(axis=1)]),
        items=(*(f"q{n}" for n in range(1, 7)), "<i>写作</i>"),
        groups=np.where(group == 1, "b", "a"),
    )


def headings(html: str) -> list[str]:
    return re.findall(r"<h2>([^<]*)</h2>", html)


@pytest.fixture(scope="module")
def responses() -> Responses:
    return synthetic()


@pytest.fixture(scope="module")
def calibration(responses: Responses) -> Calibration:
    return Mixed(models={"<i>写作</i>": "grm"}, default="2pl").fit(responses)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_calibration_is_reported_with_items_categories_precision_and_persons(
    calibration: Calibration, responses: Responses, language: Any
) -> None:
    html = calibration_report(calibration, responses, language=language)

    assert len(headings(html)) == 8
    assert html.count("<figure>") == 5
    assert calibration.audit.responses_sha256 in html
    assert "<i>" not in html
    assert "&lt;i&gt;写作&lt;/i&gt;" in html
    assert ("The calibration converged" in html) == (language == "en")
    assert ("估计已收敛" in html) == (language == "zh")


def test_a_calibration_alone_is_reported_without_persons(calibration: Calibration) -> None:
    again = Calibration.from_json(calibration.to_json())

    html = calibration_report(again, language="en", title="Spring & autumn")

    assert "Persons" not in headings(html)
    assert "<h1>Spring &amp; autumn</h1>" in html


def test_a_calibration_that_did_not_converge_is_reported_as_such(responses: Responses) -> None:
    from dataclasses import replace

    from liangcai.measurement.calibration.request import Settings

    found = Mixed(default="grm").fit(responses, settings=replace(Settings(), max_iterations=1))

    assert not found.converged
    assert "did not converge; do not use what follows" in calibration_report(found, language="en")


def test_scores_that_leave_out_a_category_are_reported_as_they_were_calibrated() -> None:
    plain = synthetic()
    scores = plain.scores.copy()
    scores[:, 6] = np.where(scores[:, 6] == 2, 5, scores[:, 6])
    gapped = responses_of(scores, items=plain.items)

    found = Mixed(models={"<i>写作</i>": "grm"}, default="2pl").fit(gapped)
    html = calibration_report(found, gapped, language="en")

    assert "nobody earned 2, 3, 4 on item" in html
    assert "Wright map" in html


def test_responses_with_missing_scores_have_no_distribution_of_totals() -> None:
    scores = synthetic().scores[:, :6].copy()
    scores[::7, 2] = -1
    found = TwoParameter().fit(responses_of(scores))

    html = calibration_report(found, responses_of(scores), language="en")

    assert "Wright map" in html
    assert "Distribution of scores" not in html


def test_nominal_items_have_no_place_on_the_wright_map_but_a_report() -> None:
    seen = synthetic(200).select_items(np.array([6, 0, 1, 2]))
    found = Nominal().fit(seen)

    html = calibration_report(found, seen, language="en")

    assert "Category curves" in html
    assert "Wright map" not in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_dif_is_reported_with_a_forest_and_the_items_flagged(
    responses: Responses, language: Any
) -> None:
    right = responses.select_items(np.arange(6))
    found = mantel_haenszel(right, reference="a")

    html = dif_report(found, language=language, findings=check_responses(right), others=[found])

    assert "q1" in found.flagged_items()
    assert html.count("<figure>") == 1
    assert "Zieky (1993)" in html
    assert ("flagged: q1" in html) == (language == "en")


def test_logistic_and_polytomous_dif_are_reported_in_their_own_units(responses: Responses) -> None:
    logistic = dif_report(
        logistic_dif(responses.select_items(np.arange(6)), reference="a"), language="en"
    )
    several = dif_report(polytomous_dif(responses, reference="a"), language="en")

    assert "Δ (negative: against the focal group)" in logistic
    assert "SMD ÷ sd" in several


@pytest.mark.parametrize("language", LANGUAGES)
def test_raters_are_reported_with_severity_and_fit(language: Any) -> None:
    rng = np.random.default_rng(8)
    person, rater, task = (
        part.ravel() for part in np.meshgrid(np.arange(60), np.arange(4), np.arange(3))
    )
    ability = rng.normal(size=60)
    z = ability[person] - 0.5 * (rater - 1.5) - 0.3 * (task - 1)
    score = (rng.random((z.size, 3)) < 1 / (1 + np.exp(-(z[:, None] - np.array([-1, 0, 1]))))).sum(
        axis=1
    )
    ratings = ratings_of(person, {"rater": [f"评分员{n}" for n in rater], "task": task}, score)
    found = ManyFacet().fit(ratings)

    html = raters_report(found, fit=element_fit(found, ratings), language=language)

    assert html.count("<figure>") == 1
    assert "评分员3" in html
    assert "Wright &amp; Masters (1982)" in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_adaptive_tests_are_reported_with_bias_and_exposure(language: Any) -> None:
    records = [{"item": f"q{n}", "a": 1.2, "b": b} for n, b in enumerate(np.linspace(-2, 2, 30))]
    pool = item_pool(ItemParameters.from_json(records))
    design = Design(pool, Length(6))
    rng = np.random.default_rng(3)
    found = simulation_report(design, simulate(design, theta=rng.normal(size=200), rng=rng))

    html = cat_report(found, limit=0.4, language=language)

    assert html.count("<figure>") == 2
    assert "Chang &amp; Ying (1999)" in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cut_is_reported_with_what_it_does(language: Any) -> None:
    rng = np.random.default_rng(4)
    scores = rng.binomial(20, 0.6, 200).astype(float)
    setting = angoff(rng.uniform(0.4, 0.8, (5, 20)))
    effect = consequences(
        scores, cut=setting.cut, cut_error=setting.standard_error, groups=scores > 12
    )

    html = cut_report(setting, consequences=effect, scores=scores, language=language)

    assert html.count("<figure>") == 2
    assert f"{setting.cut:.2f}" in html
    share = float((scores >= setting.cut).mean())
    assert f"{share:.1%}" in html


def test_the_cut_of_one_judge_is_reported_without_an_error() -> None:
    html = cut_report(panel_cut([12.0]), scores=np.arange(20.0), weights=np.ones(20), language="en")

    assert "its standard error cannot be estimated" in html


def test_a_result_without_a_cut_is_refused(calibration: Calibration) -> None:
    with pytest.raises(CutMissing, match="Calibration holds no cut score"):
        cut_report(calibration)


def test_any_results_make_a_report_with_their_sources(calibration: Calibration) -> None:
    html = results_report("Two results", [calibration, panel_cut([1.0, 2.0])], language="en")

    assert headings(html) == ["Calibration", "Cut score of a panel", "Methods and sources"]
    assert "Bock &amp; Aitkin (1981)" in html


def test_scores_that_a_cut_cannot_be_drawn_for_are_refused() -> None:
    setting = panel_cut([10.0, 12.0])

    for scores in (np.empty(0), np.array([1.0, np.nan])):
        with pytest.raises(PlotInvalid, match="needs scores"):
            cut_report(setting, scores=scores)
    with pytest.raises(PlotInvalid, match="finite weight"):
        cut_report(setting, scores=np.arange(3.0), weights=np.zeros(3))


def test_a_chinese_report_holds_no_english_sentence(
    calibration: Calibration, responses: Responses
) -> None:
    """Three English words in a row stand in sources only."""
    right = responses.select_items(np.arange(6))
    found = mantel_haenszel(right, reference="a")
    setting = angoff(np.random.default_rng(4).uniform(0.4, 0.8, (5, 6)))
    pages = [
        calibration_report(calibration, responses),
        dif_report(found, others=[logistic_dif(right, reference="a")]),
        cut_report(setting, scores=np.arange(6.0)),
    ]

    texts = [text for page in pages for text in re.findall(r">([^<]+)<", page)]
    english = [text for text in texts if re.search(r"[a-z]+ [a-z]+ [a-z]+", text)]
    assert [text for text in english if "{" not in text] == []
