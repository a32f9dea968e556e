"""How well and how fast the adaptive self-assessment measures invented people.

Run `python benchmarks/self_assessment.py [persons] [scheme.yaml]`. Every person is synthetic: element
abilities N(0, 1), units scattered about them with the scheme's spread. Single-choice items are answered
as the three-parameter model says; in multiple-choice items every option is judged on its own, so that
partial scores arise, with the expected score that the model says. The random selection answers equally
many items drawn from the whole bank.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import product

import numpy as np

from liangcai.grading.evidence import Person
from liangcai.grading.profiles import Profile
from liangcai.grading.scheme import Scheme
from liangcai.grading.scheme_read import read_scheme
from liangcai.grading.self_assessment import (
    ANCHORS,
    Answer,
    Plan,
    Settings,
    finish,
    next_question,
    start,
)
from liangcai.items import Item, read_items
from liangcai.standard import load_standard

ON = date(2026, 11, 23)
SEED = 20261123
SYNTHETIC = Person(id="synthetic", synthetic=True)
#: How certainly each option of a multiple-choice item is judged rightly.
CERTAINTY = np.linspace(0.5, 1.0, 101)


@dataclass(frozen=True)
class SyntheticPerson:
    """Abilities by element and by unit (logits); `boast` is added where a statement is answered."""

    elements: np.ndarray
    units: np.ndarray
    boast: float


@dataclass
class Errors:
    """Estimate minus truth, standard error, and whether the interval holds the truth."""

    error: list[float] = field(default_factory=list)
    se: list[float] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)

    def take(self, profile: Profile, part: str, truth: np.ndarray, only: list[int]) -> None:
        """Compare the units or elements at the places `only` with the truth."""
        for place in only:
            found = getattr(profile, part)[place]
            self.error.append(found.estimate - truth[place])
            self.se.append(found.se)
            self.held.append(found.interval[0] <= truth[place] <= found.interval[1])

    @property
    def rmse(self) -> float:
        """Return the root mean squared error in logits."""
        return float(np.sqrt(np.mean(np.square(self.error))))

    def __str__(self) -> str:
        return (
            f"bias {np.mean(self.error):+.3f}  RMSE {self.rmse:.3f}  mean se {np.mean(self.se):.3f}  "
            f"80 % interval holds {100 * np.mean(self.held):.1f} %"
        )


def synthetic_person(plan: Plan, rng: np.random.Generator, boast: float) -> SyntheticPerson:
    elements = rng.normal(size=len(plan.compiled.elements))
    spread = plan.compiled.scheme.scale.unit_spread.value
    scatter = rng.normal(scale=spread, size=len(plan.compiled.units))
    return SyntheticPerson(elements, elements[plan.compiled.element_of_unit] + scatter, boast)


def answer(plan: Plan, person: SyntheticPerson, code: str, rng: np.random.Generator) -> Answer:
    place = plan.places[code]
    if place < len(plan.statements):
        theta = person.units[plan.statement_unit[place]] + person.boast
        node = int(np.argmin(np.abs(plan.compiled.grid.nodes - theta)))
        chances = np.cumsum(np.exp(plan.statement_pool.log_probability[place, :, node]))
        category = min(int((chances < rng.random()).sum()), len(ANCHORS) - 1)
        return Answer(code, (ANCHORS[category].key,))
    place -= len(plan.statements)
    a, b, c = plan.item_parameters[place]
    p = c + (1 - c) / (1 + np.exp(-a * (person.units[plan.item_unit[place]] - b)))
    return Answer(code, marks(plan.items[place], p, rng))


def marks(item: Item, expected: float, rng: np.random.Generator) -> tuple[str, ...]:
    """Return keys whose expected score is `expected`."""
    if item.kind == "single-choice":
        wrong = sorted(set(item.keys) - item.correct_keys)
        right = rng.random() < expected
        return tuple(item.correct_keys) if right else (wrong[int(rng.integers(len(wrong)))],)
    certainty = np.interp(expected, score_by_certainty(item.keys, item.correct_keys), CERTAINTY)
    judged = rng.random(len(item.keys)) < certainty
    return tuple(
        key
        for key, rightly in zip(item.keys, judged, strict=True)
        if (key in item.correct_keys) == rightly
    )


@cache
def score_by_certainty(keys: tuple[str, ...], correct: frozenset[str]) -> tuple[float, ...]:
    """Return the expected score at each certainty, the same for right and wrong options."""
    totals = np.zeros(CERTAINTY.size)
    for judged in product((False, True), repeat=len(keys)):
        chosen = {
            key for key, rightly in zip(keys, judged, strict=True) if (key in correct) == rightly
        }
        value = max(0, 2 * len(chosen & correct) - len(chosen)) / len(correct)
        totals += value * CERTAINTY ** sum(judged) * (1 - CERTAINTY) ** (len(keys) - sum(judged))
    return tuple(totals)


def simulate(name: str, persons: int, settings: Settings, scheme: str | Scheme) -> None:
    standard, bank = load_standard("llm-product-engineer"), read_items("llm-product-engineer")
    adaptive, random, rated, boasted = Errors(), Errors(), Errors(), Errors()
    lengths: list[tuple[int, int, int]] = []
    times: list[float] = []
    for number in range(persons):
        rng = np.random.default_rng((SEED, number))  # the same people in every run
        plan = start(standard, bank, scheme=scheme, seed=number, on=ON, settings=settings)
        person = synthetic_person(plan, rng, boast=0.8 if number % 2 else 0.0)
        answers: list[Answer] = []
        while True:
            began = time.perf_counter()
            question = next_question(plan, answers)
            times.append(time.perf_counter() - began)
            if question is None:
                break
            answers.append(answer(plan, person, question.code, rng))
        result = finish(plan, answers, person=SYNTHETIC)
        lengths.append((result.statements, result.items, result.seconds))
        tested = sorted({int(plan.compiled.element_of_unit[unit]) for unit in plan.item_unit})
        adaptive.take(result.tested, "elements", person.elements, tested)
        self_rated = boasted if person.boast else rated
        self_rated.take(
            result.self_rated, "units", person.units, list(range(len(plan.compiled.units)))
        )
        drawn = rng.choice(len(plan.items), size=result.items, replace=False)
        others = [answer(plan, person, plan.items[place].code, rng) for place in drawn]
        random.take(
            finish(plan, others, person=SYNTHETIC).tested, "elements", person.elements, tested
        )
    statements, items, seconds = np.mean(lengths, axis=0)
    print(f"\n{name}: {persons} synthetic persons, seed {SEED}")
    print(
        f"  mean length     {statements:.1f} statements, {items:.1f} items, {seconds / 60:.1f} min"
    )
    print(f"  tested, adaptive {adaptive}")
    print(f"  tested, random   {random}")
    print(f"  RMSE adaptive / random of equal length: {adaptive.rmse / random.rmse:.3f}")
    print(f"  self-rated units, honest       {rated}")
    print(f"  self-rated units, 0.8 too high {boasted}")
    print(
        f"  next_question: median {1e3 * statistics.median(times):.2f} ms, "
        f"p99 {1e3 * float(np.quantile(times, 0.99)):.2f} ms, "
        f"{len(plan.items)} items and {len(plan.statements)} statements"
    )


def main() -> None:
    persons = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    scheme: str | Scheme = read_scheme(sys.argv[2]) if len(sys.argv) > 2 else "default"
    simulate("Quarter of an hour (default settings)", persons, Settings(), scheme)
    longer = Settings(budget_seconds=1500, statement_share=0.4)
    simulate("25 minutes", persons, longer, scheme)
    by_information = Settings(criterion="expected-information")
    simulate("Quarter of an hour, by information", persons, by_information, scheme)


if __name__ == "__main__":
    main()
