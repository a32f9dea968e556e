"""`liangcai setcut`: cut scores from the judgements of a panel."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from liangcai.cli.measure_cut_output import deliver_cut
from liangcai.cli.measure_cut_tables import (
    category_codes,
    cell_codes,
    cell_shares,
    judge_rows,
    masters_of,
    wide_judgements,
)
from liangcai.cli.measure_files import read_table
from liangcai.cli.measure_options import (
    LanguageOption,
    OutputOption,
    ParametersOption,
    Summary,
    listed,
)
from liangcai.cli.measure_output import check_output
from liangcai.cli.measure_parameters import read_parameters
from liangcai.cli.output import WRONG_USAGE, Format, FormatOption, Lang, answering, fail

app = typer.Typer(no_args_is_help=True, help="Set cut scores from the judgements of a panel.")

JudgeOption = Annotated[str, typer.Option(help="The column that names the judge.")]
SummaryOption = Annotated[Summary, typer.Option(help="How the judges' cuts become one.")]
ScoreOption = Annotated[str, typer.Option(help="The column of scores.")]


class Judged(StrEnum):
    """What judges were asked about each item."""

    share = "share"
    percent = "percent"
    yes_no = "yes-no"
    points = "points"


class At(StrEnum):
    """Where beside a bookmark the cut lies."""

    last_mastered = "last-mastered"
    midpoint = "midpoint"
    first_missed = "first-missed"


class Guessing(StrEnum):
    """Whether the response probability includes guessing."""

    kept = "kept"
    removed = "removed"


class Curve(StrEnum):
    """The curves that divide masters from others."""

    logistic = "logistic"
    normal = "normal"
    kernel = "kernel"


class Borderline(StrEnum):
    """The middle of the borderline group, or regression on grades."""

    regression = "regression"
    group = "group"


@app.command()
def angoff(
    path: Annotated[Path, typer.Argument(help="One row a judge, one column an item.")],
    *,
    judge: JudgeOption = "judge",
    judged: Annotated[Judged, typer.Option(help="What was asked of each item.")] = Judged.share,
    highest: Annotated[
        str, typer.Option(help="The items' points: one number, or one each with commas.")
    ] = "1",
    summary: SummaryOption = Summary.mean,
    format: FormatOption = Format.text,  # noqa: A002  (the option's name)
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Angoff: judges say how a borderline person would do on each item."""
    check_output(output)
    try:
        points = [float(one) for one in listed(highest) or [highest]]
    except ValueError:
        fail(f"--highest {highest}: write numbers with commas", code=WRONG_USAGE)
    with answering(format):
        from liangcai.measurement.standard_setting.angoff import angoff as cut_of

        judges, items, judgements = wide_judgements(read_table(path), judge)
        found = cut_of(
            judgements,
            judged=judged.value,
            highest=points if len(points) > 1 else points[0],
            summary=summary.value,
            judges=judges,
            items=items,
        )
        deliver_cut(found, others=[found.panel], format=format, output=output, language=language)


