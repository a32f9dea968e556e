"""What a self-assessment leaves: evidence records, an indicative profile, and what is still to be shown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.grading.encode import Encoder, ProfileKind
from liangcai.grading.evidence import EvidenceFile, ItemResponse, Person, SelfRating
from liangcai.grading.profiles import Profile, profiles
from liangcai.grading.self_assessment_plan import Plan
from liangcai.grading.self_assessment_standing import (
    Answer,
    Given,
    read_answers,
    unit_likelihoods,
)
from liangcai.kernel.text import LocalizedText
from liangcai.measurement.arrays import Array
from liangcai.measurement.fractional.curves import curves_at
from liangcai.measurement.fractional.observation import as_one_observation
from liangcai.measurement.grid import normalise
from liangcai.measurement.scales import CUT_SCORE, location_of_even_odds
from liangcai.standard.model import Method

_FEWEST_TRIALS = 0.1

METHODS: dict[Method, LocalizedText] = {
    "exam": LocalizedText(zh="考试", en="examination"),
    "lab": LocalizedText(zh="实操", en="practical lab"),
    "portfolio": LocalizedText(zh="业绩材料评审", en="review of work"),
    "defence": LocalizedText(zh="答辩", en="defence"),
    "observation": LocalizedText(zh="现场观察", en="observation at work"),
    "feedback": LocalizedText(zh="多方反馈", en="feedback from others"),
}


@dataclass(frozen=True, slots=True)
class EvidenceWay:
    """A component of the standard's evaluation that would give evidence, and by which methods."""

    component: str
    title: LocalizedText
    methods: tuple[Method, ...]
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissingEvidence:
    """A unit that nothing tested, and how to get evidence for it, in data and in words."""

    unit: str
    ways: tuple[EvidenceWay, ...]
    text: LocalizedText


@dataclass(frozen=True, slots=True)
class SelfAssessmentResult:
    """The outcome of a self-assessment. It is indicative whatever it says: never a decision.

    `tested` rests on the knowledge answers, `self_rated` on the statements; the two are never
    mixed. `seconds` is the expected duration of what was answered.
    """

    plan_hash: str
    evidence: EvidenceFile
    tested: Profile
    self_rated: Profile
    missing: tuple[MissingEvidence, ...]
    statements: int
    items: int
    seconds: int
    indicative: bool = True


def finish(plan: Plan, answers: Sequence[Answer], *, person: Person) -> SelfAssessmentResult:
    """Return what the answers so far amount to; a person may stop at any question.

    The records bear the plan's date and its hash as their source, and are synthetic if the person is.

    Raises:
        UnknownQuestion, AnsweredTwice, InvalidAnswer: the answers are not this plan's.
        UnknownKey, RepeatedKey, TooManyKeys: a response does not fit its item.

    """
    statements, items = read_answers(plan, answers)
    records = (
        *_self_ratings(plan, statements, synthetic=person.synthetic),
        *_item_responses(plan, items, synthetic=person.synthetic),
    )
    evidence = EvidenceFile(person=person, standard=plan.standard.code, records=records)
    settings = plan.settings
    seconds = (
        statements.places.size * settings.statement_seconds
        + items.places.size * settings.item_seconds
    )
    return SelfAssessmentResult(
        plan_hash=plan.hash,
        evidence=evidence,
        tested=_profile(plan, evidence, "tested"),
        self_rated=_profile(plan, evidence, "self"),
        missing=_missing(plan, {plan.items[place].unit for place in items.places.tolist()}),
        statements=int(statements.places.size),
        items=int(items.places.size),
        seconds=int(seconds),
    )


def _profile(plan: Plan, evidence: EvidenceFile, kind: ProfileKind) -> Profile:
    encoded = Encoder(plan.compiled, kind).encode([evidence])
    people = [(evidence.person.id, evidence.is_synthetic)]
    return next(profiles(plan.compiled, encoded, people, kind))


def _record_id(plan: Plan, code: str) -> str:
    return f"self-assessment-{plan.hash.removeprefix('sha256:')[:12]}-{code}"


def _source(plan: Plan) -> str:
    return f"self-assessment, plan {plan.hash}"


