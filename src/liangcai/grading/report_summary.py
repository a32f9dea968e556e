"""The first sentences of a profile: what can be judged already, and what a person says of themselves."""

from liangcai.grading.gap import STANDINGS, Gap
from liangcai.grading.profiles import AbilityEstimate, Profile
from liangcai.grading.report_words import Words
from liangcai.standard import Standard


def profile_verdict(gap: Gap, target: str, words: Words) -> str:
    """Return the headline: how many units are likely reached, or that nothing can be judged yet."""
    total, unknown = len(gap.units), len(gap.of("unknown"))
    if unknown == total:
        return words("gap-verdict-unknown", level=target)
    return words("gap-verdict", level=target, total=total, reached=len(gap.of("reached")))


def profile_sureness(
    gap: Gap, standard: Standard, words: Words, *, self_rated: Profile | None
) -> str:
    """Return the sentences below it: the other counts, then where the self-ratings lie."""
    counts = {standing: len(gap.of(standing)) for standing in STANDINGS}
    if counts["unknown"] == len(gap.units):
        first = words("gap-sureness-unknown", total=len(gap.units))
    else:
        first = words("gap-sureness", **counts)
    own = "" if self_rated is None else _own_word(self_rated, standard, words)
    return ("" if words.language == "zh" else " ").join(part for part in (first, own) if part)


def _own_word(self_rated: Profile, standard: Standard, words: Words) -> str:
    rated = [part for part in self_rated.elements if part.basis == "own"]
    if not rated:
        return ""
    names = [
        words("self-element", name=words.of(standard.element(part.code).title), level=level)
        for part in rated
        for level in [_level_in_words(part, self_rated.levels, standard, words)]
    ]
    return words("self-summary", elements=words.joined(names))


def _level_in_words(
    part: AbilityEstimate, levels: tuple[str, ...], standard: Standard, words: Words
) -> str:
    """Return the highest level that the self-rating more likely meets than not."""
    met = [level for level, chance in zip(levels, part.meets, strict=True) if chance >= 0.5]
    label = words.of(standard.level(met[-1] if met else levels[0]).label)
    return label if met else words("self-below", level=label)
