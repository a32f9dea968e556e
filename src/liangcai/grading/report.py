"""A decision or a profile as a person reads it, in one language: the page and the PDF say the same.

decision_report(record, standard, scheme, language="zh", name="…", on="2026-11-23") -> Report
profile_report(profile, standard, scheme, language="en", self_rated=…) -> Report
Report.as_data()      what `publishing/templates/grade_report.typ` is filled with
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from liangcai.grading.gap import STANDINGS, Gap, UnitGap, gap_to, next_level
from liangcai.grading.profiles import AbilityEstimate, Profile
from liangcai.grading.report_charts import Chart, Table, charts_of
from liangcai.grading.report_summary import profile_sureness, profile_verdict
from liangcai.grading.report_tables import component_titles, components_table, levels_table
from liangcai.grading.report_words import Words
from liangcai.grading.rounding import percent_in_words
from liangcai.grading.scheme import Scheme
from liangcai.kernel.text import LocalizedText
from liangcai.standard import Standard

#: Below this probability of being right a decision is called borderline.
BORDERLINE = 0.8
_MARKS = {True: "✓", False: "✗", None: "·"}
_EMPTY = Table((), ())


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the rule trace."""

    mark: str
    met: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class GapGroup:
    """The units that stand in one way to the level: (code, title, sentence) each."""

    standing: str
    title: str
    units: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Every sentence, table and chart of a report; parts that do not apply are empty.

    `titles` has the heading of each part by its name.
    """

    language: str
    title: str
    subtitle: str
    person: str
    banner: str
    verdict: str
    sureness: str
    notices: tuple[str, ...]
    titles: Mapping[str, str]
    components: Table
    levels: Table
    reasons: tuple[Reason, ...]
    changes: tuple[str, ...]
    gaps: tuple[GapGroup, ...]
    charts_note: str
    table_note: str
    charts: tuple[Chart, ...]
    hashes: tuple[tuple[str, str], ...]
    footer: str

    @property
    def profile(self) -> Table:
        """The tables of all charts as one."""
        head = self.charts[0].table.head if self.charts else ()
        return Table(head, tuple(row for chart in self.charts for row in chart.table.rows))

    def as_data(self) -> dict[str, Any]:
        """Return what the report's template is filled with."""
        table = self.profile
        return {
            "language": self.language,
            "title": self.title,
            "subtitle": self.subtitle,
            "person": self.person,
            "banner": self.banner,
            "verdict": self.verdict,
            "sureness": self.sureness,
            "notices": list(self.notices),
            "titles": dict(self.titles),
            "components": _as_lists(self.components),
            "levels": _as_lists(self.levels),
            "reasons": [{"mark": r.mark, "met": r.met, "text": r.text} for r in self.reasons],
            "changes": list(self.changes),
            "gaps": [
                {"title": group.title, "units": [list(unit) for unit in group.units]}
                for group in self.gaps
            ],
            "charts_note": self.charts_note,
            "table_note": self.table_note,
            "charts": [{"title": chart.title, "svg": chart.svg} for chart in self.charts],
            "profile": _as_lists(table),
            "hashes": [list(pair) for pair in self.hashes],
            "footer": self.footer,
        }


def decision_report(
    record: Mapping[str, Any],
    standard: Standard,
    scheme: Scheme,
    *,
    language: str,
    name: str = "",
    on: str = "",
    indicative: bool = False,
) -> Report:
    """Return the report of a decision's JSON form (`Decision.as_record()`).

    `standard` and `scheme` are those that it names; `name` and `on` (a date) are shown as they are.
    """
    words = Words(language)
    profile = _profile_of(record, standard, scheme)
    return Report(
        language=words.language,
        title=words("indication" if indicative else "decision"),
        subtitle=_subtitle(standard, words, on),
        person=name or str(record["person"]),
        banner=words("synthetic") if record["synthetic"] else "",
        verdict=_verdict(record, standard, words),
        sureness=_sureness(record, standard, words),
        notices=(
            *_notices(standard, scheme, words, indicative=indicative),
            words("reading"),
        ),
        titles=_titles(words),
        components=components_table(record, standard, words),
        levels=levels_table(record, standard, words),
        reasons=tuple(
            Reason(_MARKS[step["met"]], step["met"], step[words.language])
            for step in record["trace"]
        ),
        changes=tuple(_changes(record, standard, scheme, words)),
        gaps=(),
        charts_note=words("charts-note", percent=round(100 * profile.interval)),
        table_note=words("table-note"),
        charts=charts_of(profile, standard, scheme, words),
        hashes=(
            (words("hash-decision"), record["hash"]),
            (words("hash-evidence"), record["evidence"]["hash"]),
            *_sources(standard, scheme, words),
        ),
        footer=words("footer"),
    )


