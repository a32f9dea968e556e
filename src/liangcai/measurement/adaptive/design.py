"""The design of an adaptive test, and the two questions of every step: is it over, and what comes next."""

from dataclasses import dataclass, field

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.blueprint import Blueprint, check_blueprint
from liangcai.measurement.adaptive.content import ContentShares, PriorityIndex, lagging
from liangcai.measurement.adaptive.draws import Seeds, uniforms
from liangcai.measurement.adaptive.estimation import Estimator
from liangcai.measurement.adaptive.exposure import Eligibility, Lottery, MaximumRate
from liangcai.measurement.adaptive.item_pool import ItemPool
from liangcai.measurement.adaptive.selection import (
    ExpectedVariance,
    MaximumInformation,
    NearestDifficulty,
    Selection,
    Stratified,
)
from liangcai.measurement.adaptive.standing import Standing
from liangcai.measurement.adaptive.stopping import Length, StopRule, alternatives
from liangcai.measurement.arrays import Array, Flags, Index

#: Why a test ended when no item was left.
EXHAUSTED = "pool-exhausted"
_FIRST_LOOK = 12
_CELLS = 4_000_000


class DesignInvalid(LiangcaiError):
    """The parts of a design contradict each other."""

    code = "measurement.adaptive.design-invalid"


@dataclass(frozen=True, slots=True)
class Start:
    """Where the first item is aimed at: a random ability from `low` to `high`, or one when they are equal."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """
    An adaptive test: a pool, how it is estimated, selected, balanced, protected and stopped.

    Without a `start` the first item is aimed at the prior mean. `among` picks one of so many best
    items at random (randomesque; Kingsbury & Zara, 1989). A `shadow` blueprint guarantees its
    constraints in every test of its length, so that test stops at that length and no other.

    Raises:
        DesignInvalid: parts do not fit the pool or each other.
        BlueprintInvalid: the blueprint contradicts itself or is of another pool.
    """

    pool: ItemPool
    stop: StopRule
    selection: Selection = field(default_factory=MaximumInformation)
    estimator: Estimator = field(default_factory=Estimator)
    start: Start | None = None
    among: int = 1
    content: ContentShares | PriorityIndex | None = None
    exposure: Lottery | Eligibility | MaximumRate | None = None
    shadow: Blueprint | None = None

    def __post_init__(self) -> None:
        if self.among < 1:
            raise DesignInvalid(f"one of {self.among} best items cannot be picked")
        if self.start is not None and not -np.inf < self.start.low <= self.start.high < np.inf:
            raise DesignInvalid(
                f"a start runs from one finite ability up to another: {self.start.low} to "
                f"{self.start.high} does not"
            )
        grid, prior = self.pool.grid, self.estimator
        if not grid.nodes[0] < prior.mean < grid.nodes[-1] or prior.sd < grid.step:
            raise DesignInvalid(
                f"the prior N({prior.mean:g}, {prior.sd:g}²) does not fit the pool's grid from "
                f"{grid.nodes[0]:g} to {grid.nodes[-1]:g} in steps of {grid.step:g}"
            )
        self._check_sizes()
        if isinstance(self.content, PriorityIndex) or self.shadow is not None:
            self._check_worth()
        if self.shadow is not None:
            self._check_shadow(self.shadow)

    def _check_sizes(self) -> None:
        sizes = {}
        if self.content is not None:
            sizes["content"] = self.content.items
        if isinstance(self.exposure, Lottery):
            sizes["the lottery"] = self.exposure.keep.shape[0]
        if isinstance(self.selection, Stratified):
            sizes["the stratification"] = self.selection.stratum.size
        for name, size in sizes.items():
            if size != self.pool.count:
                raise DesignInvalid(f"{name} is for {size} items, the pool has {self.pool.count}")

    def _check_worth(self) -> None:
        if isinstance(self.selection, ExpectedVariance | NearestDifficulty | Stratified):
            raise DesignInvalid(
                f"{type(self.selection).__name__} ranks items but gives them no worth to multiply or "
                "add: select by information with a priority index or a shadow test"
            )

    def _check_shadow(self, blueprint: Blueprint) -> None:
        check_blueprint(blueprint, items=self.pool.count)
        if self.stop != Length(blueprint.length):
            raise DesignInvalid(
                f"a shadow test holds its constraints at its own length: stop at Length({blueprint.length})"
            )
        if self.content is not None or self.among > 1:
            raise DesignInvalid(
                "with a shadow test, content goes into the blueprint, and among is 1"
            )


def reasons(design: Design) -> tuple[str, ...]:
    """Return why a test of this design may end, in the order of the codes of `ended`."""
    return (*(rule.name for rule in alternatives(design.stop)), EXHAUSTED)


def ended(design: Design, standing: Standing) -> Index:
    """Return for each person the first reason that is met, as its place in `reasons`, or −1."""
    rules = alternatives(design.stop)
    code = np.where(rules[0].met(design.pool, design.estimator, standing), 0, -1)
    for place, rule in enumerate(rules[1:], start=1):
        code[(code < 0) & rule.met(design.pool, design.estimator, standing)] = place
    return code


def bars_at_start(design: Design, seeds: Seeds, given: Flags | None) -> Flags | None:
    """Return the items that each person may not see: those `given`, and those whose lottery is lost."""
    lottery = design.exposure
    if not isinstance(lottery, Lottery) or lottery.is_conditional:
        return given
    items = np.broadcast_to(np.arange(design.pool.count), (seeds.size, design.pool.count))
    lost = lottery.loses(seeds, items, np.zeros(seeds.size))
    return lost if given is None else lost | given


def choose(design: Design, standing: Standing) -> Index:
    """Return each person's next item, −1 where none is left."""
    theta = aim(design, standing)
    wanted = _wanted(design, standing)
    nodes = design.selection.nodes(design.pool, theta)
    if nodes is None or isinstance(design.content, PriorityIndex):
        return _by_merit(design, standing, theta, wanted)
    chosen = _by_rank(design, standing, nodes, wanted)
    left = np.flatnonzero(chosen < 0)
    if left.size:
        areas = None if wanted is None else wanted[left]
        chosen[left] = _by_merit(design, standing.rows(left), theta[left], areas)
    return chosen


