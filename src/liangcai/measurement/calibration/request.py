"""What is asked of a calibration: how to compute it, the model of each item, and the problem made of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from liangcai.measurement.calibration.em import Position, Problem
from liangcai.measurement.calibration.priors import NO_PRIORS, Priors
from liangcai.measurement.calibration.summary import Summary
from liangcai.measurement.models.items import ItemParameters


@dataclass(frozen=True, slots=True)
class Settings:
    """How a calibration is computed; the defaults suit every size.

    `points`: a fixed number of nodes instead of the chosen grid; it is still verified. `tolerance`:
    log-likelihood that may remain to be gained. `quadrature_tolerance`: change of the log-likelihood
    allowed when the step is halved. `workers`: shards in this process, a thread each.
    `latent`: "normal" or "histogram".
    """

    points: int | None = None
    tolerance: float | None = None
    quadrature_tolerance: float = 0.01
    max_iterations: int = 2000
    workers: int = 1
    standard_errors: bool = True
    latent: str = "normal"


@dataclass(frozen=True, slots=True)
class Request:
    """What to calibrate: the model of each item and the constraints."""

    name: str
    models: tuple[str, ...]
    priors: Priors = NO_PRIORS
    anchors: ItemParameters | None = None
    free_by_group: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A problem ready to iterate, with where it starts and what its categories mean."""

    problem: Problem
    start: Position
    summary: Summary
    single: bool  # single precision is safe: the sums are large
    stride: int | None  # of the persons on whom the iteration starts

    @property
    def names(self) -> tuple[str, ...]:
        """The items' names."""
        return self.summary.items

    @property
    def groups(self) -> int:
        """The number of groups."""
        return len(self.summary.group_names)
