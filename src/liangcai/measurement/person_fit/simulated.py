"""P-values of any person-fit statistic from responses simulated by the model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.person_fit.moments import checked, person_blocks
from liangcai.measurement.responses.matrix import MISSING, Responses, Scores
from liangcai.measurement.results import Result
from liangcai.measurement.significance import checked_level

Tail = Literal["high", "low"]


class TailUnknown(LiangcaiError):
    """Misfit is neither at the high nor at the low values of the statistic."""

    code = "measurement.tail-unknown"


class StatisticMisshapen(LiangcaiError):
    """A person-fit statistic does not give one value a person."""

    code = "measurement.statistic-misshapen"


class ReplicationsTooFew(LiangcaiError):
    """So few replications cannot show a p-value as small as the false-alarm rate."""

    code = "measurement.replications-too-few"


@dataclass(frozen=True, slots=True)
class SimulatedFit(Result):
    """
    One row a person: where the observed statistic lies among those of simulated patterns.

    `p` = (1 + simulated at least as extreme) / (1 + simulated with a value), never below
    1 / (1 + replications). `flagged`: p ≤ `false_alarm_rate`, the expected share of flags among
    persons who follow the model, as far as the estimated abilities are the true ones. NaN: the
    observed statistic does not exist.
    """

    title = "Person fit against simulated responses"
    method = (
        "Responses simulated at each person's estimated ability, with the same answers missing; "
        "the statistic recomputed in each replication"
    )
    source = "van Krimpen-Stoop & Meijer (1999); Davison & Hinkley (1997) on Monte Carlo tests"
    person: tuple[str, ...]
    tail: str
    replications: int
    false_alarm_rate: float
    statistic: Array
    p: Array
    flagged: Flags

    def columns(self) -> dict[str, tuple[str, ...] | Array | Flags]:
        """Return one row a person."""
        return {
            "person": self.person,
            "statistic": self.statistic,
            "p": self.p,
            "flagged": self.flagged,
        }

    def facts(self) -> dict[str, str | int | float]:
        """Return replications, tail, false-alarm rate and flags."""
        return {
            "replications": self.replications,
            "extreme": self.tail,
            "false-alarm rate": self.false_alarm_rate,
            "persons flagged": int(self.flagged.sum()),
        }


def simulated_fit(
    statistic: Callable[[Responses], Array],
    responses: Responses,
    items: ItemParameters,
    theta: Array,
    *,
    rng: np.random.Generator,
    tail: Tail,
    replications: int = 199,
    false_alarm_rate: float = 0.05,
) -> SimulatedFit:
    """
    Return p-values of `statistic` (one value a person) by simulation from the calibrated model.

    `tail`: which extreme is misfit (Guttman errors, U3: "high"; lz, H^T: "low"). A statistic that
    rests on estimated abilities should estimate them anew inside `statistic`.

    Raises:
        ModelDoesNotApply: items, abilities and responses do not belong together.
        ReplicationsTooFew: 1 / (1 + replications) exceeds the false-alarm rate.
        TailUnknown: `tail` is neither "high" nor "low".
        StatisticMisshapen: `statistic` does not give one value a person.
        LevelImpossible: the false-alarm rate is not between 0 and 1.
    """
    checked(responses, items, theta)
    if tail not in get_args(Tail):
        raise TailUnknown(f'misfit is at the "high" or the "low" values, not {tail!r}')
    if (1 + replications) * checked_level(false_alarm_rate) < 1.0:
        raise ReplicationsTooFew(
            f"{replications} replications cannot show p ≤ {false_alarm_rate:g}; "
            f"use {int(np.ceil(1.0 / false_alarm_rate)) - 1} or more"
        )
    sign = 1.0 if tail == "high" else -1.0
    observed = sign * np.asarray(statistic(responses), dtype=float)
    if observed.shape != (responses.person_count,):
        raise StatisticMisshapen(
            f"the statistic has shape {observed.shape} for {responses.person_count} persons"
        )
    extreme, known = np.zeros(observed.size), np.zeros(observed.size)
    for _ in range(replications):
        drawn = sign * statistic(simulated_responses(responses, items, theta, rng=rng))
        extreme += drawn >= observed - 1e-12
        known += np.isfinite(drawn)
    exists = np.isfinite(observed)
    p = np.where(exists, (1.0 + extreme) / (1.0 + known), np.nan)
    return SimulatedFit(
        person=tuple(responses.person_name(row) for row in range(responses.person_count)),
        tail=tail,
        replications=replications,
        false_alarm_rate=false_alarm_rate,
        statistic=sign * observed,
        p=p,
        flagged=p <= false_alarm_rate,
    )


def simulated_responses(
    responses: Responses, items: ItemParameters, theta: Array, *, rng: np.random.Generator
) -> Responses:
    """Return responses drawn from the model at `theta`, missing where these are."""
    drawn: Scores = np.empty(responses.scores.shape, dtype=np.int8)
    for block in person_blocks(responses, items, theta):
        reach = np.cumsum(block.curves.probability, axis=1)[:, :-1]
        dice = rng.random(block.scores.shape)
        scores = np.zeros(block.scores.shape, dtype=np.int8)
        for step in range(reach.shape[1]):
            scores += dice > reach[:, step, block.ability].T
        drawn[block.rows] = np.where(block.scores == MISSING, MISSING, scores)
    return Responses(
        drawn,
        responses.items,
        responses.persons,
        responses.groups,
        responses.group_names,
        responses.weights,
    )