def aim(design: Design, standing: Standing) -> Array:
    """Return the ability that each person's next item is aimed at (N): the estimate, at first the start."""
    start = design.start
    if start is None or standing.asked:
        return standing.theta
    chance = uniforms(standing.seeds, "start")
    return np.asarray(start.low + (start.high - start.low) * chance, dtype=float)


def _wanted(design: Design, standing: Standing) -> Flags | None:
    """Return the areas that the next item may come from (N × areas), when content has shares."""
    content = design.content
    if not isinstance(content, ContentShares):
        return None
    count = len(content.areas)
    asked = _counts(content.area[standing.items], count)
    stock = np.bincount(content.area, minlength=count) - asked
    if standing.barred is not None:
        member = content.area[:, None] == np.arange(count)
        stock = ~standing.closed @ member
    return lagging(content.shares, asked, stock > 0)


def _counts(codes: Index, count: int) -> Index:
    rows = np.arange(codes.shape[0])[:, None] * count
    cells = np.bincount((codes + rows).ravel(), minlength=codes.shape[0] * count)
    return np.asarray(cells.reshape(-1, count), dtype=np.intp)


def _by_rank(design: Design, standing: Standing, nodes: Index, wanted: Flags | None) -> Index:
    """Scan the ranking of each person's node for open items, further only for those who need it."""
    ranked = design.pool.ranked
    chosen = np.full(standing.size, -1, dtype=np.intp)
    target = 1 + _pick(design, standing, design.among)
    rows, width = np.arange(standing.size), min(_FIRST_LOOK + design.among, ranked.shape[1])
    while rows.size:
        candidates = ranked[nodes[rows], :width]
        is_open = _is_open(design, standing, rows[:, None], candidates, wanted)
        if design.among == 1:
            place = is_open.argmax(axis=1)
            found = is_open[np.arange(rows.size), place]
        else:
            number = np.cumsum(is_open, axis=1)
            place = (number >= target[rows, None]).argmax(axis=1)
            found = number[:, -1] >= design.among
        chosen[rows[found]] = candidates[found, place[found]]
        if width == ranked.shape[1]:
            break
        rows, width = rows[~found], min(4 * width, ranked.shape[1])
    return chosen


