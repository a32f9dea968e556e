"""`liangcai score`: an ability and its standard error for every person."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liangcai.cli.measure_files import header_of, read_responses
from liangcai.cli.measure_options import (
    GroupOption,
    LanguageOption,
    MissingCodesOption,
    OutputOption,
    ParametersOption,
    PersonOption,
    ResponsesArgument,
    listed,
)
from liangcai.cli.measure_output import (
    Answer,
    check_output,
    deliver,
    report_of,
    write_note,
)
from liangcai.cli.measure_parameters import ParameterFile, read_parameters
from liangcai.cli.output import Format, FormatOption, Lang, answering

if TYPE_CHECKING:
    from liangcai.measurement.responses.matrix import Responses
    from liangcai.measurement.scoring.persons import PersonScores

_TITLE = {Lang.zh: "个人得分报告", Lang.en: "Report on person scores"}


class Method(StrEnum):
    """How an ability is estimated."""

    eap = "eap"
    map = "map"
    mle = "mle"
    wle = "wle"


def score(
    path: ResponsesArgument,
    parameters: ParametersOption,
    *,
    method: Annotated[Method, typer.Option(help="The estimate.")] = Method.eap,
    person: PersonOption = None,
    group: GroupOption = None,
    missing_codes: MissingCodesOption = "",
    prior_mean: Annotated[
        float | None, typer.Option(help="The prior's mean; else the calibration's, else 0.")
    ] = None,
    prior_sd: Annotated[
        float | None, typer.Option(help="The prior's deviation; else the calibration's, else 1.")
    ] = None,
    format: FormatOption = Format.text,  # noqa: A002  (the option's name)
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Score persons by calibrated items: theta and its standard error, in logits."""
    check_output(output)
    with answering(format):
        from liangcai.measurement.scoring.persons import score as scored
        from liangcai.measurement.scoring.recoding import as_categories

        known = read_parameters(parameters)
        responses = read_responses(
            path,
            person=person,
            group=group,
            items=_items_in(path, known, {person, group}, language),
            missing_codes=listed(missing_codes),
        )
        means, deviations = _prior(known, responses, language)
        found = scored(
            as_categories(responses, known.scores),
            known.items,
            method=method.value,
            prior_mean=means if prior_mean is None else prior_mean,
            prior_sd=deviations if prior_sd is None else prior_sd,
        )
        _state_prior(found, responses.group_names, method, language)
        answer = Answer((found,), _records(found), report_of(_TITLE, [found], language))
        deliver(answer, format=format, output=output, language=language)


def _items_in(
    path: Path, known: ParameterFile, taken: set[str | None], language: Lang
) -> list[str]:
    """Return the file's columns that are calibrated items, and say which others are passed over."""
    from liangcai.measurement.scoring.likelihood import ItemsUnmatched

    header, names = header_of(path), set(known.items.names)
    items = [name for name in header if name in names and name not in taken]
    if not items:
        some = ", ".join(known.items.names[:5])
        raise ItemsUnmatched(f"{path.name}: no column is a calibrated item (such as {some})")
    others = [name for name in header if name not in names and name not in taken]
    if others:
        some = ", ".join(others[:8]) + (" …" if len(others) > 8 else "")
        write_note(
            f"未使用的列（参数文件中没有）：{some}",
            f"columns passed over, for they are no calibrated items: {some}",
            language,
        )
    return items


def _prior(
    known: ParameterFile, responses: "Responses", language: Lang
) -> tuple[float | Sequence[float], float | Sequence[float]]:
    """Return mean and deviation of the prior: each group's own, the first group's, or 0 and 1."""
    from liangcai.measurement.fairness.comparison import GroupsUnclear

    if not known.groups:
        return 0.0, 1.0
    if responses.groups is None or len(known.groups) == 1:
        first = known.groups[0]
        if len(known.groups) > 1:
            write_note(
                f"未给出 --group：所有人使用“{first.name}”组的分布",
                f"no --group: everybody has the density of group {first.name}",
                language,
            )
        return first.mean, first.sd
    by_name = {one.name: one for one in known.groups}
    strange = [name for name in responses.group_names if name not in by_name]
    if strange:
        raise GroupsUnclear(
            f"group {strange[0]!r} was not calibrated; there are {', '.join(by_name)}: "
            "leave --group out, or give --prior-mean and --prior-sd"
        )
    chosen = [by_name[name] for name in responses.group_names]
    return [one.mean for one in chosen], [one.sd for one in chosen]


def _state_prior(
    found: "PersonScores", groups: tuple[str, ...], method: Method, language: Lang
) -> None:
    if method not in {Method.eap, Method.map}:
        return
    names = groups or ("",)
    held = zip(found.prior_mean, found.prior_sd, strict=True)
    densities = dict(zip(names, held, strict=False))
    said = "; ".join(
        f"{name + ': ' if name else ''}N({mean:.4g}, {sd:.4g}²)"
        for name, (mean, sd) in densities.items()
    )
    write_note(f"先验分布：{said}", f"prior: {said}", language)


def _records(found: "PersonScores") -> list[dict[str, Any]]:
    """Return one record a person; theta and se are null where no finite number exists."""
    import numpy as np

    names = found.columns()["person"]
    numbers = [
        [value if np.isfinite(value) else None for value in column.tolist()]
        for column in (found.theta, found.se)
    ]
    beside = (found.answered.tolist(), found.extreme.tolist())
    keys = ("person", "theta", "se", "answered", "extreme")
    return [dict(zip(keys, row, strict=True)) for row in zip(names, *numbers, *beside, strict=True)]