def _self_ratings(plan: Plan, given: Given, *, synthetic: bool) -> list[SelfRating]:
    """Return one record per unit: what its statements say, as a score of a level with its error.

    The level is one that was asked about, the score and the error those of the single rating whose
    log-likelihood is closest to that of the unit's answers.
    """
    likelihoods, asked = unit_likelihoods(plan.statement_pool, plan.statement_unit, given)
    units = plan.statement_unit[given.places]
    records = []
    for unit, likelihood in zip(asked.tolist(), likelihoods, strict=True):
        places = given.places[units == unit].tolist()
        rank, score, se = _as_rating(plan, likelihood, {plan.statements[p].rank for p in places})
        code = plan.compiled.units[unit]
        records.append(
            SelfRating(
                id=_record_id(plan, code),
                kind="self-rating",
                units=(code,),
                level=plan.compiled.levels[rank],
                source=_source(plan),
                date=plan.on.isoformat(),
                conditions="self-administered",
                synthetic=synthetic,
                score=score,
                se=se,
            )
        )
    return records


def _as_rating(plan: Plan, likelihood: Array, ranks: set[int]) -> tuple[int, float, float]:
    """Return level rank, score and error (points) of the rating that says what the answers say."""
    compiled, scale = plan.compiled, plan.compiled.scheme.scale
    log_prior = -0.5 * compiled.grid.nodes**2 / (1.0 + scale.unit_spread.value**2)
    mass = normalise((likelihood + log_prior)[None, :])[0]
    found = {}
    for rank in sorted(ranks):
        middle = float(location_of_even_odds(compiled.locations[rank], slope=scale.slope))
        curve = curves_at(np.array([[scale.slope, middle, 0.0]]), compiled.grid.nodes)
        found[rank] = as_one_observation(likelihood, mass, curve)
    rank = min(found, key=lambda place: (round(found[place].misfit, 9), place))
    cut, trials = CUT_SCORE / 100.0, max(found[rank].trials, _FEWEST_TRIALS)
    se = 100.0 * math.sqrt(cut * (1.0 - cut) / trials)
    return rank, round(100.0 * found[rank].share, 1), round(min(max(se, 0.1), 50.0), 1)


def _item_responses(plan: Plan, given: Given, *, synthetic: bool) -> list[ItemResponse]:
    """Return one record per answered item with the parameters that chose it; marks, not fractions."""
    records = []
    for place, share in zip(given.places.tolist(), given.shares[:, 1].tolist(), strict=True):
        item, (a, b, c) = plan.items[place], plan.item_parameters[place]
        marks = len(item.correct_keys)
        records.append(
            ItemResponse(
                id=_record_id(plan, item.code),
                kind="item-response",
                units=(item.unit,),
                level=item.level,
                source=_source(plan),
                date=plan.on.isoformat(),
                conditions="self-administered",
                synthetic=synthetic,
                item=item.code,
                score=round(share * marks),
                max_score=marks,
                options=len(item.options),
                a=a,
                b=b,
                c=c,
            )
        )
    return records


def _missing(plan: Plan, tested: set[str]) -> tuple[MissingEvidence, ...]:
    return tuple(_how_to_show(plan, unit) for unit in plan.compiled.units if unit not in tested)


def _how_to_show(plan: Plan, unit: str) -> MissingEvidence:
    ways = tuple(
        EvidenceWay(part.code, part.title, part.methods, part.levels)
        for part in plan.standard.evaluation
        if unit in part.units
    )
    title = plan.standard.unit(unit).title
    if not ways:
        zh = f"“{title.zh}”尚无测评佐证；该标准没有评价该单元的环节。"
        en = (
            f"Nothing has tested “{title.en}” yet; the standard has no evaluation component for it."
        )
    else:
        zh_ways = "；".join(
            f"{way.title.zh}（{'、'.join(METHODS[method].zh for method in way.methods)}）"
            for way in ways
        )
        en_ways = "; ".join(
            f"{way.title.en} ({', '.join(METHODS[method].en for method in way.methods)})"
            for way in ways
        )
        zh = f"“{title.zh}”尚无测评佐证，可通过以下方式取得：{zh_ways}。"
        en = f"Nothing has tested “{title.en}” yet. Evidence can come from: {en_ways}."
    return MissingEvidence(unit, ways, LocalizedText(zh=zh, en=en))
