"""Anderson's acceleration of a fixed-point iteration (Anderson, 1965; Walker & Ni, 2011).

The last moves and the changes of the residual they brought are a secant model of the map; the next
point is where that model's residual is smallest in the metric of the information.
"""

from dataclasses import dataclass, field

import numpy as np

from liangcai.measurement.arrays import Array

_MEMORY = 6
_RIDGE = 1e-10


@dataclass(slots=True)
class Anderson:
    """The recent points and residuals of one iteration."""

    points: list[Array] = field(default_factory=list)
    residuals: list[Array] = field(default_factory=list)

    def forget(self) -> None:
        """Drop the history: the next move is plain."""
        self.points.clear()
        self.residuals.clear()

    def move(self, point: Array, residual: Array, scale: Array) -> Array:
        """Return the move from `point`, whose residual is `residual`, in the metric diag(scale)."""
        self.points = [*self.points[-_MEMORY:], point]
        self.residuals = [*self.residuals[-_MEMORY:], residual]
        if len(self.points) == 1:
            return residual
        moves = np.diff(np.array(self.points), axis=0)
        changes = np.diff(np.array(self.residuals), axis=0)
        weight = np.sqrt(np.maximum(scale, 0.0))
        weighted = changes * weight
        normal = weighted @ weighted.T
        # Each secant in its own unit, so that old long moves do not hide new short ones.
        unit = 1.0 / np.sqrt(np.maximum(np.diag(normal), 1e-300))
        normal *= unit[:, None] * unit
        normal += _RIDGE * np.eye(unit.size)
        share = np.linalg.solve(normal, unit * (weighted @ (residual * weight))) * unit
        return np.asarray(residual - share @ (moves + changes))
