"""The tables of a decision's report."""

from collections.abc import Mapping
from typing import Any

from liangcai.grading.report_charts import Table
from liangcai.grading.report_words import Words
from liangcai.kernel.text import LocalizedText
from liangcai.standard import Standard


def components_table(record: Mapping[str, Any], standard: Standard, words: Words) -> Table:
    """Return the components of the decided level: score, cut and how sure each is."""
    titles = component_titles(standard)
    keys = ("component", "weight", "score", "cut", "met", "records", "accuracy", "consistency")
    dash = words("none")
    rows = []
    for part in record["components"]:
        if not part["weight"]:
            continue
        score = dash if part["score"] is None else f"{part['score']:.2f} ± {part['se']:.1f}"
        rows.append(
            (
                words.of(titles[part["code"]]),
                f"{part['weight']:g}%",
                score,
                dash if part["cut"] is None else f"{part['cut']:g}",
                dash
                if part["met"] is None or part["score"] is None
                else words("yes" if part["met"] else "no"),
                f"{part['records']} (≥ {part['min_records']})",
                words.percent(part["accuracy"]),
                words.percent(part["consistency"]),
            )
        )
    return Table(tuple(words(key) for key in keys), tuple(rows))


def levels_table(record: Mapping[str, Any], standard: Standard, words: Words) -> Table:
    """Return the levels: reached, not reached or not judged, and how sure."""
    dash = words("none")
    rows = []
    for part in record["levels"]:
        total = dash
        if part["total_cut"] is not None:
            reached = dash if part["total"] is None else f"{part['total']:.2f}"
            total = f"{reached} ({part['total_cut']:g})"
        rows.append(
            (
                words.of(standard.level(part["level"]).label),
                words("yes" if part["met"] else "no" if part["open"] else "unjudged"),
                total,
                words.percent(part["chance"]),
                words.percent(part["accuracy"]),
                words.percent(part["consistency"]),
            )
        )
    keys = ("level", "met", "total", "chance", "accuracy", "consistency")
    return Table(tuple(words(key) for key in keys), tuple(rows))


def component_titles(standard: Standard) -> dict[str, LocalizedText]:
    """Return the titles of the evaluation's components by their codes."""
    return {part.code: part.title for part in standard.evaluation}
