"""Distractor analysis against counts by hand and NumPy's correlations; all data synthetic."""

import numpy as np
import pytest

from liangcai.measurement.classical.distractors import (
    OMITTED,
    ChoicesInvalid,
    DistractorAnalysis,
    distractor_analysis,
)


def choices(seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=(300, 1))
    right = rng.random((300, 5)) < 1 / (1 + np.exp(-1.5 * ability))
    return np.where(right, "A", rng.choice(["B", "C", "D"], size=(300, 5)))


def test_shares_and_point_biserials_are_those_of_indicator_variables() -> None:
    chosen = choices()
    chosen[:7, 2] = ""

    analysis = distractor_analysis(chosen, key="AAAAA")

    right = chosen == "A"
    for row, (item, option) in enumerate(zip(analysis.item, analysis.option, strict=True)):
        place = int(item) - 1
        indicator = chosen[:, place] == ("" if option == OMITTED else option)
        rest = right.sum(axis=1) - right[:, place]
        assert analysis.share[row] == pytest.approx(indicator.mean())
        assert analysis.rest_mean[row] == pytest.approx(rest[indicator].mean())
        assert analysis.point_biserial[row] == pytest.approx(np.corrcoef(indicator, rest)[0, 1])


def test_the_shares_of_an_item_sum_to_one_in_each_fifth() -> None:
    chosen = choices()
    chosen[::11, 0] = ""

    analysis = distractor_analysis(chosen, key="AAAAA")

    first = np.array(analysis.item) == "1"
    np.testing.assert_allclose(analysis.fifths[first].sum(axis=0), 1.0)
    assert analysis.share[first].sum() == pytest.approx(1.0)


def test_the_key_is_chosen_more_often_by_better_fifths() -> None:
    analysis = distractor_analysis(choices(), key="AAAAA")

    keyed = analysis.fifths[analysis.keyed == 1]
    assert np.all(keyed[:, 4] > keyed[:, 0])
    assert analysis.doubtful_keys() == ()


def test_a_wrong_key_is_noticed() -> None:
    analysis = distractor_analysis(choices(), key="AABAA")

    assert analysis.doubtful_keys() == ("3",)


def test_options_that_hardly_anyone_chose_are_listed() -> None:
    chosen = choices()
    chosen[chosen[:, 1] == "D", 1] = "C"

    analysis = distractor_analysis(chosen, key="AAAAA")

    assert analysis.idle_distractors() == (("2", "D"),)


def test_codes_and_labels_give_the_same_answer() -> None:
    labels = choices()
    codes = np.searchsorted(["A", "B", "C", "D"], labels).astype(float)
    codes[3, 3] = np.nan
    labels[3, 3] = ""

    one = distractor_analysis(labels, key="AAAAA")
    other = distractor_analysis(codes, key=[0] * 5)

    np.testing.assert_allclose(one.point_biserial, other.point_biserial)


def test_weights_count_as_persons() -> None:
    chosen, times = choices(), np.arange(300) % 3

    weighted = distractor_analysis(chosen, key="AAAAA", weights=times)
    listed = distractor_analysis(np.repeat(chosen, times, axis=0), key="AAAAA")

    np.testing.assert_allclose(weighted.point_biserial, listed.point_biserial, atol=1e-12)
    np.testing.assert_allclose(weighted.fifths, listed.fifths, atol=1e-12)


def test_an_option_that_everybody_chose_has_no_correlation() -> None:
    chosen = choices()
    chosen[:, 0] = "A"

    analysis = distractor_analysis(chosen, key="AAAAA")

    assert np.isnan(analysis.point_biserial[0])
    assert np.isnan(analysis.rest_mean[1])


@pytest.mark.parametrize(("key", "said"), [("AAAA", "4 options for 5 items"), ("AAAAX", "'X'")])
def test_a_key_that_does_not_fit_is_refused(key: str, said: str) -> None:
    with pytest.raises(ChoicesInvalid, match=said):
        distractor_analysis(choices(), key=key)


def test_one_person_or_one_item_is_refused() -> None:
    with pytest.raises(ChoicesInvalid, match="at least two"):
        distractor_analysis([["A"], ["B"]], key="A")


def test_a_distractor_analysis_reads_back_from_its_json_form() -> None:
    analysis = distractor_analysis(choices(), key="AAAAA")

    assert DistractorAnalysis.from_json(analysis.to_json()).to_json() == analysis.to_json()


def test_a_number_that_cannot_be_an_option_code_is_refused() -> None:
    with pytest.raises(ChoicesInvalid, match="20000 is no option code"):
        distractor_analysis([[0, 20_000], [1, 1]], key=[0, 1])
