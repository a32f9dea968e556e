"""Priors of item parameters as they are written on the command line: `lower=beta:5,17`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from liangcai.cli.measure_options import pairs
from liangcai.cli.output import WRONG_USAGE, fail

if TYPE_CHECKING:
    from liangcai.measurement.calibration.priors import Beta, LogNormal, Normal, Priors

#: Which densities a parameter may have.
_FORMS = {
    "slope": ("lognormal", "normal"),
    "difficulty": ("normal",),
    "lower": ("beta", "normal"),
    "upper": ("beta", "normal"),
}
_LETTERS = {"a": "slope", "b": "difficulty", "c": "lower", "d": "upper"}


def priors_from(entries: Sequence[str], named: Mapping[str, str]) -> "Priors":
    """
    Return the priors of `--prior NAME=FORM:x,y` entries and of the options for one parameter each.

    Raises:
        PriorInvalid: a density has a spread or shape that no density has.
    """
    from liangcai.measurement.calibration.priors import Priors

    found = {name: text for name, text in named.items() if text}
    for name, text in pairs(list(entries), "--prior").items():
        parameter = _LETTERS.get(name, name)
        if parameter not in _FORMS:
            fail(f"--prior {name}={text}: choose {', '.join(_FORMS)}", code=WRONG_USAGE)
        if parameter in found:
            fail(f"--prior {name}={text}: {parameter} has a prior already", code=WRONG_USAGE)
        found[parameter] = text
    densities = {name: _density(name, text) for name, text in found.items()}
    return Priors(**densities)  # type: ignore[arg-type]  # _FORMS says which density goes where


def _density(parameter: str, text: str) -> "Beta | LogNormal | Normal":
    from liangcai.measurement.calibration.priors import Beta, LogNormal, Normal

    form, _, numbers = text.partition(":")
    try:
        one, other = (float(number) for number in numbers.split(","))
    except ValueError:
        one = other = float("nan")
    if form not in _FORMS[parameter] or one != one:  # noqa: PLR0124
        wanted = " or ".join(f"{name}:x,y" for name in _FORMS[parameter])
        fail(f"prior {text} of {parameter}: write {wanted} with two numbers", code=WRONG_USAGE)
    if form == "beta":
        return Beta(one, other)
    return Normal(one, other) if form == "normal" else LogNormal(one, other)
