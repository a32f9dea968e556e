import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangcai.measurement.labels import (
    LabelMissing,
    coded_labels,
    label_texts,
    labels_array,
    missing_labels,
)


def test_numbers_sort_by_size_and_texts_by_letter() -> None:
    assert coded_labels([10, 9, 10], what="raters")[0] == ("9", "10")
    assert coded_labels(["b", "a"], what="raters")[1].tolist() == [1, 0]


@pytest.mark.parametrize("missing", [None, float("nan"), "", pd.NA])
def test_a_missing_label_is_refused_with_its_row(missing: object) -> None:
    with pytest.raises(LabelMissing, match="raters: row 2 has no label"):
        coded_labels(["a", missing], what="raters")
    with pytest.raises(LabelMissing, match="row 2"):
        label_texts(["a", missing], what="raters")


def test_a_missing_number_is_refused() -> None:
    with pytest.raises(LabelMissing, match="row 1"):
        coded_labels(np.array([np.nan, 1.0]), what="persons")


def test_somebody_may_be_called_nan_or_none() -> None:
    names = labels_array(["nan", "None", "<NA>"])

    assert not missing_labels(names).any()
    assert not missing_labels(names.astype(object)).any()


def test_labels_of_mixed_kinds_sort_as_texts() -> None:
    names, place = coded_labels(np.array([1, "1", "a"], dtype=object), what="persons")

    assert names == ("1", "a")
    assert place.tolist() == [0, 0, 1]


@given(st.lists(st.text(min_size=1).filter(lambda text: "\x00" not in text), min_size=1))
def test_codes_lead_back_to_the_labels(labels: list[str]) -> None:
    names, place = coded_labels(labels, what="scripts")

    assert [names[code] for code in place] == labels
