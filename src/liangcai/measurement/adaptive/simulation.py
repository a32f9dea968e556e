"""Simulated adaptive tests of many persons, in lock step and block by block."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.design import Design, reasons
from liangcai.measurement.adaptive.draws import seeds_from
from liangcai.measurement.adaptive.exposure import (
    Eligibility,
    MaximumRate,
    barred_items,
    eligibility_lottery,
    nothing_seen,
    seen_after,
    seen_by_range,
)
from liangcai.measurement.adaptive.linear import Effort
from liangcai.measurement.adaptive.lock_step import Block, Tests, part, split, stacked, tests_of
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result


class SimulationInvalid(LiangcaiError):
    """The persons or responses given to a simulation do not fit."""

    code = "measurement.adaptive.simulation-invalid"


@dataclass(frozen=True, slots=True)
class Simulation(Result):
    """N simulated tests: true ability (NaN when unknown), estimate, standard error, length and reason.

    `items` and `scores` (N × the longest test) are places in the pool and scores in the order asked,
    −1 beyond a test's end; `reason` (N) points into `reasons`; `item_names` are the pool's.
    `solved`, `branched` and `integer` count the programs of shadow tests.
    """

    title: ClassVar[str] = "Simulated adaptive tests"
    method: ClassVar[str] = "monte carlo, lock-step over persons, draws by hashed counters"
    source: ClassVar[str] = "van der Linden & Glas (2010); Salmon et al. (2011) for the draws"
    truth: Array
    theta: Array
    se: Array
    length: Index
    reason: Index
    reasons: tuple[str, ...]
    items: Index
    scores: Index
    item_names: tuple[str, ...]
    solved: int
    branched: int
    integer: int

    def columns(self) -> dict[str, Any]:
        """Return one row a person."""
        return {
            "true": self.truth,
            "theta": self.theta,
            "se": self.se,
            "length": self.length,
            "reason": [self.reasons[code] for code in self.reason],
        }

    def facts(self) -> dict[str, Any]:
        """Return how many tests there were and how long."""
        facts = {"persons": self.theta.size, "mean length": float(self.length.mean())}
        if self.solved:
            facts |= {"shadow tests": self.solved, "branched": self.branched}
        return facts

    def given(self) -> Flags:
        """Return which items each person saw (N × J)."""
        flags = np.zeros((self.theta.size, len(self.item_names) + 1), dtype=bool)
        flags[np.arange(self.theta.size)[:, None], self.items] = True
        return flags[:, :-1]


Map = Callable[[Callable[[Block], Tests], Iterable[Block]], Iterable[Tests]]


def simulate(
    design: Design,
    *,
    theta: npt.ArrayLike,
    rng: np.random.Generator,
    executor: Executor | None = None,
) -> Simulation:
    """
    Return the tests of persons of true ability `theta` (N logits) who answer as the items' models say.

    An `executor` (threads or processes) spreads blocks of persons; it changes nothing in the result.

    Raises:
        SimulationInvalid: there is no person, or an ability is not finite.
        ConstraintsConflict: no test meets the design's blueprint.
    """
    try:
        truth = np.atleast_1d(np.asarray(theta, dtype=float))
    except (TypeError, ValueError) as error:
        raise SimulationInvalid(f"abilities must be one row of numbers ({error})") from None
    if not truth.size or truth.ndim != 1 or not np.isfinite(truth).all():
        raise SimulationInvalid("a simulation needs one finite ability for each of its persons")
    return _run(design, Block(seeds_from(rng, count=truth.size), truth, None, None), executor)


def simulate_with(
    design: Design,
    responses: Responses,
    *,
    rng: np.random.Generator,
    executor: Executor | None = None,
) -> Simulation:
    """
    Return the tests of persons whose answers are known (post-hoc simulation on real data).

    `responses` has a column for each item of the pool, in its order; items that a person has not
    answered are never chosen for them.

    Raises:
        SimulationInvalid: the items are not those of the pool, or a score is above the item's highest.
        ConstraintsConflict: no test meets the design's blueprint.
    """
    if responses.items != design.pool.items.names:
        raise SimulationInvalid("the responses must have the pool's items as columns, in its order")
    if not responses.person_count:
        raise SimulationInvalid("a simulation needs at least one person")
    if (high := np.flatnonzero(responses.highest_scores() > design.pool.highest)).size:
        raise SimulationInvalid(f"item {responses.items[high[0]]!r} has a score above its highest")
    if design.shadow is not None and responses.has_missing:
        raise SimulationInvalid("a shadow test needs an answer of every person to every item")
    seeds = seeds_from(rng, count=responses.person_count)
    truth = np.full(responses.person_count, np.nan)
    return _run(design, Block(seeds, truth, responses.scores, None), executor)


def _run(design: Design, people: Block, executor: Executor | None) -> Simulation:
    spread: Map = map if executor is None else executor.map
    rule = design.exposure
    if isinstance(rule, Eligibility) and rule.edges:
        found = _by_ability(design, rule, people, spread)
    elif isinstance(rule, Eligibility | MaximumRate):
        found = _in_waves(design, rule, people, spread)
    else:
        found = list(spread(partial(tests_of, design), split(design, people)))
    return _joined(design, people.truth, found)


def _in_waves(
    design: Design, rule: Eligibility | MaximumRate, people: Block, spread: Map
) -> list[Tests]:
    """One wave after the other: what a wave saw decides what the next may see."""
    seen, found = nothing_seen(design.pool.count), []
    for at in range(0, people.seeds.size, rule.wave):
        wave = part(people, slice(at, at + rule.wave))
        barred = barred_items(rule, seen, wave.seeds)
        wave = Block(wave.seeds, wave.truth, wave.answers, barred)
        tests = list(spread(partial(tests_of, design), split(design, wave)))
        found += tests
        seen = seen_after(seen, barred=barred, administered=_administered(tests, design.pool.count))
    return found


def _by_ability(design: Design, rule: Eligibility, people: Block, spread: Map) -> list[Tests]:
    """As `_in_waves`, with a lottery for each range of ability in the place of bars."""
    seen, found = nothing_seen(design.pool.count, ranges=len(rule.edges) + 1), []
    for at in range(0, people.seeds.size, rule.wave):
        wave = part(people, slice(at, at + rule.wave))
        lottery = eligibility_lottery(rule, seen)
        drawn = replace(design, exposure=lottery)
        tests = list(spread(partial(tests_of, drawn), split(drawn, wave)))
        found += tests
        seen = seen_by_range(
            seen,
            lottery,
            seeds=wave.seeds,
            theta=np.concatenate([t.theta for t in tests]),
            administered=_administered(tests, design.pool.count),
        )
    return found


def _administered(tests: list[Tests], items: int) -> Flags:
    length = np.concatenate([t.length for t in tests])
    given = np.zeros((length.size, items), dtype=bool)
    rows = np.repeat(np.arange(length.size), length)
    given[rows, np.concatenate([t.items[t.items >= 0] for t in tests])] = True
    return given


def _joined(design: Design, truth: Array, parts: list[Tests]) -> Simulation:
    whole = stacked(parts, Effort())
    longest = int(whole.length.max())
    return Simulation(
        truth=truth,
        theta=whole.theta,
        se=whole.se,
        length=whole.length,
        reason=whole.reason,
        reasons=reasons(design),
        items=whole.items[:, :longest],
        scores=whole.scores[:, :longest],
        item_names=design.pool.items.names,
        solved=sum(part.effort.solved for part in parts),
        branched=sum(part.effort.branched for part in parts),
        integer=sum(part.effort.integer for part in parts),
    )
