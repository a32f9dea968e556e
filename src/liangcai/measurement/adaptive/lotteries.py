"""Exposure parameters by simulation: Sympson & Hetter's iteration, for everyone or by ability."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.measurement.adaptive.design import Design
from liangcai.measurement.adaptive.exposure import ExposureInvalid, Lottery
from liangcai.measurement.adaptive.simulation import Simulation, simulate
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class ExposureParameters(Result):
    """The chance that a selected item is given (`keep`, J × B) and the rates seen on the way there.

    `edges` (B − 1) cut the estimate into ranges. `largest` is the largest exposure rate in each
    round, the last one with the parameters before the final adjustment.
    """

    title: ClassVar[str] = "Exposure parameters"
    method: ClassVar[str] = "repeated simulation, P(selected) = P(given)/keep"
    source: ClassVar[str] = "Sympson & Hetter (1985); by ability Stocking & Lewis (1998)"
    item_names: tuple[str, ...]
    rate: float
    keep: Array
    edges: Array
    exposure: Array
    largest: Array

    @property
    def lottery(self) -> Lottery:
        """The exposure control to put into a design."""
        return Lottery(self.keep, self.edges)

    def columns(self) -> dict[str, Any]:
        """Return one row an item: its chance (of the first range …) and its last exposure rate."""
        columns: dict[str, Any] = {"item": self.item_names}
        for place, chances in enumerate(self.keep.T):
            columns["keep" if self.keep.shape[1] == 1 else f"keep {place + 1}"] = chances
        return columns | {"exposure": self.exposure.max(axis=1)}

    def facts(self) -> dict[str, Any]:
        """Return the target and what was reached."""
        return {"target rate": self.rate, "largest rate by round": self.largest}


def sympson_hetter(
    design: Design,
    *,
    rate: float,
    theta: npt.ArrayLike,
    rng: np.random.Generator,
    rounds: int = 8,
    edges: Sequence[float] = (),
    executor: Executor | None = None,
) -> ExposureParameters:
    """
    Return exposure parameters that hold each item's exposure rate near `rate`.

    `theta` (N) are true abilities like those of the people to be tested. With `edges`, rates are
    held for each range of ability. A rate is known only up to its sampling error √(rate/N).

    A lottery is independent of whether its item comes up, so that P(selected) is estimated without
    bias by P(given)/keep, and rejected selections need not be counted.

    Raises:
        ExposureInvalid: the rate is impossible for tests of this length, or a range holds nobody.
    """
    count, borders = design.pool.count, np.asarray(edges, dtype=float)
    column = np.searchsorted(borders, np.atleast_1d(theta), side="right")
    people = np.bincount(column, minlength=borders.size + 1)
    if not 0.0 < rate <= 1.0 or rounds < 1 or not people.all():
        raise ExposureInvalid(
            f"rate {rate} must lie above 0 and be at most 1, rounds ({rounds}) be at least 1, "
            f"and each range of ability hold somebody ({people.tolist()})"
        )
    keep = np.ones((count, borders.size + 1))
    exposure, largest = np.zeros_like(keep), []
    for _ in range(rounds):
        found = simulate(
            replace(design, exposure=Lottery(keep, borders)),
            theta=theta,
            rng=rng,
            executor=executor,
        )
        if rate * count < found.length.mean():
            raise ExposureInvalid(
                f"{count} items at a rate of {rate} cannot fill tests of {found.length.mean():.3g} items"
            )
        exposure = _rates(found, column, people)
        largest.append(float(exposure.max()))
        keep = np.minimum(1.0, rate * keep / np.maximum(exposure, 1e-9))
    return ExposureParameters(
        item_names=design.pool.items.names,
        rate=rate,
        keep=keep,
        edges=borders,
        exposure=exposure,
        largest=np.array(largest),
    )


def _rates(found: Simulation, column: Index, people: Index) -> Array:
    """Return the share of the persons of each range of true ability who saw each item (J × B)."""
    given = found.given()
    rows = [given[column == place].sum(axis=0) for place in range(people.size)]
    return np.asarray(np.array(rows).T / people, dtype=float)
