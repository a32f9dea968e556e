"""Bounds of a sequential classification, moved by simulation until its error rates hold.

Wald's bounds keep their rates for a plain likelihood ratio that is followed to its end, and then
err on the safe side; a generalised ratio exceeds them. What a design really does is found by testing
persons at both ends of each cut's indifference.
"""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.design import Design
from liangcai.measurement.adaptive.report import final_standing
from liangcai.measurement.adaptive.simulation import simulate
from liangcai.measurement.adaptive.stopping import AnyOf, Glr, Sprt, alternatives
from liangcai.measurement.arrays import Array
from liangcai.measurement.proportions import wilson_interval
from liangcai.measurement.results import Result

_LOWEST, _HIGHEST = 1e-6, 0.49
_FEWEST_PERSONS = 100
#: The most that a round may multiply or divide a bound's rate by.
_LONGEST_STEP = 4.0


class ErrorRatesInvalid(LiangcaiError):
    """A design has no single likelihood ratio whose error rates could be held, or a setting is impossible."""

    code = "measurement.adaptive.error-rates-invalid"


@dataclass(frozen=True, slots=True)
class HeldErrorRates(Result):
    """
    The rule with moved bounds, and what it does at each of C cuts to persons it has not seen before.

    `bound_false_pass` and `bound_false_fail` are the rates to give to the rule so that it errs as
    often as aimed. At each cut, `false_pass` is the share of persons at cut − indifference whom the
    rule settled above it, `false_fail` that of persons at cut + indifference settled below;
    `wrong_below` and `wrong_above` count besides whoever was misplaced at the end of a test that
    the rule had not settled: bounds cannot lower these, longer tests can. Each share is that of
    `persons` simulated persons.
    """

    title: ClassVar[str] = "Error rates of a sequential classification"
    method: ClassVar[str] = "bounds moved by repeated simulation, rates checked with fresh persons"
    source: ClassVar[str] = "Bartroff, Finkelman & Lai (2008); Wald (1947); Wilson (1927)"
    rule_name: str
    cuts: tuple[float, ...]
    indifference: float
    aimed_false_pass: float
    aimed_false_fail: float
    bound_false_pass: float
    bound_false_fail: float
    persons: int
    false_pass: Array
    false_fail: Array
    wrong_below: Array
    wrong_above: Array
    mean_length: Array

    @property
    def rule(self) -> Sprt | Glr:
        """The rule with the moved bounds."""
        kind = Sprt if self.rule_name == Sprt.name else Glr
        return kind(self.cuts, self.indifference, self.bound_false_pass, self.bound_false_fail)

    def applied_to(self, design: Design) -> Design:
        """
        Return the design with its likelihood ratio replaced by this one.

        Raises:
            ErrorRatesInvalid: it has none, or several.
        """
        return _with_rule(design, self.rule)

    def columns(self) -> Mapping[str, Any]:
        """Return one row a cut: rates with 95 % intervals, all wrong ones, items at either end."""
        pass_low, pass_high = wilson_interval(self.false_pass, trials=self.persons)
        fail_low, fail_high = wilson_interval(self.false_fail, trials=self.persons)
        return {
            "cut": np.array(self.cuts),
            "false pass": self.false_pass,
            "false pass low": pass_low,
            "false pass high": pass_high,
            "false fail": self.false_fail,
            "false fail low": fail_low,
            "false fail high": fail_high,
            "wrong below": self.wrong_below,
            "wrong above": self.wrong_above,
            "mean length": self.mean_length,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the rates aimed at and the bounds that reach them."""
        return {
            "rule": self.rule_name,
            "false pass aimed at": self.aimed_false_pass,
            "false pass of the bound": self.bound_false_pass,
            "false fail aimed at": self.aimed_false_fail,
            "false fail of the bound": self.bound_false_fail,
            "persons at each point": self.persons,
        }


def hold_error_rates(
    design: Design,
    *,
    rng: np.random.Generator,
    persons: int = 4000,
    rounds: int = 8,
    executor: Executor | None = None,
) -> HeldErrorRates:
    """
    Return bounds with which the design's `Sprt` or `Glr` errs as often as its two rates say.

    `persons` are simulated at each cut ± indifference in each of the `rounds`, the same ones in
    all rounds, and as many fresh ones to check; the loosest bounds that were seen to hold are taken.
    With several cuts the worst of them is held. The
    rates reached are known up to their sampling error: √(0.05·0.95/4000) = 0.0034, twice: in moving
    the bounds and in the check.

    Raises:
        ErrorRatesInvalid: the design does not stop by one `Sprt` or `Glr` (alone or in `AnyOf`), or
            there are fewer than 100 persons or 1 round.
    """
    rule = _rule_of(design)
    if persons < _FEWEST_PERSONS or rounds < 1:
        raise ErrorRatesInvalid(
            f"error rates need {_FEWEST_PERSONS} persons and 1 round or more, not {persons}, {rounds}"
        )
    aims = np.array([rule.false_pass, rule.false_fail])
    seed, search = int(rng.integers(2**63)), _Search(aims)
    for _ in range(rounds):
        tried = _with_rule(design, _bounded(rule, search.bounds))
        same = np.random.default_rng(seed)
        seen = _rates(tried, rng=same, persons=persons, executor=executor)[:2].max(axis=1)
        search.learn(np.maximum(seen, 0.5 / persons))
    held = _bounded(rule, search.held)
    found = _rates(_with_rule(design, held), rng=rng, persons=persons, executor=executor)
    return HeldErrorRates(
        rule_name=rule.name,
        cuts=rule.cuts,
        indifference=rule.indifference,
        aimed_false_pass=rule.false_pass,
        aimed_false_fail=rule.false_fail,
        bound_false_pass=held.false_pass,
        bound_false_fail=held.false_fail,
        persons=persons,
        false_pass=found[0],
        false_fail=found[1],
        wrong_below=found[2],
        wrong_above=found[3],
        mean_length=found[4],
    )


class _Search:
    """The search for two bounds at once: in proportion, and by halving once one is enclosed.

    People who see the same items have few different likelihood ratios, so that a rate jumps where a
    bound passes one of them: only the loosest bound that was seen to hold can be trusted.
    """

    def __init__(self, aims: Array) -> None:
        self._aims = aims
        self.bounds = aims
        self._holds = np.full(aims.size, _LOWEST)
        self._fails = np.full(aims.size, _HIGHEST)
        self._enclosed = np.zeros((2, aims.size), dtype=bool)

    @property
    def held(self) -> Array:
        """The loosest bounds that held; where none did, the next that would be tried."""
        return np.where(self._enclosed[0], self._holds, self.bounds)

    def learn(self, seen: Array) -> None:
        """Take in the rates that the present bounds led to, and choose the next."""
        holds = seen <= self._aims
        self._holds = np.where(holds, np.maximum(self._holds, self.bounds), self._holds)
        self._fails = np.where(holds, self._fails, np.minimum(self._fails, self.bounds))
        self._enclosed |= np.stack([holds, ~holds])
        step = np.clip(self._aims / seen, 1.0 / _LONGEST_STEP, _LONGEST_STEP)
        further = np.clip(self.bounds * step, _LOWEST, _HIGHEST)
        halved = np.sqrt(self._holds * self._fails)
        inside = (further > self._holds) & (further < self._fails)
        self.bounds = np.where(self._enclosed.all(axis=0) & ~inside, halved, further)


def _rule_of(design: Design) -> Sprt | Glr:
    rules = [rule for rule in alternatives(design.stop) if isinstance(rule, Sprt | Glr)]
    if len(rules) != 1:
        raise ErrorRatesInvalid(
            f"the design must stop by one Sprt or Glr, alone or in AnyOf: it has {len(rules)}"
        )
    return rules[0]


def _with_rule(design: Design, rule: Sprt | Glr) -> Design:
    old = _rule_of(design)
    if not isinstance(design.stop, AnyOf):
        return replace(design, stop=rule)
    return replace(
        design, stop=AnyOf(tuple(rule if one is old else one for one in design.stop.rules))
    )


def _bounded(rule: Sprt | Glr, bounds: Array) -> Sprt | Glr:
    return replace(rule, false_pass=float(bounds[0]), false_fail=float(bounds[1]))


def _rates(
    design: Design, *, rng: np.random.Generator, persons: int, executor: Executor | None
) -> Array:
    """Return false passes, false failures, all wrong below and above, and mean length (5 × C)."""
    rule = _rule_of(design)
    place = alternatives(design.stop).index(rule)
    cuts = np.array(rule.cuts)
    ends = np.concatenate([cuts - rule.indifference, cuts + rule.indifference])
    tests = simulate(design, theta=np.repeat(ends, persons), rng=rng, executor=executor)
    ratios = rule.ratios(design.pool, design.estimator, final_standing(design, tests))
    shaped = (2, cuts.size, persons)
    own = np.tile(np.repeat(np.arange(cuts.size), persons), 2)
    above = np.take_along_axis(ratios, own[:, None], axis=1).reshape(shaped) >= 0.0
    wrong = np.stack([above[0], ~above[1]])
    settled = (tests.reason == place).reshape(shaped)
    length = tests.length.reshape(shaped).mean(axis=(0, 2))
    return np.vstack([(wrong & settled).mean(axis=2), wrong.mean(axis=2), length])
