"""The restricted likelihood of any design, balanced or not, by blocks of one facet's levels.

Given the effects without the blocking facet, its levels are independent: the covariance is
block-diagonal plus a part of low rank, D + Z·G·Z', inverted by Woodbury's identity. Everything is
exact; the cost is the sum of the blocks' cubes and the cube of the levels outside the blocks.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.generalizability.likelihood import Point
from liangcai.measurement.generalizability.observations import Observations

_MOST_LEVELS = 4_000
_MOST_PAIRS = 20_000_000
_MOST_CELLS = 30_000_000


class DesignTooLarge(LiangcaiError):
    """The design is too large for the exact restricted likelihood of unbalanced data."""

    code = "measurement.design-too-large"


@dataclass(frozen=True, slots=True)
class _Stack:
    """All blocks of one size, B × n × n: for each inner effect, which observations share its level."""

    first: int
    shape: tuple[int, int]
    shares: tuple[Flags, ...]

    @property
    def rows(self) -> slice:
        return slice(self.first, self.first + self.shape[0] * self.shape[1])


@dataclass(frozen=True, slots=True)
class Blocks:
    """The scores, block after block, and the sparse levels of every effect but the residual (N × L each).

    `outer` are all levels of the effects outside the blocks (N × Q), `owner` the effect of each.
    """

    scores: Array
    inner: tuple[int, ...]
    stacks: tuple[_Stack, ...]
    levels: tuple[sparse.csr_array, ...]
    outer: sparse.csr_array
    owner: Index

    def likelihood(self, components: Array) -> Point:
        """Return the restricted log-likelihood, its slope and the average information (Johnson & Thompson, 1995)."""
        inverses, log_determinant = self._inverses(components)
        touched = self._touched(inverses)
        gram = _full(self.outer.T @ touched)
        root = np.sqrt(components[self.owner])
        core = np.eye(root.size) + root[:, None] * gram * root
        solved = root[:, None] * np.linalg.inv(core) * root
        log_determinant += float(np.linalg.slogdet(core)[1])

        def whitened(vectors: Array) -> Array:
            first = self._applied(inverses, vectors)
            return np.asarray(first - touched @ (solved @ (self.outer.T @ first)), dtype=float)

        ones = whitened(np.ones((self.scores.size, 1)))
        precision = float(ones.sum())
        if not precision > 0.0:
            nothing = np.zeros(len(self.levels) + 1)
            return Point(-np.inf, nothing, np.diag(nothing))

        def projected(vectors: Array) -> Array:
            return whitened(vectors) - ones * (ones.T @ vectors) / precision

        rest = projected(self.scores[:, None])
        effects = range(len(self.levels) + 1)
        pushed = np.concatenate([self._times(k, rest) for k in effects], axis=1)
        spread = np.array([float((ones * self._times(k, ones)).sum()) for k in effects])
        traces = self._traces(inverses, touched, gram, solved)
        slope = 0.5 * ((rest * pushed).sum(axis=0) - traces + spread / precision)
        value = -0.5 * (log_determinant + np.log(precision) + float(self.scores @ rest[:, 0]))
        value -= 0.5 * (self.scores.size - 1) * np.log(2.0 * np.pi)
        return Point(value, slope, 0.5 * pushed.T @ projected(pushed))

    def mean(self, components: Array) -> tuple[float, float]:
        """Return the generalized least squares mean of the scores and its variance."""
        inverses, _ = self._inverses(components)
        root = np.sqrt(components[self.owner])
        touched = self._touched(inverses)
        core = np.eye(root.size) + root[:, None] * _full(self.outer.T @ touched) * root
        ones = self._applied(inverses, np.ones((self.scores.size, 1)))[:, 0]
        weights = ones - touched @ (root * np.linalg.solve(core, root * (self.outer.T @ ones)))
        return float(weights @ self.scores / weights.sum()), float(1.0 / weights.sum())

    def _inverses(self, components: Array) -> tuple[list[Array], float]:
        inverses, log_determinant = [], 0.0
        for stack in self.stacks:
            blocks, size = stack.shape
            covariance = np.zeros((blocks, size, size))
            covariance[:, np.arange(size), np.arange(size)] = components[-1]
            for effect, share in zip(self.inner, stack.shares, strict=True):
                covariance += components[effect] * share
            root = np.linalg.cholesky(covariance)
            diagonal = np.einsum("bii->bi", root)
            log_determinant += 2.0 * float(np.log(diagonal).sum())
            inverses.append(np.asarray(np.linalg.inv(covariance), dtype=float))
        return inverses, log_determinant

    def _applied(self, inverses: list[Array], matrix: Array) -> Array:
        """D⁻¹·M for a dense M (N × m)."""
        result = np.empty_like(matrix)
        for stack, inverse in zip(self.stacks, inverses, strict=True):
            part = matrix[stack.rows].reshape(*stack.shape, matrix.shape[1])
            result[stack.rows] = (inverse @ part).reshape(matrix[stack.rows].shape)
        return result

    def _touched(self, inverses: list[Array]) -> Array | sparse.csr_array:
        """D⁻¹·Z, sparse where the blocks touch few of many outer levels."""
        if self.outer.shape[0] * self.outer.shape[1] <= _MOST_CELLS:
            return self._applied(inverses, self.outer.toarray())
        sizes = [np.full(s.shape[0] * s.shape[1], s.shape[1]) for s in self.stacks]
        columns = [
            np.broadcast_to(
                np.arange(s.rows.start, s.rows.stop).reshape(s.shape)[:, None, :],
                (*s.shape, s.shape[1]),
            ).ravel()
            for s in self.stacks
        ]
        starts = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
        values = np.concatenate([inverse.ravel() for inverse in inverses])
        size = self.scores.size
        return (
            sparse.csr_array((values, np.concatenate(columns), starts), (size, size)) @ self.outer
        )

    def _times(self, effect: int, vectors: Array) -> Array:
        """V_k·v: every observation receives the sum over those that share its level."""
        if effect == len(self.levels):
            return vectors
        return np.asarray(self.levels[effect] @ (self.levels[effect].T @ vectors), dtype=float)

    def _traces(
        self,
        inverses: list[Array],
        touched: Array | sparse.csr_array,
        gram: Array,
        solved: Array,
    ) -> Array:
        """tr(V⁻¹·V_k): the blocks' own part less what the outer effects take from it."""
        traces = np.zeros(len(self.levels) + 1)
        if self.owner.size:
            reduced = np.diag(gram) - ((gram @ solved) * gram).sum(axis=1)
            traces[: len(self.levels)] = np.bincount(
                self.owner, weights=reduced, minlength=len(self.levels)
            )
        own = sum(float(np.einsum("bii->", inverse)) for inverse in inverses)
        traces[-1] = own - (solved * _full(touched.T @ touched)).sum()
        for place, effect in enumerate(self.inner):
            own = sum(
                float(np.einsum("bij,bij->", inverse, stack.shares[place]))
                for stack, inverse in zip(self.stacks, inverses, strict=True)
            )
            shared = self.levels[effect].T @ touched
            traces[effect] = own - (solved * _full(shared.T @ shared)).sum()
        return traces


