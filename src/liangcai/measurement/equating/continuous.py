"""Discrete scores made continuous by a uniform kernel: percentile ranks and their inverse."""

import numpy as np

from liangcai.measurement.arrays import Array, Flags

#: Cumulative shares closer than this are one share that was summed in two ways.
_TIE = 1e-12


def cumulative_share(frequencies: Array, *, at: Array) -> Array:
    """
    Return the share of persons below each point of `at` when score k is spread evenly over k ± ½.

    At a whole score this is its percentile rank / 100 (Angoff, 1971).
    """
    edges = np.arange(frequencies.size + 1) - 0.5
    return np.interp(at, edges, _shares(frequencies))


def score_at(frequencies: Array, *, share: Array) -> Array:
    """
    Return the score below which each share of persons lies: the inverse of `cumulative_share`.

    Where a whole stretch of scores has that share (nobody earned them) this is its middle
    (Kolen & Brennan, 2014).
    """
    lower, upper = _stretch(frequencies, share)
    return np.asarray(0.5 * (lower + upper))


def has_derivative(x: Array, y: Array, *, at: Array) -> Flags:
    """
    Return at which points of `at` the equipercentile conversion follows the frequencies smoothly.

    It does not where nobody, or everybody, is below the point on X, nor where its share of persons meets a
    stretch of Y scores that nobody earned: the least change of a frequency makes it jump across.
    """
    share = cumulative_share(x, at=at)
    lower, upper = _stretch(y, share)
    return np.asarray((share > _TIE) & (share < 1.0 - _TIE) & (upper - lower < 1e-6))


def _stretch(frequencies: Array, share: Array) -> tuple[Array, Array]:
    """Return the lowest and the highest score below which each share of persons lies."""
    shares = _shares(frequencies)
    inner = shares[1:-1]
    lower = _point(shares, share, np.searchsorted(inner, share - _TIE, side="left"))
    upper = _point(shares, share, np.searchsorted(inner, share + _TIE, side="right"))
    top, bottom = frequencies.size - 0.5, -0.5
    lower = np.where(share <= _TIE, bottom, lower)
    upper = np.where(share >= 1.0 - _TIE, top, upper)
    return lower, upper


def equipercentile(x: Array, y: Array, *, at: Array) -> Array:
    """Return the Y score with the percentile rank that each point of `at` has on X; `x`, `y` frequencies."""
    return score_at(y, share=cumulative_share(x, at=at))


def _shares(frequencies: Array) -> Array:
    shares = np.concatenate([[0.0], np.cumsum(frequencies)])
    return np.asarray(shares / shares[-1])


def _point(shares: Array, share: Array, cell: np.ndarray) -> Array:
    """Interpolate inside score `cell`, the one whose band holds the share."""
    below, mass = shares[cell], shares[cell + 1] - shares[cell]
    fraction = np.where(mass > 0.0, (share - below) / np.where(mass > 0.0, mass, 1.0), 0.5)
    return np.asarray(cell - 0.5 + np.clip(fraction, 0.0, 1.0))