def profile_report(
    profile: Profile,
    standard: Standard,
    scheme: Scheme,
    *,
    language: str,
    name: str = "",
    on: str = "",
    self_rated: Profile | None = None,
    level: str | None = None,
    pilot: bool = False,
    evidence_hash: str = "",
) -> Report:
    """Return the report of a profile: estimates, self-ratings apart, and the gap to a level.

    `level` is the target (None: the next one), `pilot` says that uncalibrated items were used.
    KeyError if the profile has no such level.
    """
    words = Words(language)
    gap = gap_to(profile, standard, scheme, level or next_level(profile))
    target = words.of(standard.level(gap.level).label)
    note = words("charts-note", percent=round(100 * profile.interval))
    if self_rated is not None:
        note = f"{note} {words('charts-self')}"
    return Report(
        language=words.language,
        title=words("profile"),
        subtitle=_subtitle(standard, words, on),
        person=name or profile.person,
        banner=words("synthetic") if profile.synthetic else "",
        verdict=profile_verdict(gap, target, words),
        sureness=profile_sureness(gap, standard, words, self_rated=self_rated),
        notices=_notices(standard, scheme, words, indicative=True, pilot=pilot),
        titles=_titles(words),
        components=_EMPTY,
        levels=_EMPTY,
        reasons=(),
        changes=(),
        gaps=_gap_groups(gap, words),
        charts_note=note,
        table_note=words("table-note"),
        charts=charts_of(profile, standard, scheme, words, self_rated=self_rated),
        hashes=(
            *(((words("hash-evidence"), evidence_hash),) if evidence_hash else ()),
            *_sources(standard, scheme, words),
        ),
        footer=words("footer"),
    )


def _titles(words: Words) -> dict[str, str]:
    names = ["components", "levels", "reasons", "changes", "gap", "charts", "table", "hashes"]
    return {name: words(name) for name in names}


def _subtitle(standard: Standard, words: Words, on: str) -> str:
    parts = [words.of(standard.title), standard.version, on]
    return " · ".join(part for part in parts if part)


def _notices(
    standard: Standard, scheme: Scheme, words: Words, *, indicative: bool, pilot: bool = False
) -> tuple[str, ...]:
    shown = [words("indicative")] if indicative else []
    shown += [words("pilot")] if pilot else []
    return (*shown, words.of(standard.notice), words.of(scheme.notice))


def _sources(standard: Standard, scheme: Scheme, words: Words) -> tuple[tuple[str, str], ...]:
    return (
        (words("hash-standard", name=f"{standard.code} {standard.version}"), standard.hash),
        (words("hash-scheme", name=f"{scheme.code} {scheme.version}"), scheme.hash),
    )


def _verdict(record: Mapping[str, Any], standard: Standard, words: Words) -> str:
    if record["state"] == "graded":
        return words.of(standard.level(record["level"]).label)
    return words(record["state"])