def _full(matrix: Array | sparse.csr_array) -> Array:
    dense = matrix if isinstance(matrix, np.ndarray) else matrix.toarray()
    return np.asarray(dense, dtype=float)


def blocks_of(seen: Observations) -> Blocks:
    """
    Return the scores in blocks of the facet that makes the likelihood cheapest.

    Raises:
        DesignTooLarge: even then the blocks or the levels outside them are too many.
    """
    effects = seen.design.effects()
    choices = [place for place, effect in enumerate(effects[:-1]) if len(effect) == 1]
    costs = {place: _cost(seen, place) for place in choices}
    best = min(choices, key=lambda place: costs[place][0])
    _, levels, pairs = costs[best]
    if levels > _MOST_LEVELS or pairs > _MOST_PAIRS:
        raise DesignTooLarge(
            f"blocks by {seen.design.label(effects[best])!r} leave {levels} levels outside "
            f"(at most {_MOST_LEVELS}) and {pairs} pairs inside (at most {_MOST_PAIRS}): "
            "estimate from a random part of the persons, or balance the design"
        )
    inner = tuple(k for k, effect in enumerate(effects[:-1]) if effects[best] <= effect)
    sizes = np.bincount(seen.codes[best])[seen.codes[best]]
    order = np.lexsort((seen.codes[best], sizes))
    codes = [numbers[order] for numbers in seen.codes[:-1]]
    levels_of = tuple(
        _one_hot(numbers, count) for numbers, count in zip(codes, seen.levels[:-1], strict=True)
    )
    outside = [k for k in range(len(codes)) if k not in inner]
    outer = (
        sparse.hstack([levels_of[k] for k in outside], format="csr")
        if outside
        else sparse.csr_array((order.size, 0))
    )
    owner = np.repeat(np.array(outside, dtype=np.intp), [seen.levels[k] for k in outside])
    stacks = _stacks(sizes[order], [codes[k] for k in inner])
    return Blocks(seen.scores[order], inner, stacks, levels_of, outer, owner)


def _cost(seen: Observations, place: int) -> tuple[float, int, int]:
    effects = seen.design.effects()
    sizes = np.bincount(seen.codes[place]).astype(float)
    levels = sum(
        count
        for effect, count in zip(effects[:-1], seen.levels[:-1], strict=True)
        if not effects[place] <= effect
    )
    return float((sizes**3).sum()) + 3.0 * float(levels) ** 3, levels, int((sizes**2).sum())


def _stacks(sizes: Index, codes: list[Index]) -> tuple[_Stack, ...]:
    stacks, first = [], 0
    for size, number in zip(*np.unique(sizes, return_counts=True), strict=True):
        shape = (int(number) // int(size), int(size))
        parts = [numbers[first : first + int(number)].reshape(shape) for numbers in codes]
        shares = tuple(part[:, :, None] == part[:, None, :] for part in parts)
        stacks.append(_Stack(first, shape, shares))
        first += int(number)
    return tuple(stacks)


def _one_hot(codes: Index, levels: int) -> sparse.csr_array:
    size = codes.size
    return sparse.csr_array((np.ones(size), codes, np.arange(size + 1)), shape=(size, levels))
