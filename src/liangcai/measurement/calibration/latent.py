"""The latent density of each group on the nodes: normal, or an empirical histogram."""

import math
from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array

_SMALLEST = 1e-300
#: The log mass of a node of a histogram at which nobody is.
_LEAST = -60.0
_NARROWEST = 1e-3


@dataclass(frozen=True, slots=True)
class Latent:
    """Means and standard deviations of G groups in logits, and which of them are estimated.

    `histogram` holds log masses (G × nodes) where the density is empirical (Mislevy, 1984).
    """

    mean: Array
    sd: Array
    free_mean: tuple[bool, ...]
    free_sd: tuple[bool, ...]
    histogram: Array | None = None

    @property
    def count(self) -> int:
        """The number of groups G."""
        return int(self.mean.size)

    def log_masses(self, nodes: Array) -> Array:
        """Return the log masses of the groups on the nodes (G × nodes); each row's masses sum to 1."""
        if self.histogram is not None:
            return self.histogram
        z = (nodes[None, :] - self.mean[:, None]) / self.sd[:, None]
        log = -0.5 * z * z
        log -= log.max(axis=1, keepdims=True)
        return np.asarray(log - np.log(np.exp(log).sum(axis=1, keepdims=True)), dtype=float)

    def free(self) -> Array:
        """Return the estimated means and log standard deviations, or the log masses of a histogram."""
        if self.histogram is not None:
            return self.histogram.ravel()
        means = self.mean[list(self.free_mean)]
        return np.concatenate([means, np.log(self.sd[list(self.free_sd)])])

    def with_free(self, values: Array) -> "Latent":
        """Return the density with what `free` gives replaced."""
        if self.histogram is not None:
            log = np.maximum(values.reshape(self.histogram.shape), _LEAST)
            log = log - np.log(np.exp(log).sum(axis=1, keepdims=True))
            return Latent(self.mean, self.sd, self.free_mean, self.free_sd, log)
        count = sum(self.free_mean)
        mean, sd = self.mean.copy(), self.sd.copy()
        mean[list(self.free_mean)] = values[:count]
        sd[list(self.free_sd)] = np.maximum(np.exp(values[count:]), _NARROWEST)
        return Latent(mean, sd, self.free_mean, self.free_sd, self.histogram)

    def updated(self, persons: Array, nodes: Array) -> "Latent":
        """Return the density that fits the expected numbers of persons at the nodes (G × nodes) best."""
        total = np.maximum(persons.sum(axis=1), _SMALLEST)
        mean = persons @ nodes / total
        mean = np.where(self.free_mean, mean, self.mean)
        spread = (persons * (nodes[None, :] - mean[:, None]) ** 2).sum(axis=1) / total
        sd = np.where(self.free_sd, np.sqrt(np.maximum(spread, _NARROWEST**2)), self.sd)
        if self.histogram is None:
            return Latent(mean, sd, self.free_mean, self.free_sd)
        log = np.maximum(np.log(np.maximum(persons / total[:, None], _SMALLEST)), _LEAST)
        return Latent(self.mean, self.sd, self.free_mean, self.free_sd, log)

    def information(self, persons: Array) -> Array:
        """Return the complete information of each of the free values, given persons at the nodes."""
        if self.histogram is not None:
            return persons.ravel()
        total = persons.sum(axis=1)
        means = (total / self.sd**2)[list(self.free_mean)]
        return np.concatenate([means, (2.0 * total)[list(self.free_sd)]])

    def free_scores(self, nodes: Array) -> Array:
        """Return the score of a person at each node by the free values (free × G × nodes)."""
        z = (nodes[None, :] - self.mean[:, None]) / self.sd[:, None]
        means = [self._at(g, z[g] / self.sd[g]) for g in range(self.count) if self.free_mean[g]]
        sds = [self._at(g, z[g] ** 2 - 1.0) for g in range(self.count) if self.free_sd[g]]
        rows = [*means, *sds]
        return np.array(rows).reshape(len(rows), self.count, nodes.size)

    def _at(self, group: int, values: Array) -> Array:
        table = np.zeros((self.count, values.size))
        table[group] = values
        return table


def moments(log_masses: Array, nodes: Array) -> tuple[float, float]:
    """Return mean and standard deviation of a density on the nodes."""
    mass = np.exp(log_masses)
    mean = float(mass @ nodes)
    return mean, math.sqrt(max(float(mass @ (nodes - mean) ** 2), 0.0))
