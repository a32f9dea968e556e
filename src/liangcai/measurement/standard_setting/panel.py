"""A panel's cut score: the summary of its judges' cuts, its standard error, each judge's influence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, stdtrit

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.results import Result

Summary = Literal["mean", "median", "trimmed"]
SUMMARIES: tuple[Summary, ...] = ("mean", "median", "trimmed")
#: The share of judges that a trimmed mean leaves out at either end.
TRIMMED_SHARE = 0.1
_SOURCES = {
    "mean": "Kane (1994)",
    "median": "Maritz & Jarrett (1978)",
    "trimmed": "Tukey & McLaughlin (1963)",
}


class JudgementsInvalid(LiangcaiError):
    """The judgements of a panel do not fit together, or lie outside what can be judged."""

    code = "measurement.judgements-invalid"


@dataclass(frozen=True, slots=True)
class PanelCut(Result):
    """A cut score from the cuts of J judges.

    `standard_error` counts how the cut would vary with other judges (NaN for one judge: a single
    judge does not tell), `degrees_of_freedom` what it rests on. `without` holds the cut that the
    panel would set without each judge (NaN for one judge).
    """

    title: ClassVar[str] = "Cut score of a panel"
    method: str
    source: str
    scale: str
    cut: float
    standard_error: float
    degrees_of_freedom: int
    judges: tuple[str, ...]
    judge_cuts: Array
    without: Array

    @property
    def spread(self) -> float:
        """The standard deviation among judges' cuts (NaN for one judge)."""
        return float(self.judge_cuts.std(ddof=1)) if self.judge_cuts.size > 1 else float("nan")

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of Student's t: the cut of other panels as large as this one."""
        return t_interval(self.cut, self.standard_error, self.degrees_of_freedom)

    def columns(self) -> Mapping[str, Any]:
        """Return one row a judge: cut, the panel's cut without the judge, and what the judge moves."""
        return {
            "judge": self.judges,
            "cut": self.judge_cuts,
            "panel without": self.without,
            "influence": self.cut - self.without,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return cut, standard error, interval, judges and their spread."""
        return {
            "scale": self.scale,
            "cut": self.cut,
            "standard error": self.standard_error,
            "95 % interval": self.interval(),
            "judges": len(self.judges),
            "spread of judges": self.spread,
        }


def panel_cut(
    judge_cuts: npt.ArrayLike,
    *,
    summary: Summary = "mean",
    judges: Sequence[str] | None = None,
    scale: str = "score",
    method: str = "cuts of judges",
) -> PanelCut:
    """
    Return the panel's cut from one cut a judge.

    Standard errors: of the mean s/√J; of the median Maritz and Jarrett's (the exact bootstrap
    variance for an odd number of judges); of the 10 % trimmed mean from winsorised cuts.

    Raises:
        JudgementsInvalid: there is no judge, a cut is not finite, or names and cuts differ.
    """
    cuts = numbers(judge_cuts, "judges' cuts")
    if summary not in SUMMARIES:
        raise JudgementsInvalid(f"summary must be one of {', '.join(SUMMARIES)}, not {summary!r}")
    if cuts.ndim != 1 or not cuts.size or not np.isfinite(cuts).all():
        raise JudgementsInvalid("a panel needs one finite cut from each of one or more judges")
    names = judge_names(judges, cuts.size)
    alone = cuts.size == 1
    rest = [summarised(np.delete(cuts, place), summary) for place in range(cuts.size * (not alone))]
    return PanelCut(
        method=f"{method}; {summary} of judges",
        source=_SOURCES[summary],
        scale=scale,
        cut=summarised(cuts, summary),
        standard_error=float("nan") if alone else _standard_error(cuts, summary),
        degrees_of_freedom=cuts.size - 1 - 2 * _dropped(cuts, summary),
        judges=names,
        judge_cuts=cuts,
        without=np.array([float("nan")] if alone else rest),
    )


def numbers(values: npt.ArrayLike, what: str) -> Array:
    """
    Return values as an array of real numbers; `what` names them in the message.

    Raises:
        JudgementsInvalid: one is no number, or rows differ in length.
    """
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise JudgementsInvalid(f"{what} must be numbers in rows of one length ({error})") from None


def highest_points(highest: npt.ArrayLike, items: int) -> Array:
    """
    Return the highest score of each item, given one for all or one an item.

    Raises:
        JudgementsInvalid: there are more or fewer, or one is not finite and above 0.
    """
    top = numbers(highest, "highest scores")
    if top.shape not in {(), (items,)} or not (np.isfinite(top) & (top > 0.0)).all():
        raise JudgementsInvalid(
            f"highest scores must be finite and above 0: one for all items, or {items}"
        )
    return np.array(np.broadcast_to(top, (items,)))


def t_interval(centre: float, standard_error: float, free: int) -> tuple[float, float]:
    """Return the 95 % interval of Student's t with `free` degrees of freedom (NaN for none)."""
    half = float(stdtrit(free, 0.975)) * standard_error if free > 0 else float("nan")
    return centre - half, centre + half


def judge_names(judges: Sequence[str] | None, count: int) -> tuple[str, ...]:
    """
    Return the judges' names: those given, or "1" … "J".

    Raises:
        JudgementsInvalid: names are not one a judge, or not distinct.
    """
    names = tuple(judges) if judges is not None else tuple(str(n + 1) for n in range(count))
    if len(names) != count or len(set(names)) != count:
        raise JudgementsInvalid(f"{count} judges need {count} different names, not {names}")
    return names


def summarised(cuts: Array, summary: Summary) -> float:
    """Return the mean, the median, or the mean without the tenth of judges at either end."""
    if summary == "mean":
        return float(cuts.mean())
    if summary == "median":
        return float(np.median(cuts))
    dropped = _dropped(cuts, summary)
    return float(np.sort(cuts)[dropped : cuts.size - dropped].mean())


def _dropped(cuts: Array, summary: Summary) -> int:
    return int(TRIMMED_SHARE * cuts.size) if summary == "trimmed" else 0


def _standard_error(cuts: Array, summary: Summary) -> float:
    if summary == "median":
        return median_error(cuts)
    dropped = _dropped(cuts, summary)
    ordered = np.sort(cuts)
    held = np.clip(cuts, ordered[dropped], ordered[cuts.size - 1 - dropped])
    kept = 1.0 - 2.0 * dropped / cuts.size
    return float(held.std(ddof=1) / (kept * np.sqrt(cuts.size)))


def median_error(values: Array) -> float:
    """Return the standard error of a median (Maritz & Jarrett, 1978)."""
    count = values.size
    middle = 0.5 * (count + 1)
    mass = np.diff(betainc(middle, middle, np.arange(count + 1) / count))
    ordered = np.sort(values)
    return float(np.sqrt(max(mass @ (ordered - mass @ ordered) ** 2, 0.0)))
