"""Dimensionality: questions that have no answer."""

from typing import Any

import numpy as np
import pytest

from liangcai.measurement.dimensionality.parallel import ReferenceUnknown, parallel_analysis
from liangcai.measurement.dimensionality.polychoric import (
    PolychoricUndefined,
    polychoric_of_tables,
)
from liangcai.measurement.responses.matrix import responses_of
from liangcai.measurement.significance import LevelImpossible

RESPONSES = responses_of(np.random.default_rng(5).integers(0, 2, size=(40, 4)))


@pytest.mark.parametrize(
    "settings",
    [
        {"correlation": "spearman"},
        {"reference": "bootstrap"},
        {"reference": "normal"},  # polychoric eigenvalues beside those of Pearson correlations
        {"replications": 0},
    ],
)
def test_correlations_and_references_that_do_not_go_together_are_refused(
    settings: dict[str, Any],
) -> None:
    with pytest.raises(ReferenceUnknown):
        parallel_analysis(RESPONSES, rng=np.random.default_rng(1), **settings)


def test_a_quantile_in_per_cent_is_refused() -> None:
    with pytest.raises(LevelImpossible):
        parallel_analysis(RESPONSES, rng=np.random.default_rng(1), quantile=95)


@pytest.mark.parametrize(
    "tables", [[[1.0, 2], [2, 3]], [[[1.0, -2], [2, 3]]], [[[1.0, np.nan], [2, 3]]]]
)
def test_what_is_no_table_of_counts_is_refused(tables: list[Any]) -> None:
    with pytest.raises(PolychoricUndefined, match="tables are counts"):
        polychoric_of_tables(np.array(tables))
