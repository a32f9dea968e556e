"""`liangcai raters`: severity, fit and effects of raters by the many-facet Rasch model."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liangcai.cli.measure_files import TextTable, read_table
from liangcai.cli.measure_options import LanguageOption, OutputOption
from liangcai.cli.measure_output import Answer, check_output, code_of, deliver, document_of
from liangcai.cli.measure_progress import waiting
from liangcai.cli.output import Format, FormatOption, Lang, answering

if TYPE_CHECKING:
    from liangcai.measurement.facets.ratings import Ratings

app = typer.Typer(no_args_is_help=True, help="Measure raters by the many-facet Rasch model.")


@app.callback()
def raters() -> None:
    """Measure raters by the many-facet Rasch model."""


class Method(StrEnum):
    """Marginal or joint maximum likelihood."""

    mml = "mml"
    jml = "jml"


class Steps(StrEnum):
    """One rating scale for all items, or steps of each item's own."""

    rsm = "rsm"
    pcm = "pcm"


class Disconnected(StrEnum):
    """What to do where no person links all elements."""

    refuse = "refuse"
    subsets = "subsets"
    population = "population"


@app.command()
def fit(
    path: Annotated[Path, typer.Argument(help="Ratings, CSV or Parquet: one row a rating.")],
    *,
    person: Annotated[str, typer.Option(help="The column that names who was rated.")] = "person",
    item: Annotated[str, typer.Option(help="The column of tasks or criteria.")] = "item",
    rater: Annotated[str, typer.Option(help="The column of raters.")] = "rater",
    score: Annotated[str, typer.Option(help="The column of scores from 0.")] = "score",
    facet: Annotated[
        list[str] | None, typer.Option(help="The column of a further facet; repeatable.")
    ] = None,
    method: Annotated[
        Method, typer.Option(help="Marginal or joint maximum likelihood.")
    ] = Method.mml,
    steps: Annotated[
        Steps, typer.Option(help="One rating scale, or steps of each item's own.")
    ] = Steps.rsm,
    disconnected: Annotated[
        Disconnected, typer.Option(help="What to do with a design that falls apart.")
    ] = Disconnected.refuse,
    format: FormatOption = Format.text,  # noqa: A002  (the option's name)
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Fit the many-facet Rasch model: severities, difficulties, persons, fit and rater effects."""
    check_output(output)
    with answering(format):
        from liangcai.measurement.facets.effects import rater_effects
        from liangcai.measurement.facets.fit import element_fit
        from liangcai.measurement.facets.model import ManyFacet
        from liangcai.measurement.facets.persons import person_measures
        from liangcai.measurement.facets.separation import separation_of

        table = read_table(path)
        ratings = _ratings(table, person, [item, rater, *(facet or [])], score)
        model = ManyFacet(
            steps=item if steps is Steps.pcm else None,
            disconnected=disconnected.value,
            estimation="marginal" if method is Method.mml else "joint",
        )
        with waiting("校准评分员" if language is Lang.zh else "Calibrating raters"):
            found = model.fit(ratings)
            fitted = element_fit(found, ratings)
            persons = person_measures(found, ratings)
            separation = separation_of(found, persons)
            effects = rater_effects(found, ratings, facet=rater)
        if not found.converged:
            text = f"警告：估计没有收敛，数值不应使用。原因：{found.ended}"
            if language is Lang.en:
                text = f"WARNING: not converged; do not use these numbers. Because: {found.ended}"
            typer.secho(text, fg=typer.colors.RED, bold=True, err=True)

        def report() -> str:
            from liangcai.measurement.report.raters import raters_report

            return raters_report(
                found,
                fit=fitted,
                rater=rater,
                others=[separation, effects],
                language=code_of(language),
            )

        document = {
            "converged": found.converged,
            "calibration": document_of(found),
            "fit": document_of(fitted),
            "separation": document_of(separation),
            "rater_effects": document_of(effects),
            "persons": document_of(persons),
        }
        deliver(
            Answer((found, fitted, separation, effects, persons), document, report),
            format=format,
            output=output,
            language=language,
        )


def _ratings(table: TextTable, person: str, facets: list[str], score: str) -> "Ratings":
    import numpy as np

    from liangcai.measurement.facets.ratings import ratings_of
    from liangcai.measurement.responses.faults import ResponsesUnreadable

    columns = [person, *facets, score]
    if len(set(columns)) < len(columns):
        raise ResponsesUnreadable("a column has two roles", file=table.file, line=1)
    scores = table.numbers(score)
    for row, value in enumerate(scores):
        if value < 0 or value % 1 > 0:  # NaN, a missing score, is neither
            raise table.fault(f"{value:g} is no whole score from 0", row, score)
    return ratings_of(
        np.array(table.labels(person)),
        {name: np.array(table.labels(name)) for name in facets},
        np.array(scores),
    )
