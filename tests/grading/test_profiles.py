import numpy as np
import pytest
from scipy import integrate, stats
from tests.grading.tiny import (
    evidence,
    lab,
    response,
    self_rating,
    sitting,
    tiny_scheme,
    tiny_standard,
)

from liangcai.grading import decide, estimate_unit_spread, profile_of

STANDARD = tiny_standard()
SCHEME = tiny_scheme()


def test_a_unit_without_evidence_borrows_from_its_element() -> None:
    records = [response(n, units=["A1"]) for n in range(8)]

    profile = profile_of(STANDARD, evidence(records), SCHEME)

    assert profile.unit("A1").basis == "own"
    assert profile.unit("A2").basis == "borrowed"
    assert profile.unit("B1").basis == "none"
    assert profile.unit("A1").estimate > profile.unit("A2").estimate > profile.unit("B1").estimate
    assert profile.unit("A1").se < profile.unit("A2").se < profile.unit("B1").se
    assert profile.unit("A2").state == "not-enough-evidence"


def test_without_evidence_the_profile_is_the_reference_group() -> None:
    profile = profile_of(STANDARD, evidence([]), SCHEME)

    element, unit = profile.element("A"), profile.unit("A1")
    assert (element.estimate, element.se) == (0.0, pytest.approx(1.0, abs=1e-3))
    assert unit.se == pytest.approx(np.sqrt(1.25), abs=1e-3)
    assert element.interval[1] == pytest.approx(stats.norm.ppf(0.9), abs=2e-3)
    assert element.meets[0] == pytest.approx(stats.norm.cdf(0.5), abs=1e-3)


def test_the_profile_agrees_with_numerical_integration() -> None:
    records = [response(0, score=1), response(1, score=0, level="junior"), response(3, score=1)]
    # A1 was answered twice and right (records 0 and 3, cut at 0.5), A2 once and wrong (cut at −0.5).

    def p(theta: float, b: float) -> float:
        return float(1 / (1 + np.exp(b - theta)))

    def inner(group: float, power: int) -> float:
        return integrate.quad(
            lambda unit: unit**power * p(unit, 0.5) ** 2 * stats.norm.pdf(unit, group, 0.5), -9, 9
        )[0]

    def outer(power: int) -> float:
        def density(group: float) -> float:
            wrong = integrate.quad(
                lambda unit: (1 - p(unit, -0.5)) * stats.norm.pdf(unit, group, 0.5), -9, 9
            )[0]
            return float(stats.norm.pdf(group) * wrong * inner(group, power))

        return integrate.quad(density, -6, 6, epsabs=1e-7)[0]

    unit = profile_of(STANDARD, evidence(records), SCHEME).unit("A1")

    assert unit.estimate == pytest.approx(outer(1) / outer(0), abs=1.5e-3)


def test_a_record_on_two_units_says_half_as_much_on_each() -> None:
    split = profile_of(STANDARD, evidence([lab(1, units=["B1", "B2"])]), SCHEME)
    whole = profile_of(STANDARD, evidence([lab(1, units=["B1"])]), SCHEME)

    assert split.unit("B1").estimate == split.unit("B2").estimate
    assert whole.unit("B1").se < split.unit("B1").se < whole.unit("B2").se


def test_self_ratings_have_a_profile_of_their_own() -> None:
    said = evidence([*sitting(2, lab_score=20), self_rating("A1"), self_rating("B1")])

    tested = profile_of(STANDARD, said, SCHEME)
    own_word = profile_of(STANDARD, said, SCHEME, kind="self")

    assert own_word.kind == "self"
    assert own_word.unit("A1").estimate > 0.5 > tested.unit("A1").estimate
    assert tested == profile_of(STANDARD, evidence(sitting(2, lab_score=20)), SCHEME)
    assert tested == decide(STANDARD, said, SCHEME).profile


def test_an_unused_unit_of_a_profile_is_unknown() -> None:
    with pytest.raises(KeyError):
        profile_of(STANDARD, evidence([]), SCHEME).unit("Z9")


def test_a_profile_is_a_sequence_of_estimates() -> None:
    units = profile_of(STANDARD, evidence(sitting(6)), SCHEME).units

    assert len(units) == 5
    assert [part.code for part in units] == ["A1", "A2", "A3", "B1", "B2"]
    assert units[-1] == list(units)[4]
    assert units[1:3] == tuple(units)[1:3]


def test_measured_means_enough_records_and_a_small_error() -> None:
    profile = profile_of(STANDARD, evidence([lab(1, se=5), lab(3, se=5)]), SCHEME)

    assert profile.unit("B2").state == "measured"
    assert profile.unit("B1").state == "not-enough-evidence"


def test_the_spread_of_a_simulated_group_is_found_again() -> None:
    rng = np.random.default_rng(17)
    people = []
    for _ in range(150):
        element = rng.normal()
        records = []
        for n, unit in enumerate(("A1", "A2", "A3")):
            theta = element + rng.normal(scale=0.8)
            share = 1 / (1 + np.exp(-(theta - 0.5) - np.log(1.5)))
            seen = np.clip(share + rng.normal(scale=0.06), 0.001, 0.999)
            records.append(lab(n, units=[unit], component="exam", score=100 * seen, se=6))
        people.append(evidence(records))

    found = estimate_unit_spread(STANDARD, people, SCHEME)

    assert abs(found.spread - 0.8) < 3 * found.se + 0.05
