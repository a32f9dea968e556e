"""`liangcai dif`: items that function differently in groups of equal ability."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liangcai.cli.measure_files import read_responses
from liangcai.cli.measure_options import (
    ItemsOption,
    LanguageOption,
    MissingCodesOption,
    OutputOption,
    PersonOption,
    ResponsesArgument,
    WeightsOption,
    listed,
)
from liangcai.cli.measure_output import (
    Answer,
    check_output,
    code_of,
    deliver,
    document_of,
    report_of,
    write_note,
)
from liangcai.cli.measure_progress import waiting
from liangcai.cli.output import WRONG_USAGE, Format, FormatOption, Lang, answering, fail

if TYPE_CHECKING:
    from liangcai.measurement.fairness.likelihood_ratio import LikelihoodRatioDif
    from liangcai.measurement.fairness.purification import Purification
    from liangcai.measurement.report.dif import Dif
    from liangcai.measurement.responses.matrix import Responses

_TITLE = {Lang.zh: "题目功能差异报告", Lang.en: "Report on differential item functioning"}


class Method(StrEnum):
    """How items are compared."""

    mh = "mh"
    logistic = "logistic"
    lr = "lr"


class MatchingScore(StrEnum):
    """Whether an item counts in its own matching score."""

    total = "total"
    rest = "rest"


class Adjust(StrEnum):
    """How p-values allow for many items."""

    none = "none"
    holm = "holm"
    bh = "benjamini-hochberg"


def dif(
    path: ResponsesArgument,
    *,
    group: Annotated[str, typer.Option(help="The column that names the person's group.")],
    focal: Annotated[str, typer.Option(help="The group that may be at a disadvantage.")],
    reference: Annotated[
        str, typer.Option(help="The group to compare with; else the other one of two.")
    ] = "",
    method: Annotated[
        Method, typer.Option(help="Mantel–Haenszel, logistic regression, likelihood ratio.")
    ] = Method.mh,
    purify: Annotated[
        bool, typer.Option("--purify", help="Match again without flagged items, in rounds.")
    ] = False,
    matching: Annotated[
        MatchingScore, typer.Option(help="Match by the total, or by the rest of the items.")
    ] = MatchingScore.total,
    anchors: Annotated[
        str, typer.Option(help="The items that match persons, with commas; else all.")
    ] = "",
    model: Annotated[str, typer.Option(help="The model of --method lr.")] = "2pl",
    level: Annotated[float, typer.Option(help="The level of significance.")] = 0.05,
    adjust: Annotated[Adjust, typer.Option(help="The adjustment for many items.")] = Adjust.none,
    person: PersonOption = None,
    weights: WeightsOption = None,
    items: ItemsOption = "",
    missing_codes: MissingCodesOption = "",
    format: FormatOption = Format.text,  # noqa: A002  (the option's name)
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Find items that are harder for one group than for another at equal ability."""
    check_output(output)
    if method is Method.lr and matching is MatchingScore.rest:
        fail("--method lr matches by ability: --matching has no meaning there", code=WRONG_USAGE)
    with answering(format):
        responses = read_responses(
            path,
            person=person,
            group=group,
            weights=weights,
            items=listed(items),
            missing_codes=listed(missing_codes),
        )
        base = reference or _other_group(responses, focal)
        screen = (
            _by_likelihood(responses, base, focal, model=model, level=level, adjust=adjust)
            if method is Method.lr
            else _by_matching(responses, base, focal, method, matching, level=level, adjust=adjust)
        )
        with waiting("分析题目功能差异" if language is Lang.zh else "Comparing groups"):
            found, purification = _screened(screen, responses, listed(anchors), purify=purify)
        if purification is not None and purification.stop != "stable":
            write_note(
                f"警告：净化没有稳定（{purification.stop}）",
                f"WARNING: purification did not settle ({purification.stop})",
                language,
            )
        deliver(
            _answer(found, purification, language), format=format, output=output, language=language
        )


Screen = Callable[[tuple[str, ...]], "Dif | LikelihoodRatioDif"]


def _other_group(responses: "Responses", focal: str) -> str:
    from liangcai.measurement.fairness.comparison import GroupsUnclear

    others = [name for name in responses.group_names if name != focal]
    if len(others) != 1 or len(others) == len(responses.group_names):
        raise GroupsUnclear(
            f"groups are {', '.join(responses.group_names)}: name the focal one with --focal "
            "and the one to compare with with --reference"
        )
    return others[0]


def _by_matching(
    responses: "Responses",
    reference: str,
    focal: str,
    method: Method,
    matching: MatchingScore,
    *,
    level: float,
    adjust: Adjust,
) -> Screen:
    from liangcai.measurement.fairness.logistic import logistic_dif
    from liangcai.measurement.fairness.mantel_haenszel import mantel_haenszel
    from liangcai.measurement.fairness.matching import Matching
    from liangcai.measurement.fairness.polytomous import polytomous_dif

    two_scores = bool((responses.highest_scores() <= 1).all())
    compared: Callable[..., Dif] = logistic_dif
    if method is Method.mh:
        compared = mantel_haenszel if two_scores else polytomous_dif

    def screen(anchors: tuple[str, ...]) -> "Dif":
        return compared(
            responses,
            reference=reference,
            focal=focal,
            matching=Matching(
                anchors, studied="included" if matching is MatchingScore.total else "excluded"
            ),
            level=level,
            adjustment=adjust.value,
        )

    return screen


def _by_likelihood(
    responses: "Responses", reference: str, focal: str, *, model: str, level: float, adjust: Adjust
) -> Screen:
    import numpy as np

    from liangcai.measurement.calibration.models import model_named
    from liangcai.measurement.fairness.calibrated_fit import calibrated_fit
    from liangcai.measurement.fairness.comparison import compare
    from liangcai.measurement.fairness.likelihood_ratio import likelihood_ratio_dif

    place = compare(responses, reference=reference, focal=focal).place
    pair = responses.select_persons(np.flatnonzero(place >= 0))
    fit = calibrated_fit(model_named(model))

    def screen(anchors: tuple[str, ...]) -> "LikelihoodRatioDif":
        return likelihood_ratio_dif(
            pair, fit, anchors=anchors, level=level, adjustment=adjust.value
        )

    return screen


def _screened(
    screen: Screen, responses: "Responses", anchors: list[str] | None, *, purify: bool
) -> "tuple[Dif | LikelihoodRatioDif, Purification | None]":
    from liangcai.measurement.fairness.purification import purified

    names = responses.items if anchors is None else tuple(anchors)
    if not purify:
        return screen(names), None
    return purified(screen, names)


def _answer(
    found: "Dif | LikelihoodRatioDif", purification: "Purification | None", language: Lang
) -> Answer:
    from liangcai.measurement.fairness.likelihood_ratio import LikelihoodRatioDif

    others = () if purification is None else (purification,)
    document: dict[str, Any] = document_of(found) | {
        "flagged_items": list(found.flagged_items()),
        "purification": None if purification is None else document_of(purification),
    }

    def report() -> str:
        from liangcai.measurement.report.dif import dif_report

        if isinstance(found, LikelihoodRatioDif):
            return report_of(_TITLE, [found, *others], language)()
        return dif_report(found, others=others, language=code_of(language))

    return Answer((found, *others), document, report)
