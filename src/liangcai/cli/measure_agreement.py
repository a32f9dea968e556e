"""`liangcai agreement`: how far raters of the same works agree, with intervals."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liangcai.cli.measure_files import TextTable, read_table
from liangcai.cli.measure_options import LanguageOption, OutputOption, SeedOption, listed
from liangcai.cli.measure_output import (
    Answer,
    check_output,
    deliver,
    document_of,
    report_of,
    write_note,
)
from liangcai.cli.measure_progress import waiting
from liangcai.cli.output import Format, FormatOption, Lang, answering

if TYPE_CHECKING:
    from liangcai.measurement.agreement.coefficient import Bootstrap
    from liangcai.measurement.results import Result

_TITLE = {Lang.zh: "评分一致性报告", Lang.en: "Report on agreement"}


class Scale(StrEnum):
    """What a difference of two ratings means to Krippendorff's α."""

    nominal = "nominal"
    ordinal = "ordinal"
    interval = "interval"
    ratio = "ratio"


def agreement(
    path: Annotated[
        Path, typer.Argument(help="Ratings, CSV or Parquet: one row a work, one column a rater.")
    ],
    *,
    person: Annotated[str, typer.Option(help="The column that names the work or person.")] = "",
    raters: Annotated[
        str, typer.Option(help="The columns of raters, with commas; else all others.")
    ] = "",
    scale: Annotated[
        Scale | None, typer.Option(help="For α; else ordinal for numbers, nominal for texts.")
    ] = None,
    categories: Annotated[
        str, typer.Option(help="The categories of texts in order, with commas.")
    ] = "",
    level: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="The intervals' confidence.")
    ] = 0.95,
    replications: Annotated[
        int, typer.Option(min=50, help="Bootstrap replications of persons.")
    ] = 2000,
    seed: SeedOption = 1,
    format: FormatOption = Format.text,  # noqa: A002  (the option's name)
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Measure agreement: κ, quadratic weighted κ, Krippendorff's α and ICC, with bootstrap intervals."""
    check_output(output)
    with answering(format):
        import numpy as np

        from liangcai.measurement.agreement.coefficient import Bootstrap

        table = read_table(path)
        columns = _rater_columns(table, person, listed(raters))
        ratings, numeric = _ratings(table, columns)

        def bootstrap() -> Bootstrap:
            # A generator of its own for each, so that none depends on which others exist.
            return Bootstrap(np.random.default_rng(seed), replications=replications, level=level)

        wanted = _coefficients(ratings, numeric=numeric, scale=scale, categories=listed(categories))
        with waiting("计算一致性" if language is Lang.zh else "Measuring agreement"):
            found = _existing(wanted, bootstrap)
        for name, reason in found.undefined.items():
            write_note(f"没有 {name}：{reason}", f"no {name}: {reason}", language)
        for name, reason in found.without_interval.items():
            write_note(f"{name} 没有区间：{reason}", f"no interval of {name}: {reason}", language)
        document = {
            "raters": columns,
            **{name: document_of(result) for name, result in found.results.items()},
            "undefined": found.undefined,
            "without_interval": found.without_interval,
        }
        results = tuple(found.results.values())
        deliver(
            Answer(results, document, report_of(_TITLE, results, language)),
            format=format,
            output=output,
            language=language,
        )


def _rater_columns(table: TextTable, person: str, raters: list[str] | None) -> list[str]:
    from liangcai.measurement.agreement.ratings import RatingsInvalid

    for name in ([person] if person else []) + (raters or []):
        table.texts(name)
    columns = raters or [name for name in table.columns if name != person]
    if len(columns) < 2:
        raise RatingsInvalid(
            f"{table.file}: agreement needs two raters' columns or more, not {len(columns)}"
        )
    return columns


def _ratings(table: TextTable, columns: list[str]) -> tuple[Any, bool]:
    """Return persons × raters: numbers where every cell is one, else texts."""
    import numpy as np

    from liangcai.measurement.responses.faults import ResponsesUnreadable

    try:
        return np.array([table.numbers(name) for name in columns]).T, True
    except ResponsesUnreadable:
        return np.array([table.texts(name) for name in columns], dtype=object).T, False


#: A coefficient by name: with the bootstrap, or without.
Wanted = dict[str, Callable[["Bootstrap | None"], "Result"]]


def _coefficients(
    ratings: Any, *, numeric: bool, scale: Scale | None, categories: list[str] | None
) -> Wanted:
    from liangcai.measurement.agreement.exact import exact_agreement
    from liangcai.measurement.agreement.intraclass import intraclass_correlation
    from liangcai.measurement.agreement.kappa import cohen_kappa, fleiss_kappa
    from liangcai.measurement.agreement.krippendorff import Level, krippendorff_alpha

    level: Level = scale.value if scale else "ordinal" if numeric or categories else "nominal"
    named: list[object] | None = None if categories is None or numeric else list(categories)
    ordered = numeric or named is not None
    wanted: Wanted = {}
    if ratings.shape[1] == 2:
        first, second = ratings.T
        wanted["kappa"] = lambda b: cohen_kappa(first, second, categories=named, bootstrap=b)
        if ordered:
            wanted["quadratic_kappa"] = lambda b: cohen_kappa(
                first, second, weights="quadratic", categories=named, bootstrap=b
            )
        wanted["exact"] = lambda _: exact_agreement(first, second, categories=named)
    else:
        wanted["kappa"] = lambda b: fleiss_kappa(ratings, categories=named, bootstrap=b)
        if ordered:
            wanted["quadratic_kappa"] = lambda b: fleiss_kappa(
                ratings, weights="quadratic", categories=named, bootstrap=b
            )
    wanted["alpha"] = lambda b: krippendorff_alpha(
        ratings, level=level, categories=named, bootstrap=b
    )
    if numeric:
        wanted["icc"] = lambda b: intraclass_correlation(ratings, bootstrap=b)
    return wanted


@dataclass(frozen=True, slots=True)
class _Found:
    """The coefficients that exist, and why others, or the intervals of some, do not."""

    results: dict[str, "Result"]
    undefined: dict[str, str]
    without_interval: dict[str, str]


def _existing(wanted: Wanted, bootstrap: Callable[[], "Bootstrap"]) -> _Found:
    from liangcai.measurement.agreement.ratings import AgreementUndefined, RatingsInvalid

    found = _Found({}, {}, {})
    for name, compute in wanted.items():
        try:
            found.results[name] = compute(bootstrap())
        except (AgreementUndefined, RatingsInvalid) as error:
            try:
                found.results[name] = compute(None)
            except (AgreementUndefined, RatingsInvalid) as reason:
                found.undefined[name] = str(reason)
                last = reason
            else:
                found.without_interval[name] = str(error)
    if not found.results:
        raise last
    return found
