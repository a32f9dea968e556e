"""Records that bear on several units at once: what they say of each, and what they cannot."""

import numpy as np
import pytest
from tests.grading.tiny import evidence, lab, tiny_scheme, tiny_standard

from liangcai.grading import Profile, profile_of

STANDARD, SCHEME = tiny_standard(), tiny_scheme()
SPREAD = 0.5
UNITS = ("A1", "A2", "A3")
PAIRS = (("A1", "A2"), ("A2", "A3"), ("A1", "A3", "B1"), ("B1", "B2"))


def profile_from(*units: tuple[str, ...], score: float = 75, se: float = 5) -> Profile:
    records = [lab(n, units=list(one), score=score, se=se) for n, one in enumerate(units)]
    return profile_of(STANDARD, evidence(records), SCHEME)


def test_a_record_on_one_unit_counts_in_full_however_often() -> None:
    one, many = profile_from(("A1",)), profile_from(*[("A1",)] * 40)

    assert one.unit("A1").se == pytest.approx(0.23, abs=0.01)
    assert many.unit("A1").se < 0.07


def test_records_on_the_same_units_never_tell_the_units_apart() -> None:
    many = profile_from(*[UNITS] * 200)
    apart = SPREAD * np.sqrt(1 - 1 / len(UNITS))

    assert many.unit("A1").se > 0.6 * apart
    assert many.element("A").se < 0.45


def test_units_in_another_order_are_the_same_units() -> None:
    turned = profile_from(("A1", "A2"), ("A2", "A1"))

    assert turned.as_record() == profile_from(("A1", "A2"), ("A1", "A2")).as_record()


def test_a_record_across_elements_says_less_of_each_unit_than_one_within() -> None:
    across, within = profile_from(("A1", "B1")), profile_from(("A1", "A2"))

    assert across.unit("A1").se > within.unit("A1").se + 0.1


def test_intervals_hold_about_as_often_as_they_say_when_records_share_units() -> None:
    rng = np.random.default_rng(11)
    held: list[bool] = []
    for _ in range(250):
        of_element = {code: rng.normal() for code in "AB"}
        true = {u: of_element[u[0]] + SPREAD * rng.normal() for u in (*UNITS, "B1", "B2")}
        records = []
        for n, units in enumerate(PAIRS * 2):
            theta = float(np.mean([true[unit] for unit in units]))
            share = 1 / (1 + np.exp(-(theta - 0.5) - np.log(1.5)))
            trials = 2400 / 7**2
            seen = rng.beta(share * (trials - 1), (1 - share) * (trials - 1))
            records.append(lab(n, units=list(units), score=100 * seen, se=7))
        found = profile_of(STANDARD, evidence(records), SCHEME).units
        held += [part.interval[0] <= true[part.code] <= part.interval[1] for part in found]

    assert 0.70 < np.mean(held) < 0.88
