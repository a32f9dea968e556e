"""Evidence in, decisions out: the batch engine behind every grade."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from liangcai.grading.compiled import ABILITY_GRID, Compiled, compile_scheme
from liangcai.grading.decision import Decision
from liangcai.grading.eligibility import eligibility_met
from liangcai.grading.encode import Encoded, Encoder, ProfileKind
from liangcai.grading.evidence import EvidenceFile
from liangcai.grading.fingerprint import hash_of
from liangcai.grading.levels import judge
from liangcai.grading.profiles import Profile, profiles
from liangcai.grading.results import DecisionState, LevelResult, Sources
from liangcai.grading.rounding import CHANCE_DECIMALS, rounded_one
from liangcai.grading.scheme import Scheme
from liangcai.grading.scheme_read import load_scheme
from liangcai.measurement.fractional.ability import Abilities, weighted_likelihood
from liangcai.measurement.fractional.curves import curves_at
from liangcai.standard import Standard

#: Persons per block: large enough for matrix products, small enough for the cache.
_BLOCK = 64


def decide(
    standard: Standard, evidence: EvidenceFile, scheme: str | Scheme = "default"
) -> Decision:
    """Return the highest level whose every condition the evidence meets, or none, with reasons.

    Raises:
        EvidenceMismatch: the evidence is for another standard or names parts it lacks.
        SchemeNotFound: the standard's package has no scheme of this code.
        SchemeInvalid: that scheme has errors.
        SchemeMismatch: the scheme does not fit the standard.

    """
    return decide_batch(standard, (evidence,), scheme)[0]


def decide_batch(
    standard: Standard, evidences: Sequence[EvidenceFile], scheme: str | Scheme = "default"
) -> tuple[Decision, ...]:
    """Return a decision for each person, equal to the one that `decide` gives for them alone.

    Raises:
        EvidenceMismatch, SchemeNotFound, SchemeInvalid, SchemeMismatch: as in `decide`.

    """
    chosen = scheme if isinstance(scheme, Scheme) else load_scheme(scheme, standard=standard)
    compiled = compile_scheme(standard, chosen)
    sources = Sources(standard, chosen, standard.hash, chosen.hash)
    encoder = Encoder(compiled, deciding=True)
    with _collector_held_back():
        return tuple(
            decision
            for block in _blocks(evidences)
            for decision in _decide_block(compiled, encoder, sources, block)
        )


def profile_of(
    standard: Standard,
    evidence: EvidenceFile,
    scheme: str | Scheme = "default",
    *,
    kind: ProfileKind = "tested",
) -> Profile:
    """Return a person's profile from tested evidence, or (kind "self") from self-ratings alone.

    Raises:
        EvidenceMismatch, SchemeNotFound, SchemeInvalid, SchemeMismatch: as in `decide`.

    """
    chosen = scheme if isinstance(scheme, Scheme) else load_scheme(scheme, standard=standard)
    compiled = compile_scheme(standard, chosen)
    encoded = Encoder(compiled, kind).encode((evidence,))
    return next(profiles(compiled, encoded, [_who(evidence)], kind))


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: DecisionState
    level: str | None
    probability_correct: float | None


def _decide_block(
    compiled: Compiled, encoder: Encoder, sources: Sources, block: Sequence[EvidenceFile]
) -> Iterator[Decision]:
    encoded = encoder.encode(block)
    eligibility = [eligibility_met(compiled.rules, evidence) for evidence in block]
    judged = judge(compiled, encoded, _component_abilities(compiled, encoded), eligibility)
    found = profiles(compiled, encoded, [_who(evidence) for evidence in block], "tested")
    for index, (evidence, levels, profile) in enumerate(
        zip(block, judged.results, found, strict=True)
    ):
        outcome = _outcome(levels, judged.reach[index].tolist())
        decision = Decision(
            person=evidence.person.id,
            state=outcome.state,
            level=outcome.level,
            probability_correct=outcome.probability_correct,
            levels=levels,
            profile=profile,
            ignored=encoded.ignored[index],
            evidence_hash=evidence.hash,
            sources=sources,
            hash="",
        )
        yield replace(decision, hash=hash_of(decision))


def _component_abilities(compiled: Compiled, encoded: Encoded) -> Abilities:
    """Return persons × components of Warm estimates; NaN where nothing was observed."""
    shape = (encoded.persons, len(compiled.components))
    theta, se = np.full(shape, np.nan), np.full(shape, np.nan)
    seen, key = encoded.by_component(shape[1])
    if key.size:
        curves = curves_at(encoded.parameters, ABILITY_GRID.nodes)
        found = weighted_likelihood(seen, curves, ABILITY_GRID)
        theta.flat[key], se.flat[key] = found.theta, found.se
    return Abilities(theta, se)


def _outcome(levels: tuple[LevelResult, ...], reach: list[float]) -> _Outcome:
    met = [index for index, level in enumerate(levels) if level.met]
    if not met and not any(level.is_covered() for level in levels):
        return _Outcome("not-enough-evidence", None, None)
    chances = [1.0, *reach, 0.0]
    decided = met[-1] if met else -1
    probability = rounded_one(chances[decided + 1] - chances[decided + 2], CHANCE_DECIMALS)
    if not met:
        return _Outcome("no-level-met", None, probability)
    return _Outcome("graded", levels[decided].level, probability)


@contextmanager
def _collector_held_back() -> Iterator[None]:
    """Spare a batch the search for garbage: it makes many small objects that live on, and no cycle.

    Whoever finds the collector running starts it again, so it is never left off by overlapping calls.
    """
    was_running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_running:
            gc.enable()


def _blocks(evidences: Sequence[EvidenceFile]) -> Iterator[Sequence[EvidenceFile]]:
    for start in range(0, len(evidences), _BLOCK):
        yield evidences[start : start + _BLOCK]


def _who(evidence: EvidenceFile) -> tuple[str, bool]:
    return evidence.person.id, evidence.is_synthetic
