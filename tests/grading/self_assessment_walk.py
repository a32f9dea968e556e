"""Plans and simulated people for the tests of the self-assessment."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from liangcai.grading.scheme import Scheme
from liangcai.grading.scheme_read import load_scheme
from liangcai.grading.self_assessment import (
    ANCHORS,
    Answer,
    Plan,
    Question,
    Settings,
    next_question,
    start,
)
from liangcai.items import ItemBank, read_items
from liangcai.kernel.chance import draw
from liangcai.standard import Standard, load_standard

ON = date(2026, 11, 23)
Answerer = Callable[[Plan, str], Answer]


@cache
def standard() -> Standard:
    return load_standard("llm-product-engineer")


@cache
def bank() -> ItemBank:
    return read_items("llm-product-engineer")


@cache
def scheme() -> Scheme:
    return load_scheme("default", standard=standard())


@cache
def plan_for(seed: int = 1, **settings: Any) -> Plan:
    chosen = Settings(**settings)
    return start(standard(), bank(), seed=seed, on=ON, settings=chosen)


def always(anchor: str, *, right: bool) -> Answerer:
    """Return somebody who gives one anchor to all statements and is always right or always wrong."""

    def answer(plan: Plan, code: str) -> Answer:
        if plan.places[code] < len(plan.statements):
            return Answer(code, (anchor,))
        return Answer(code, tuple(bank().item(code).correct_keys) if right else ())

    return answer


def simulated(theta: float, *, seed: int) -> Answerer:
    """Return a synthetic person of one ability in all units who answers as the models say."""

    def answer(plan: Plan, code: str) -> Answer:
        chance = draw(seed, "person", code)
        node = int(np.argmin(np.abs(plan.compiled.grid.nodes - theta)))
        place = plan.places[code]
        if place < len(plan.statements):
            curve = np.exp(plan.statement_pool.log_probability[place, :, node])
            category = min(int((np.cumsum(curve) < chance).sum()), len(ANCHORS) - 1)
            return Answer(code, (ANCHORS[category].key,))
        right = np.exp(plan.item_pool.log_probability[place - len(plan.statements), 1, node])
        return Answer(code, tuple(bank().item(code).correct_keys) if chance < right else ())

    return answer


def walk(plan: Plan, person: Answerer, *, most: int = 200) -> tuple[list[Question], list[Answer]]:
    """Answer until the end (or `most` questions)."""
    questions: list[Question] = []
    answers: list[Answer] = []
    while len(answers) < most and (question := next_question(plan, answers)) is not None:
        questions.append(question)
        answers.append(person(plan, question.code))
    return questions, answers