def _sureness(record: Mapping[str, Any], standard: Standard, words: Words) -> str:
    chance = record["probability_correct"]
    if chance is None:
        return words("sure-not-enough-evidence")
    right = min(99, max(1, round(100 * chance)))
    level = words.of(standard.level(record["level"]).label) if record["level"] else ""
    if record["level"] is None and not any(part["open"] for part in record["levels"]):
        return words("sure-not-eligible")
    text = words(
        "sure-at-least" if _is_open_ended(record) else f"sure-{record['state']}",
        percent=percent_in_words(chance),
        right=right,
        wrong=100 - right,
        level=level,
    )
    if chance < BORDERLINE:
        text += ("" if words.language == "zh" else " ") + words("borderline")
    return text


def _is_open_ended(record: Mapping[str, Any]) -> bool:
    """Whether a level was earned and there are higher ones, none of which could be judged."""
    codes = [part["level"] for part in record["levels"]]
    above = record["levels"][codes.index(record["level"]) + 1 :] if record["level"] else ()
    return bool(above) and not any(part["open"] for part in above)


def _changes(
    record: Mapping[str, Any], standard: Standard, scheme: Scheme, words: Words
) -> Iterator[str]:
    titles = component_titles(standard) | {"total": LocalizedText(zh="加权总分", en="the total")}
    margin, following = record["smallest_margin"], record["next_level"]
    if margin is not None:
        name = words.of(titles[margin["code"]])
        yield words("margin", name=name, points=f"{margin['points']:g}")
    if following is not None:
        level = words.of(standard.level(following["level"]).label)
        rules = next(rules for rules in scheme.levels if rules.level == following["level"])
        names = titles | {part.code: part.text for part in rules.eligibility}
        for gap in following["missing"]:
            kind = (
                "missing"
                if gap["missing"] is not None or gap["kind"] == "eligibility"
                else "unseen"
            )
            missing = gap["missing"]
            shown = "" if missing is None else _enough(missing, gap["kind"])
            name = words.of(names[gap["code"]])
            yield words(f"{kind}-{gap['kind']}", level=level, name=name, missing=shown)
    elif record["level"] is not None:
        yield words("top")
    for reason, count in sorted(Counter(part["reason"] for part in record["ignored"]).items()):
        yield words(f"ignored-{reason}", count=count)


def _enough(missing: float, kind: str) -> str:
    """Return what is missing, rounded up: points to one decimal, shares to whole percent."""
    if kind == "unit-share":
        return str(math.ceil(round(100 * missing, 6)))
    return f"{math.ceil(round(10 * missing, 6)) / 10:g}"


def _gap_groups(gap: Gap, words: Words) -> tuple[GapGroup, ...]:
    return tuple(
        GapGroup(
            standing,
            words(f"standing-{standing}"),
            tuple(
                (part.unit.code, words.of(part.unit.title), _gap_sentence(part, words))
                for part in gap.of(standing)
            ),
        )
        for standing in STANDINGS
        if gap.of(standing)
    )


def _gap_sentence(part: UnitGap, words: Words) -> str:
    return words(
        f"gap-{part.standing}",
        percent=words.percent(part.chance).rstrip("% "),
        short=f"{part.short_by:.2f}",
        ways=words.listed(part.ways) or words("no-way"),
    )


def _profile_of(record: Mapping[str, Any], standard: Standard, scheme: Scheme) -> Profile:
    levels = tuple(level.code for level in standard.levels_upwards())

    def estimate(noun: str, part: Mapping[str, Any]) -> AbilityEstimate:
        low, high = part["interval"]
        return AbilityEstimate(
            code=part[noun],
            estimate=part["estimate"],
            se=part["se"],
            interval=(low, high),
            meets=tuple(part["meets"][level] for level in levels),
            records=part["records"],
            state=part["state"],
            basis=part["basis"],
        )

    return Profile(
        person=record["person"],
        kind="tested",
        levels=levels,
        interval=scheme.profile.interval,
        units=tuple(estimate("unit", part) for part in record["profile"]),
        elements=tuple(estimate("element", part) for part in record["elements"]),
        synthetic=record["synthetic"],
    )


def _as_lists(table: Table) -> dict[str, list[Any]]:
    return {"head": list(table.head), "rows": [list(row) for row in table.rows]}
