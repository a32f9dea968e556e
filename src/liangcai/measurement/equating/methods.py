"""Every equating method as one function: frequencies in, Y equivalents of the X scores out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.equating.continuous import (
    cumulative_share,
    equipercentile,
    has_derivative,
    score_at,
)
from liangcai.measurement.equating.designs import (
    AnchorGroups,
    Design,
    RandomGroups,
    SingleGroup,
)
from liangcai.measurement.equating.kernel import choose_bandwidth, kernel_equipercentile
from liangcai.measurement.equating.linear import (
    Line,
    chained_line,
    form_moments,
    levine_line,
    line_between,
    moments_of,
    tucker_line,
)


class MethodUnknown(LiangcaiError):
    """No equating method of this name serves this design."""

    code = "measurement.equating.method-unknown"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a method needs besides frequencies: the weight of population 1, and kernel bandwidths."""

    weight: float = 1.0
    bandwidths: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """
    An equating method: how it computes equivalents, what it is called, and who published it.

    `smooth`: at which X scores the equivalents have a derivative by the frequencies (None: at all).
    """

    equivalents: Callable[[Design, Settings], Array]
    describes: str
    source: str
    synthetic: bool = False
    smooth: Callable[[Design, Settings], Flags] | None = None


def margins(design: Design, settings: Settings) -> tuple[Array, Array]:
    """Return the frequencies of X and of Y in the one population that the forms are compared in.

    With an anchor this is frequency estimation (poststratification; Braun & Holland, 1982). An anchor
    score that one group lacks takes the distribution of the nearest anchor score that it has.
    """
    if isinstance(design, RandomGroups):
        return design.x, design.y
    if isinstance(design, SingleGroup):
        return design.joint.sum(axis=1), design.joint.sum(axis=0)
    first, second = design.x / design.x.sum(), design.y / design.y.sum()
    weight = settings.weight
    x = weight * first.sum(axis=1) + (1.0 - weight) * _given_anchor(first) @ second.sum(axis=0)
    y = weight * _given_anchor(second) @ first.sum(axis=0) + (1.0 - weight) * second.sum(axis=1)
    return x, y


def with_bandwidths(design: Design, settings: Settings) -> Settings:
    """Return the settings with the kernel bandwidths that these frequencies call for."""
    x, y = margins(design, settings)
    return Settings(settings.weight, (choose_bandwidth(x), choose_bandwidth(y)))


def method_for(design: Design, name: str) -> Method:
    """
    Return the named method of a design.

    Raises:
        MethodUnknown: the design has no such method; the message lists those it has.
    """
    available = ANCHOR_METHODS if isinstance(design, AnchorGroups) else PLAIN_METHODS
    if name not in available:
        raise MethodUnknown(
            f"{name!r} does not serve {type(design).__name__}; it has {', '.join(available)}"
        )
    return available[name]


def _x_scores(design: Design) -> Array:
    return np.arange(design.tables[0].shape[0], dtype=float)


def _mean(design: Design, settings: Settings) -> Array:
    x, y = margins(design, settings)
    return _x_scores(design) + moments_of(y)[0] - moments_of(x)[0]


def _linear(design: Design, settings: Settings) -> Array:
    (mean_x, variance_x), (mean_y, variance_y) = map(moments_of, margins(design, settings))
    line = line_between(
        mean_x=mean_x, deviation_x=variance_x**0.5, mean_y=mean_y, deviation_y=variance_y**0.5
    )
    return line.at(_x_scores(design))


def _equipercentile(design: Design, settings: Settings) -> Array:
    x, y = margins(design, settings)
    return equipercentile(x, y, at=_x_scores(design))


def _equipercentile_smooth(design: Design, settings: Settings) -> Flags:
    x, y = margins(design, settings)
    return has_derivative(x, y, at=_x_scores(design))


def _kernel(design: Design, settings: Settings) -> Array:
    x, y = margins(design, settings)
    known = settings if settings.bandwidths else with_bandwidths(design, settings)
    assert known.bandwidths is not None  # noqa: S101  (with_bandwidths sets them)
    return kernel_equipercentile(x, y, bandwidths=known.bandwidths, at=_x_scores(design))


