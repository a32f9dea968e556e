"""`liangcai link`: a new calibration on the scale of an old one."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liangcai.cli.measure_files import ParameterFile, read_parameters, require_like_scores
from liangcai.cli.measure_options import LanguageOption, listed
from liangcai.cli.measure_output import (
    Answer,
    check_output,
    deliver,
    document_of,
    records_of,
    report_of,
)
from liangcai.cli.output import (
    WRONG_USAGE,
    Format,
    FormatOption,
    Lang,
    answering,
    fail,
    write_json,
)

if TYPE_CHECKING:
    from liangcai.measurement.linking.drift import AnchorDrift, StableLink
    from liangcai.measurement.linking.link import Link

_TITLE = {Lang.zh: "链接报告", Lang.en: "Report on a link"}


class Method(StrEnum):
    """How slope and intercept are found."""

    stocking_lord = "stocking-lord"
    haebara = "haebara"
    mean_sigma = "mean-sigma"
    mean_mean = "mean-mean"


class Rule(StrEnum):
    """By which statistic common items that drifted are left out."""

    rmsd = "rmsd"
    robust_z = "robust-z"
    perpendicular = "perpendicular"


def link(
    old: Annotated[Path, typer.Argument(help="The calibration whose scale is kept (JSON).")],
    new: Annotated[Path, typer.Argument(help="The calibration to bring to that scale (JSON).")],
    *,
    method: Annotated[Method, typer.Option(help="The linking method.")] = Method.stocking_lord,
    common: Annotated[
        str, typer.Option(help="The common items, with commas; else all of equal name.")
    ] = "",
    drop: Annotated[
        Rule | None, typer.Option(help="Leave out items that drifted, one at a time, by this rule.")
    ] = None,
    format: FormatOption = Format.text,  # noqa: A002  (the option's name)
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help=".json: NEW on OLD's scale; .csv: drift; .html: a report."
        ),
    ] = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Link two calibrations by their common items: theta on OLD's scale = A · theta + B."""
    check_output(output)
    if drop is not None and common:
        fail("--drop chooses among all common items: leave --common out", code=WRONG_USAGE)
    with answering(format):
        target, source = read_parameters(old), read_parameters(new)
        found, drift, stable = _linked(source, target, method, listed(common), drop)
        results = tuple(one for one in (found, drift, stable) if one is not None)
        document = _document(found, drift, stable)
        if output is not None and output.suffix.lower() == ".json":
            write_json(_transformed(source, found, old.name), output)
            typer.echo(str(output), err=True)
            output = None
        tables = (drift, found, *results[2:])
        deliver(
            Answer(tables, document, report_of(_TITLE, results, language)),
            format=format,
            output=output,
            language=language,
        )


def _linked(
    source: ParameterFile,
    target: ParameterFile,
    method: Method,
    common: list[str] | None,
    drop: Rule | None,
) -> "tuple[Link, AnchorDrift, StableLink | None]":
    from liangcai.measurement.linking.drift import anchor_drift, link_stable_anchors
    from liangcai.measurement.linking.link import link as linked

    here, there = source.items, target.items
    for name in set(here.names) & set(there.names):
        require_like_scores(name, source.scores.get(name), target.scores.get(name))
    if drop is None:
        found = linked(here, there, method=method.value, common=common)
        chosen = here.select(here.positions(found.item))
        return found, anchor_drift(chosen, there, found), None
    stable = link_stable_anchors(here, there, rule=drop.value, method=method.value)
    return stable.link, anchor_drift(here, there, stable.link), stable


def _document(found: "Link", drift: "AnchorDrift", stable: "StableLink | None") -> dict[str, Any]:
    return document_of(found) | {
        "A": found.slope,
        "B": found.intercept,
        "drift": records_of(drift),
        "dropped": [] if stable is None else stable.to_json()["dropped"],
    }


def _transformed(source: ParameterFile, found: "Link", old: str) -> dict[str, Any]:
    """Return the new calibration's JSON on the old scale; the link counts as known without error."""
    turn = found.transformation
    if source.calibration is None:
        return {"items": turn.items(source.items).to_json()}
    from liangcai.measurement.results import encode

    calibration = source.calibration
    # An intercept of a nominal item moves with its slope: without their covariance its error is unknown.
    errors = calibration.standard_errors
    if errors is not None:
        import numpy as np

        nominal = np.array([model == "nominal" for model in source.items.models])[:, None]
        errors = replace(
            errors,
            a=errors.a / turn.slope,
            b=np.where(nominal, np.nan, errors.b * turn.slope),
            category_slopes=errors.category_slopes / turn.slope,
        )
    groups = tuple(
        replace(
            one,
            mean=float(turn.of(one.mean)),
            sd=one.sd * turn.slope,
            mean_se=None if one.mean_se is None else one.mean_se * turn.slope,
            sd_se=None if one.sd_se is None else one.sd_se * turn.slope,
        )
        for one in calibration.groups
    )
    moved = replace(
        calibration,
        items=turn.items(calibration.items),
        group_items=tuple(turn.items(items) for items in calibration.group_items),
        standard_errors=errors,
        groups=groups,
        method=f"{calibration.method}; brought to the scale of {old} by {found.method}",
        source=f"{calibration.source}; {found.source}",
    )
    document: dict[str, Any] = encode(moved)  # type: ignore[assignment]  # an object's JSON form
    return document