@app.command()
def bookmark(
    path: Annotated[Path, typer.Argument(help="One row a judge, with the page of the bookmark.")],
    *,
    parameters: ParametersOption,
    judge: JudgeOption = "judge",
    page: Annotated[str, typer.Option(help="The column of pages, from 1.")] = "page",
    response_probability: Annotated[
        float, typer.Option(help="The probability that counts as mastery.")
    ] = 2.0 / 3.0,
    guessing: Annotated[
        Guessing, typer.Option(help="Whether that probability includes guessing.")
    ] = Guessing.kept,
    at: Annotated[At, typer.Option(help="Where the cut lies.")] = At.last_mastered,
    summary: SummaryOption = Summary.median,
    format: FormatOption = Format.text,  # noqa: A002
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Bookmark: judges mark, in a booklet of items by difficulty, where mastery ends."""
    check_output(output)
    with answering(format):
        from liangcai.measurement.standard_setting.bookmark import bookmark as cut_of
        from liangcai.measurement.standard_setting.bookmark import ordered_item_booklet

        table = read_table(path)
        booklet = ordered_item_booklet(
            read_parameters(parameters).items,
            response_probability=response_probability,
            guessing=guessing.value,
        )
        found = cut_of(
            booklet,
            table.numbers(page),
            at=at.value,
            summary=summary.value,
            judges=table.labels(judge),
        )
        deliver_cut(found, others=[booklet], format=format, output=output, language=language)


@app.command()
def contrasting(
    path: Annotated[Path, typer.Argument(help="One row a person: score and judgement.")],
    *,
    score: ScoreOption = "score",
    master: Annotated[
        str, typer.Option(help="The column that says who is a master: yes or no, 1 or 0.")
    ] = "master",
    curve: Annotated[Curve, typer.Option(help="How the groups are divided.")] = Curve.logistic,
    cost_of_false_positive: Annotated[
        float, typer.Option(help="The cost of passing a non-master.")
    ] = 1.0,
    cost_of_false_negative: Annotated[float, typer.Option(help="The cost of failing a master.")] = (
        1.0
    ),
    share_of_masters: Annotated[
        float | None, typer.Option(help="That of the population; else the sample's.")
    ] = None,
    format: FormatOption = Format.text,  # noqa: A002
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Contrasting groups: the score that best divides masters from others."""
    check_output(output)
    with answering(format):
        from liangcai.measurement.standard_setting.groups import contrasting_groups

        table = read_table(path)
        scores = table.numbers(score)
        found = contrasting_groups(
            scores,
            masters_of(table, master),
            curve=curve.value,
            cost_of_false_positive=cost_of_false_positive,
            cost_of_false_negative=cost_of_false_negative,
            share_of_masters=share_of_masters,
        )
        deliver_cut(found, scores=scores, format=format, output=output, language=language)


@app.command()
def borderline(
    path: Annotated[Path, typer.Argument(help="One row a person (and station): score and grade.")],
    *,
    score: ScoreOption = "score",
    grade: Annotated[str, typer.Option(help="The column of global grades.")] = "grade",
    station: Annotated[str, typer.Option(help="The column of stations; else one station.")] = "",
    borderline: Annotated[str, typer.Option("--borderline", help="The grade that is borderline.")],
    method: Annotated[
        Borderline, typer.Option(help="Regression on numeric grades, or the group's middle.")
    ] = Borderline.regression,
    summary: Annotated[
        Summary, typer.Option(help="Of the borderline group: median or mean.")
    ] = Summary.median,
    format: FormatOption = Format.text,  # noqa: A002
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Borderline regression or borderline group: cuts from persons judged by examiners."""
    check_output(output)
    if method is Borderline.group and (station or summary is Summary.trimmed):
        fail("--method group knows no --station and no trimmed mean", code=WRONG_USAGE)
    with answering(format):
        from liangcai.measurement.standard_setting.borderline import (
            borderline_group,
            borderline_regression,
        )

        table = read_table(path)
        scores = table.numbers(score)
        if method is Borderline.group:
            grades = table.labels(grade)
            members = [
                one for one, given in zip(scores, grades, strict=True) if given == borderline
            ]
            group = borderline_group(
                members, summary="mean" if summary is Summary.mean else "median"
            )
            deliver_cut(group, scores=scores, format=format, output=output, language=language)
            return
        try:
            wanted = float(borderline)
        except ValueError:
            fail(f"--borderline {borderline}: regression needs a number", code=WRONG_USAGE)
        names, by_station = judge_rows(table, station, {"score": score, "grade": grade})
        regression = borderline_regression(
            by_station["score"], by_station["grade"], borderline=wanted, stations=names
        )
        deliver_cut(regression, scores=scores, format=format, output=output, language=language)


@app.command()
def ebel(
    path: Annotated[
        Path, typer.Argument(help="One row a judge and item: judge, item, difficulty, relevance.")
    ],
    *,
    shares: Annotated[
        Path, typer.Option(help="One row a cell (and judge): difficulty, relevance, share.")
    ],
    summary: SummaryOption = Summary.mean,
    format: FormatOption = Format.text,  # noqa: A002
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Ebel: items sorted by difficulty and relevance, a share right for each cell."""
    check_output(output)
    with answering(format):
        from liangcai.measurement.standard_setting.ebel import ebel as cut_of

        grid = cell_shares(read_table(shares))
        sorted_items = cell_codes(read_table(path), grid)
        found = cut_of(
            sorted_items.difficulty,
            sorted_items.relevance,
            shares=grid.of_judges(sorted_items.judges),
            difficulties=grid.difficulties,
            relevances=grid.relevances,
            summary=summary.value,
            judges=sorted_items.judges,
        )
        deliver_cut(found, others=[found.panel], format=format, output=output, language=language)


@app.command("body-of-work")
def body_of_work(
    path: Annotated[
        Path, typer.Argument(help="One row a judge and work: judge, work, score, category.")
    ],
    *,
    categories: Annotated[str, typer.Option(help="The categories, lowest first, with commas.")],
    format: FormatOption = Format.text,  # noqa: A002
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Body of work: judges sort whole collections of work into categories."""
    check_output(output)
    with answering(format):
        from liangcai.measurement.standard_setting.body_of_work import body_of_work as cuts_of

        names = listed(categories) or []
        judges, scores, codes = category_codes(read_table(path), names)
        found = cuts_of(scores, codes, categories=names, judges=judges)
        deliver_cut(found, format=format, output=output, language=language)
