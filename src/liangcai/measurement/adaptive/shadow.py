"""Shadow tests: before every item the best whole test that meets all constraints (van der Linden, 2005).

The items asked so far are fixed in it, so some complete test meets the constraints at every step, and
the one that is finally given does.
"""

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.blueprint import Blueprint, rows_of
from liangcai.measurement.adaptive.linear import Effort, Program, relaxation
from liangcai.measurement.adaptive.standing import Standing
from liangcai.measurement.arrays import Array, Flags, Index


class ConstraintsConflict(LiangcaiError):
    """No test meets the blueprint; the message names the constraints that would have to give way."""

    code = "measurement.adaptive.constraints-conflict"


class ShadowTest:
    """The shadow tests of one person after another.

    It holds a solver with its last basis, which makes a step quick and changes no result, except
    between tests of exactly equal worth.
    """

    def __init__(self, blueprint: Blueprint, items: int) -> None:
        self._blueprint = blueprint
        self._rows = rows_of(blueprint, items=items)
        self._program = Program(self._rows, gap=blueprint.gap)
        self._items = items
        #: The standing that the last item was chosen for.
        self.served: Standing | None = None
        self._set_of = np.full(items, -1, dtype=np.intp)
        for number, one in enumerate(blueprint.sets):
            self._set_of[list(one.items)] = number
        self.forget()

    @property
    def effort(self) -> Effort:
        """How often the solver ran, and how often it had to branch."""
        return self._program.effort

    def forget(self) -> None:
        """Begin the next person from the first basis, so that no result depends on who came before."""
        self._program.forget()

    def best_test(self, worth: Array, *, asked: Index, barred: Flags | None) -> Flags:
        """
        Return the items (J) of the best test by `worth` (J) that contains those `asked`.

        Barred items stay out as long as a test exists without them; otherwise as few as possible
        come in (van der Linden & Veldkamp, 2007). A set that was left is not returned to.

        Raises:
            ConstraintsConflict: no test meets the blueprint.
        """
        low, high = np.zeros(self._rows.matrix.shape[1]), np.ones(self._rows.matrix.shape[1])
        high[: self._items][self._left_behind(asked)] = 0.0
        shut = high.copy()
        if barred is not None:
            shut[: self._items][barred] = 0.0
        low[asked] = high[asked] = shut[asked] = 1.0
        found = self._program.best(worth, low=low, high=shut)
        if found is None and barred is not None:
            penalty = self._blueprint.length * max(float(worth.max()), 1e-9)
            found = self._program.best(worth - penalty * barred, low=low, high=high)
        if found is None:
            raise self._conflict()
        return np.asarray(found[: self._items] > 0.5)

    def _left_behind(self, asked: Index) -> Flags:
        """Return the items of sets that were begun and are not the last item's."""
        begun = np.unique(self._set_of[asked])
        last = self._set_of[asked[-1]] if asked.size else -1
        return np.isin(self._set_of, begun[(begun >= 0) & (begun != last)])

    def next_place(self, worth: Array, *, asked: Index, barred: Flags | None) -> int:
        """Return the item to ask next: the best of the shadow test, of the set begun as long as it has one."""
        free = self.best_test(worth, asked=asked, barred=barred)
        free[asked] = False
        last = self._set_of[asked[-1]] if asked.size else -1
        same = free & (self._set_of == last)
        if last >= 0 and same.any():
            free = same
        return int(np.where(free, worth, -np.inf).argmax())

    def _conflict(self) -> ConstraintsConflict:
        missed = relaxation(self._rows, items=self._items)
        if not missed:
            return ConstraintsConflict("no test that meets the blueprint contains the items asked")
        ways = ", ".join(f"{name!r} by {amount:g}" for name, amount in missed.items())
        return ConstraintsConflict(
            f"no test of {self._blueprint.length} items meets every constraint; "
            f"one exists when these give way: {ways}"
        )
