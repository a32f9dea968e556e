"""Blocks of persons tested in lock step: all answer their first item, then all their second, and so on."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.adaptive.answers import simulated_scores
from liangcai.measurement.adaptive.design import Design, bars_at_start, ended, reasons
from liangcai.measurement.adaptive.draws import Seeds, uniforms
from liangcai.measurement.adaptive.linear import Effort
from liangcai.measurement.adaptive.session import next_places
from liangcai.measurement.adaptive.shadow import ShadowTest
from liangcai.measurement.adaptive.standing import Standing, advanced, unasked
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.responses.matrix import Scores

_BLOCK = 512
_SHADOW_BLOCK = 32
_CLOSED_CELLS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The persons of one block: what a worker needs besides the design."""

    seeds: Seeds
    truth: Array
    answers: Scores | None
    barred: Flags | None


@dataclass(frozen=True, slots=True, eq=False)
class Tests:
    """What became of the persons of a block; `items` and `scores` are padded with −1."""

    theta: Array
    se: Array
    length: Index
    reason: Index
    items: Index
    scores: Index
    effort: Effort


def split(design: Design, people: Block) -> list[Block]:
    """Return the persons in blocks whose size depends on the design alone, never on the workers."""
    size = max(16, min(_BLOCK, _CLOSED_CELLS // design.pool.count))
    size = size if design.shadow is None else _SHADOW_BLOCK
    return [part(people, slice(at, at + size)) for at in range(0, people.seeds.size, size)]


def part(people: Block, rows: slice) -> Block:
    """Return the persons of `rows`."""
    return Block(
        people.seeds[rows],
        people.truth[rows],
        None if people.answers is None else people.answers[rows],
        None if people.barred is None else people.barred[rows],
    )


def tests_of(design: Design, block: Block) -> Tests:
    """Test the persons of a block: in lock step, with shadow tests one after the other."""
    if design.shadow is None:
        return _lock_step(design, block, None)
    shadow, found = ShadowTest(design.shadow, design.pool.count), []
    for row in range(block.seeds.size):
        shadow.forget()
        found.append(_lock_step(design, part(block, slice(row, row + 1)), shadow))
    return stacked(found, shadow.effort)


def _lock_step(design: Design, block: Block, shadow: ShadowTest | None) -> Tests:
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
    design: Design, block: Block, active: Index, standing: Standing, chosen: Index
) -> Index:
    if block.answers is not None:
        return block.answers[active, chosen].astype(np.intp)
    chance = uniforms(standing.seeds, "answer", chosen)
    return simulated_scores(design.pool.items, chosen, block.truth[active], chance)


def _empty(count: int, width: int) -> Tests:
    nowhere = np.full((count, width), -1, dtype=np.intp)
    zero = np.zeros(count, dtype=np.intp)
    return Tests(
        np.zeros(count), np.zeros(count), zero, zero.copy(), nowhere, nowhere.copy(), Effort()
    )


def _noted(tests: Tests, step: int, active: Index, chosen: Index, scores: Index) -> Tests:
    if step == tests.items.shape[1]:
        tests = stacked([tests], tests.effort, width=2 * step)
    tests.items[active, step] = chosen
    tests.scores[active, step] = scores
    return tests


def _record(tests: Tests, standing: Standing, active: Index, code: Index) -> None:
    done = np.flatnonzero(code >= 0)
    tests.theta[active[done]], tests.se[active[done]] = standing.theta[done], standing.se[done]
    tests.length[active[done]], tests.reason[active[done]] = standing.asked, code[done]


def stacked(parts: list[Tests], effort: Effort, width: int = 0) -> Tests:
    """Return the tests of several blocks as one, padded to the widest and to at least `width`."""
    widest = max(width, *(one.items.shape[1] for one in parts), 1)

    def padded(table: Index) -> Index:
        return np.pad(table, ((0, 0), (0, widest - table.shape[1])), constant_values=-1)

    return Tests(
        np.concatenate([one.theta for one in parts]),
        np.concatenate([one.se for one in parts]),
        np.concatenate([one.length for one in parts]),
        np.concatenate([one.reason for one in parts]),
        np.concatenate([padded(one.items) for one in parts]),
        np.concatenate([padded(one.scores) for one in parts]),
        effort,
    )