def _with_line(line: Callable[[AnchorGroups, float], Line]) -> Callable[[Design, Settings], Array]:
    def equivalents(design: Design, settings: Settings) -> Array:
        return line(_anchored(design), settings.weight).at(_x_scores(design))

    return equivalents


def _tucker(design: AnchorGroups, weight: float) -> Line:
    return tucker_line(form_moments(design.x), form_moments(design.y), weight=weight)


def _levine(design: AnchorGroups, weight: float) -> Line:
    x, y = form_moments(design.x), form_moments(design.y)
    return levine_line(x, y, weight=weight, internal=design.anchor == "internal")


def _chained_linear(design: AnchorGroups, _weight: float) -> Line:
    return chained_line(form_moments(design.x), form_moments(design.y))


def _chained_equipercentile(design: Design, _settings: Settings) -> Array:
    tables = _anchored(design)
    on_anchor = equipercentile(tables.x.sum(axis=1), tables.x.sum(axis=0), at=_x_scores(design))
    share = cumulative_share(tables.y.sum(axis=0), at=on_anchor)
    return score_at(tables.y.sum(axis=1), share=share)


def _chain_smooth(design: Design, _settings: Settings) -> Flags:
    tables, scores = _anchored(design), _x_scores(design)
    on_anchor = equipercentile(tables.x.sum(axis=1), tables.x.sum(axis=0), at=scores)
    first = has_derivative(tables.x.sum(axis=1), tables.x.sum(axis=0), at=scores)
    return first & has_derivative(tables.y.sum(axis=0), tables.y.sum(axis=1), at=on_anchor)


def _anchored(design: Design) -> AnchorGroups:
    if not isinstance(design, AnchorGroups):
        raise MethodUnknown(f"{type(design).__name__} has no anchor")
    return design


def _given_anchor(share: Array) -> Array:
    """Return the distribution of the form (rows) at each anchor score (columns)."""
    total = share.sum(axis=0)
    seen = np.flatnonzero(total > 0.0)
    distance = np.abs(np.arange(total.size)[:, None] - seen)
    nearest = (distance == distance.min(axis=1, keepdims=True)).astype(float)
    nearest /= nearest.sum(axis=1, keepdims=True)
    return np.asarray((share[:, seen] / total[seen]) @ nearest.T)


PLAIN_METHODS: Mapping[str, Method] = {
    "mean": Method(_mean, "equal means", "Kolen & Brennan (2014)"),
    "linear": Method(_linear, "equal means and standard deviations", "Angoff (1971)"),
    "equipercentile": Method(
        _equipercentile,
        "equal percentile ranks, uniform kernel",
        "Angoff (1971); Kolen & Brennan (2014)",
        smooth=_equipercentile_smooth,
    ),
    "kernel": Method(
        _kernel, "equal percentile ranks, Gaussian kernel", "von Davier, Holland & Thayer (2004)"
    ),
}
ANCHOR_METHODS: Mapping[str, Method] = {
    "tucker": Method(
        _with_line(_tucker), "Tucker's line: regression on the anchor", "Gulliksen (1950)", True
    ),
    "levine": Method(
        _with_line(_levine), "Levine's observed-score line", "Levine (1955); Angoff (1971)", True
    ),
    "braun-holland": Method(
        _linear, "line through the moments of frequency estimation", "Braun & Holland (1982)", True
    ),
    "chained-linear": Method(_with_line(_chained_linear), "chain of two lines", "Angoff (1971)"),
    "frequency-estimation": Method(
        _equipercentile,
        "equal percentile ranks in the synthetic population (poststratification)",
        "Angoff (1971); Braun & Holland (1982)",
        True,
        _equipercentile_smooth,
    ),
    "chained-equipercentile": Method(
        _chained_equipercentile,
        "chain of two equipercentile conversions",
        "Angoff (1971); Livingston, Dorans & Wright (1990)",
        smooth=_chain_smooth,
    ),
    "kernel-frequency-estimation": Method(
        _kernel,
        "Gaussian kernel in the synthetic population",
        "von Davier, Holland & Thayer (2004)",
        True,
    ),
}
#: Methods whose conversion is a straight line.
LINEAR = frozenset({"mean", "linear", "tucker", "levine", "braun-holland", "chained-linear"})
