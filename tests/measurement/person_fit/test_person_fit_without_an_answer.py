"""Person fit: questions that have no answer."""

import numpy as np
import pytest

from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.person_fit.likelihood import likelihood_fit
from liangcai.measurement.person_fit.moments import ModelDoesNotApply
from liangcai.measurement.person_fit.simulated import (
    StatisticMisshapen,
    TailUnknown,
    simulated_fit,
)
from liangcai.measurement.person_fit.transposed_scalability import (
    TransposedScalabilityUndefined,
    transposed_scalability,
)
from liangcai.measurement.responses.matrix import responses_of

ITEMS = ItemParameters.from_json(
    [{"item": str(n + 1), "model": "2pl", "a": 1.0, "b": b} for n, b in enumerate([-1.0, 0.0, 1.0])]
)
RESPONSES = responses_of([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]])
ABILITY = np.zeros(4)


def test_a_prior_without_a_mean_is_refused() -> None:
    with pytest.raises(ModelDoesNotApply, match="finite mean"):
        likelihood_fit(RESPONSES, ITEMS, ABILITY, estimate="map", prior_mean=float("nan"))


def test_a_tail_of_no_known_name_is_refused() -> None:
    with pytest.raises(TailUnknown, match="upper"):
        simulated_fit(
            lambda r: r.scores.sum(axis=1).astype(float),
            RESPONSES,
            ITEMS,
            ABILITY,
            rng=np.random.default_rng(1),
            tail="upper",  # type: ignore[arg-type]
        )


def test_a_statistic_needs_one_value_a_person() -> None:
    with pytest.raises(StatisticMisshapen, match="4 persons"):
        simulated_fit(
            lambda r: r.scores.astype(float),
            RESPONSES,
            ITEMS,
            ABILITY,
            rng=np.random.default_rng(1),
            tail="high",
        )


def test_persons_of_no_weight_are_nobody_to_agree_with() -> None:
    with pytest.raises(TransposedScalabilityUndefined):
        transposed_scalability(responses_of(RESPONSES.scores, weights=np.zeros(4)))
