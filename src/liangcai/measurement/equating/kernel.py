"""Scores made continuous by a Gaussian kernel that keeps their mean and variance."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import ndtr

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.brackets import halved
from liangcai.measurement.equating.linear import moments_of

_BISECTIONS = 60


def kernel_share(frequencies: Array, *, bandwidth: float, at: Array) -> Array:
    """Return the share of persons below each point of `at` (von Davier, Holland & Thayer, 2004)."""
    share, centre, width = _kernel(frequencies, bandwidth)
    return np.asarray(ndtr((at[:, None] - centre) / width) @ share)


def kernel_score_at(frequencies: Array, *, bandwidth: float, share: Array) -> Array:
    """Return the score below which each share of persons lies, by bisection; shares strictly inside 0 and 1."""
    reach = 10.0 * (frequencies.size + bandwidth)
    low = np.full(share.shape, -reach)
    high = np.full(share.shape, frequencies.size + reach)

    def is_below(score: Array) -> Flags:
        return kernel_share(frequencies, bandwidth=bandwidth, at=score) < share

    return halved(is_below, low, high, halvings=_BISECTIONS)


def kernel_equipercentile(
    x: Array, y: Array, *, bandwidths: tuple[float, float], at: Array
) -> Array:
    """Return the Y score with the kernel percentile rank of each point of `at` on X."""
    share = kernel_share(x, bandwidth=bandwidths[0], at=at)
    inside = np.clip(share, 1e-15, 1.0 - 1e-15)
    return kernel_score_at(y, bandwidth=bandwidths[1], share=inside)


def choose_bandwidth(frequencies: Array) -> float:
    """
    Return the bandwidth with the least penalty: squared gaps between shares and density at the scores,
    plus one for every score where the density turns the wrong way (von Davier, Holland & Thayer, 2004).
    """
    trials = np.geomspace(0.25, 4.0, 40)
    losses = [_penalty(frequencies, float(h)) for h in trials]
    place = int(np.argmin(losses))
    bounds = (float(trials[max(place - 1, 0)]), float(trials[min(place + 1, trials.size - 1)]))
    found = minimize_scalar(
        lambda h: _penalty(frequencies, h), bounds=bounds, method="bounded", options={"xatol": 1e-6}
    )
    return float(found.x) if found.fun < losses[place] else float(trials[place])


def _kernel(frequencies: Array, bandwidth: float) -> tuple[Array, Array, float]:
    share = frequencies / frequencies.sum()
    mean, variance = moments_of(frequencies)
    shrink = np.sqrt(variance / (variance + bandwidth**2))
    return share, shrink * np.arange(share.size) + (1.0 - shrink) * mean, float(shrink * bandwidth)


def _penalty(frequencies: Array, bandwidth: float) -> float:
    share, centre, width = _kernel(frequencies, bandwidth)

    def density(at: Array) -> Array:
        z = (at[:, None] - centre) / width
        return np.asarray(np.exp(-0.5 * z * z) @ share / (width * np.sqrt(2.0 * np.pi)))

    score = np.arange(share.size, dtype=float)
    step = 1e-3
    left = density(score - 0.25 + step) - density(score - 0.25 - step)
    right = density(score + 0.25 + step) - density(score + 0.25 - step)
    turns = np.count_nonzero((left < 0.0) & (right > 0.0))
    return float(((share - density(score)) ** 2).sum()) + turns