def _is_open(
    design: Design, standing: Standing, rows: Index, items: Index, wanted: Flags | None
) -> Flags:
    is_open = ~standing.closed[rows, items]
    if wanted is not None and isinstance(design.content, ContentShares):
        is_open &= wanted[rows, design.content.area[items]]
    if isinstance(design.exposure, Lottery) and design.exposure.is_conditional:
        people = rows[:, 0]
        is_open &= ~design.exposure.loses(standing.seeds[people], items, standing.theta[people])
    return np.asarray(is_open, dtype=bool)


def _by_merit(design: Design, standing: Standing, theta: Array, wanted: Flags | None) -> Index:
    """Weigh every item of the pool, some persons at a time so that the tables stay small."""
    some = max(1, _CELLS // (design.pool.count * design.pool.categories))
    if standing.size > some:
        parts = np.array_split(np.arange(standing.size), -(-standing.size // some))
        return np.concatenate(
            [
                _by_merit(
                    design,
                    standing.rows(rows),
                    theta[rows],
                    None if wanted is None else wanted[rows],
                )
                for rows in parts
            ]
        )
    merit = design.selection.merit(design.pool, standing, theta)
    if isinstance(design.content, PriorityIndex):
        asked = design.content.members.T[standing.items].sum(axis=1)
        # Where no item has priority, information still tells them apart.
        merit = merit * (design.content.priority(asked) + 1e-9)
    return _best(design, standing, merit, _open_items(design, standing, wanted))


def _open_items(design: Design, standing: Standing, wanted: Flags | None) -> Flags:
    """Return all open items (N × J); a person left without any is freed of lotteries, then of bars."""
    rows = np.arange(standing.size)[:, None]
    items = np.broadcast_to(np.arange(design.pool.count), (standing.size, design.pool.count))
    is_open = _is_open(design, standing, rows, items, wanted)
    stuck = ~is_open.any(axis=1)
    if stuck.any():
        is_open[stuck] = ~standing.closed[stuck]
        if standing.barred is not None:
            stuck &= ~is_open.any(axis=1)
            asked = np.zeros_like(is_open)
            asked[rows, standing.items] = True
            is_open[stuck] = standing.barred[stuck] & ~asked[stuck]
    return is_open


def _best(design: Design, standing: Standing, merit: Array, is_open: Flags) -> Index:
    merit = np.where(is_open, merit, -np.inf)
    rows = np.arange(standing.size)
    if design.among == 1:
        chosen = merit.argmax(axis=1)
    else:
        left = np.minimum(design.among, np.maximum(is_open.sum(axis=1), 1))
        order = np.argsort(-merit, axis=1, kind="stable")[:, : design.among]
        chosen = order[rows, _pick(design, standing, left)]
    return np.where(is_open[rows, chosen], chosen, -1)


def _pick(design: Design, standing: Standing, among: int | Index) -> Index:
    """Which of the best is drawn (N, from 0)."""
    if design.among == 1:
        return np.zeros(standing.size, dtype=np.intp)
    chance = uniforms(standing.seeds, "choice", standing.asked)
    return np.asarray(chance * among, dtype=np.intp)
