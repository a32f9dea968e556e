"""Simulated adaptive tests of many persons, in lock step and block by block."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.answers import simulated_scores
from liangcai.measurement.adaptive.design import Design, bars_at_start, ended, reasons
from liangcai.measurement.adaptive.draws import Seeds, seeds_from, uniforms
from liangcai.measurement.adaptive.exposure import (
    Eligibility,
    MaximumRate,
    barred_items,
    nothing_seen,
    seen_after,
)
from liangcai.measurement.adaptive.linear import Effort
from liangcai.measurement.adaptive.session import next_places
from liangcai.measurement.adaptive.shadow import ShadowTest
from liangcai.measurement.adaptive.standing import Standing, advanced, unasked
from liangcai.measurement.classification.cuts import Flags
from liangcai.measurement.hierarchy import Index
from liangcai.measurement.responses.matrix import Responses, Scores
from liangcai.measurement.results import Result
from liangcai.measurement.scales import Array

_BLOCK = 512
_CLOSED_CELLS = 4_000_000


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


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """The persons of one block: what a worker needs besides the design."""

    seeds: Seeds
    truth: Array
    answers: Scores | None
    barred: Flags | None


@dataclass(frozen=True, slots=True, eq=False)
class _Tests:
    theta: Array
    se: Array
    length: Index
    reason: Index
    items: Index
    scores: Index
    effort: Effort


Map = Callable[[Callable[[_Block], _Tests], Iterable[_Block]], Iterable[_Tests]]


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
    truth = np.atleast_1d(np.asarray(theta, dtype=float))
    if not truth.size or truth.ndim != 1 or not np.isfinite(truth).all():
        raise SimulationInvalid("a simulation needs one finite ability for each of its persons")
    return _run(design, _Block(seeds_from(rng, count=truth.size), truth, None, None), executor)


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
    return _run(design, _Block(seeds, truth, responses.scores, None), executor)


def _run(design: Design, people: _Block, executor: Executor | None) -> Simulation:
    spread: Map = map if executor is None else executor.map
    rule = design.exposure
    if isinstance(rule, Eligibility | MaximumRate):
        found = _in_waves(design, rule, people, spread)
    else:
        found = list(spread(partial(_tests, design), _split(design, people)))
    return _joined(design, people.truth, found)


def _split(design: Design, people: _Block) -> list[_Block]:
    size = max(16, min(_BLOCK, _CLOSED_CELLS // design.pool.count))
    return [_part(people, slice(at, at + size)) for at in range(0, people.seeds.size, size)]


def _part(people: _Block, rows: slice) -> _Block:
    return _Block(
        people.seeds[rows],
        people.truth[rows],
        None if people.answers is None else people.answers[rows],
        None if people.barred is None else people.barred[rows],
    )


def _in_waves(
    design: Design, rule: Eligibility | MaximumRate, people: _Block, spread: Map
) -> list[_Tests]:
    """One wave after the other: what a wave saw decides what the next may see."""
    seen, found = nothing_seen(design.pool.count), []
    for at in range(0, people.seeds.size, rule.wave):
        wave = _part(people, slice(at, at + rule.wave))
        barred = barred_items(rule, seen, wave.seeds)
        wave = _Block(wave.seeds, wave.truth, wave.answers, barred)
        tests = list(spread(partial(_tests, design), _split(design, wave)))
        found += tests
        administered = np.zeros_like(barred)
        rows = np.repeat(np.arange(wave.seeds.size), np.concatenate([t.length for t in tests]))
        administered[rows, np.concatenate([t.items[t.items >= 0] for t in tests])] = True
        seen = seen_after(seen, barred=barred, administered=administered)
    return found


def _tests(design: Design, block: _Block) -> _Tests:
    if design.shadow is None:
        return _lock_step(design, block, None)
    shadow, found = ShadowTest(design.shadow, design.pool.count), []
    for row in range(block.seeds.size):
        shadow.forget()
        found.append(_lock_step(design, _part(block, slice(row, row + 1)), shadow))
    return _stacked(found, shadow.effort)


def _lock_step(design: Design, block: _Block, shadow: ShadowTest | None) -> _Tests:
    """Test all persons of a block at once, one item each at a time, until the last has ended."""
    pool, count = design.pool, block.seeds.size
    barred = bars_at_start(design, block.seeds, block.barred)
    standing = unasked(pool, design.estimator, seeds=block.seeds, barred=barred)
    if block.answers is not None:
        standing.closed[block.answers < 0] = True
    tests = _empty(count, min(pool.count, 64))
    active = np.arange(count)
    while True:
        code = ended(design, standing)
        running = np.flatnonzero(code < 0)
        if running.size < active.size:
            _record(tests, standing, active, code)
            standing, active = standing.rows(running), active[running]
        if not active.size:
            return tests
        chosen = next_places(design, standing, shadow)
        if (chosen < 0).any():
            code = np.where(chosen < 0, len(reasons(design)) - 1, -1)
            _record(tests, standing, active, code)
            kept = np.flatnonzero(chosen >= 0)
            standing, active, chosen = standing.rows(kept), active[kept], chosen[kept]
        scores = _answers(design, block, active, standing, chosen)
        tests = _noted(tests, standing.asked, active, chosen, scores)
        standing = advanced(pool, design.estimator, standing, chosen, scores)


def _answers(
    design: Design, block: _Block, active: Index, standing: Standing, chosen: Index
) -> Index:
    if block.answers is not None:
        return block.answers[active, chosen].astype(np.intp)
    chance = uniforms(standing.seeds, "answer", chosen)
    return simulated_scores(design.pool.items, chosen, block.truth[active], chance)


def _empty(count: int, width: int) -> _Tests:
    nowhere = np.full((count, width), -1, dtype=np.intp)
    zero = np.zeros(count, dtype=np.intp)
    return _Tests(
        np.zeros(count), np.zeros(count), zero, zero.copy(), nowhere, nowhere.copy(), Effort()
    )


def _noted(tests: _Tests, step: int, active: Index, chosen: Index, scores: Index) -> _Tests:
    if step == tests.items.shape[1]:
        tests = _stacked([tests], tests.effort, width=2 * step)
    tests.items[active, step] = chosen
    tests.scores[active, step] = scores
    return tests


def _record(tests: _Tests, standing: Standing, active: Index, code: Index) -> None:
    done = np.flatnonzero(code >= 0)
    tests.theta[active[done]], tests.se[active[done]] = standing.theta[done], standing.se[done]
    tests.length[active[done]], tests.reason[active[done]] = standing.asked, code[done]


def _stacked(parts: list[_Tests], effort: Effort, width: int = 0) -> _Tests:
    widest = max(width, *(part.items.shape[1] for part in parts), 1)

    def padded(table: Index) -> Index:
        return np.pad(table, ((0, 0), (0, widest - table.shape[1])), constant_values=-1)

    return _Tests(
        np.concatenate([part.theta for part in parts]),
        np.concatenate([part.se for part in parts]),
        np.concatenate([part.length for part in parts]),
        np.concatenate([part.reason for part in parts]),
        np.concatenate([padded(part.items) for part in parts]),
        np.concatenate([padded(part.scores) for part in parts]),
        effort,
    )


def _joined(design: Design, truth: Array, parts: list[_Tests]) -> Simulation:
    whole = _stacked(parts, Effort())
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
