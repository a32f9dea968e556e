import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from liangcai.measurement.arrays import Array
from liangcai.measurement.results import Result, ResultUnreadable


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Sample(Result):
    title: ClassVar[str] = "A sample"
    method: ClassVar[str] = "counting"
    source: ClassVar[str] = "nobody (0)"
    names: tuple[str, ...]
    values: Array
    parts: tuple[Part, ...]
    bound: float | None

    def columns(self) -> dict[str, object]:
        return {"name": self.names, "value": self.values}

    def facts(self) -> dict[str, object]:
        return {"bound": self.bound}


SAMPLE = Sample(("a", "b"), np.array([1.5, math.nan]), (Part("x", math.inf),), None)


def test_a_result_reads_back_from_its_json_form() -> None:
    again = Sample.from_json(SAMPLE.to_json())

    np.testing.assert_array_equal(again.values, SAMPLE.values)
    assert (again.names, again.parts, again.bound) == (SAMPLE.names, SAMPLE.parts, None)


def test_a_json_form_with_a_field_missing_is_refused_by_name() -> None:
    document = SAMPLE.to_json()
    del document["values"]

    with pytest.raises(ResultUnreadable, match="values"):
        Sample.from_json(document)


def test_a_summary_names_method_and_source() -> None:
    text = SAMPLE.summary()

    assert text.splitlines()[0] == "A sample"
    assert "Method: counting\nSource: nobody (0)" in text
    assert "1.5" in text
