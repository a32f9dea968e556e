"""A live adaptive test: an immutable session that knows its next item and replays from its answers."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.design import (
    EXHAUSTED,
    Design,
    aim,
    bars_at_start,
    choose,
    ended,
    reasons,
)
from liangcai.measurement.adaptive.exposure import Lottery
from liangcai.measurement.adaptive.shadow import ShadowTest
from liangcai.measurement.adaptive.standing import Standing, advanced, copied, unasked
from liangcai.measurement.arrays import Flags, Index


class ScoreImpossible(LiangcaiError):
    """The item has no such score."""

    code = "measurement.adaptive.score-impossible"


class SessionOver(LiangcaiError):
    """The test has ended and takes no further answer."""

    code = "measurement.adaptive.session-over"


class SeedImpossible(LiangcaiError):
    """A seed is a whole number from 0 to 2⁶⁴ − 1."""

    code = "measurement.adaptive.seed-impossible"


class BarsMissing(LiangcaiError):
    """The design limits exposure by what others saw, and there is no flag for each item of the pool."""

    code = "measurement.adaptive.bars-missing"


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """One person's test so far: `place` is the next item's place in the pool, None when it is over."""

    design: Design
    standing: Standing
    place: int | None
    reason: str | None
    shadow: ShadowTest | None

    @property
    def item(self) -> str | None:
        """The name of the next item, None when the test is over."""
        return None if self.place is None else self.design.pool.items.names[self.place]

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of the items answered so far, in order."""
        return tuple(self.design.pool.items.names[place] for place in self.standing.items[0])

    @property
    def scores(self) -> tuple[int, ...]:
        """The scores so far, in order."""
        return tuple(self.standing.scores[0].tolist())

    @property
    def theta(self) -> float:
        """The present estimate in logits."""
        return float(self.standing.theta[0])

    @property
    def se(self) -> float:
        """Its standard error."""
        return float(self.standing.se[0])


def begin(design: Design, *, seed: int, barred: Flags | None = None) -> Session:
    """
    Return a session before its first answer; the same arguments give the same session.

    `seed` (0 to 2⁶⁴ − 1) replays every draw. `barred` flags items (J) that this person may not see:
    for `Eligibility` and `MaximumRate` the row that `exposure.barred_items` drew. Eligibility by
    ability comes as the lottery that `exposure.eligibility_lottery` made, put into the design.

    Raises:
        SeedImpossible: the seed is out of range.
        BarsMissing: the design limits exposure by what others saw and `barred` is None, or it does
            not flag each item of the pool.
        ConstraintsConflict: no test meets the blueprint.
    """
    if barred is None and design.exposure is not None and not isinstance(design.exposure, Lottery):
        raise BarsMissing(
            f"{type(design.exposure).__name__} needs barred=: draw it with exposure.barred_items"
        )
    if barred is not None and (
        np.shape(barred) != (design.pool.count,) or np.asarray(barred).dtype != np.bool_
    ):
        raise BarsMissing(f"barred must be {design.pool.count} flags, true or false")
    if not _is_whole(seed) or not 0 <= seed < 2**64:
        raise SeedImpossible(f"a seed is a whole number from 0 to 2⁶⁴ − 1, not {seed!r}")
    seeds = np.array([seed], dtype=np.uint64)
    bars = bars_at_start(design, seeds, None if barred is None else np.asarray(barred)[None, :])
    standing = unasked(design.pool, design.estimator, seeds=seeds, barred=bars)
    shadow = None if design.shadow is None else ShadowTest(design.shadow, design.pool.count)
    return _facing(design, standing, shadow)


def answer(session: Session, score: int) -> Session:
    """
    Return the session after `score` on its next item; the given session stays as it is.

    Raises:
        SessionOver: there is no next item.
        ScoreImpossible: the item has no such score.
    """
    design, pool, place = session.design, session.design.pool, session.place
    if place is None:
        raise SessionOver(f"the test ended ({session.reason}) after {session.standing.asked} items")
    highest = int(pool.highest[place])
    if not _is_whole(score) or not 0 <= score <= highest:
        raise ScoreImpossible(
            f"item {session.item!r} has whole scores from 0 to {highest}, not {score!r}"
        )
    items = np.array([place], dtype=np.intp)
    scores = np.array([score], dtype=np.intp)
    before = session.standing
    if session.shadow is not None and session.shadow.served is not before:
        # The solver has gone another way since: from the start, so that answers alone decide.
        barred = None if before.barred is None else before.barred[0]
        return replay(design, [*session.scores, score], seed=int(before.seeds[0]), barred=barred)
    standing = advanced(pool, design.estimator, copied(before), items, scores)
    return _facing(design, standing, session.shadow)


def replay(
    design: Design, scores: Sequence[int], *, seed: int, barred: Flags | None = None
) -> Session:
    """Return the session that began with `seed` and received `scores` in order; errors as in `begin` and `answer`."""
    session = begin(design, seed=seed, barred=barred)
    for score in scores:
        session = answer(session, score)
    return session


def next_places(design: Design, standing: Standing, shadow: ShadowTest | None) -> Index:
    """Return each person's next item, −1 where none is left; a shadow test serves one person."""
    if shadow is None:
        return choose(design, standing)
    theta = aim(design, standing)
    worth = design.selection.merit(design.pool, standing, theta)[0]
    barred = None if standing.barred is None else standing.barred[0]
    lottery = design.exposure
    if isinstance(lottery, Lottery) and lottery.is_conditional:
        items = np.arange(design.pool.count)[None, :]
        lost = lottery.loses(standing.seeds, items, standing.theta)[0]
        barred = lost if barred is None else lost | barred
    place = shadow.next_place(worth, asked=standing.items[0], barred=barred)
    shadow.served = standing
    return np.array([place], dtype=np.intp)


def _facing(design: Design, standing: Standing, shadow: ShadowTest | None) -> Session:
    """Look for the next item, or the reason why there is none."""
    code = int(ended(design, standing)[0])
    if code >= 0:
        return Session(design, standing, None, reasons(design)[code], shadow)
    place = int(next_places(design, standing, shadow)[0])
    if place < 0:
        return Session(design, standing, None, EXHAUSTED, shadow)
    return Session(design, standing, place, None, shadow)


def _is_whole(value: object) -> bool:
    """Whether a value is an integer of any kind: 1.7 must not become 1 on its way into an array."""
    try:
        operator.index(value)  # type: ignore[arg-type]  # the question is whether it has one
    except TypeError:
        return False
    return True
