"""`liangcai link`: a new calibration on the scale of an old one."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liangcai.cli.measure_options import LanguageOption, listed
from liangcai.cli.measure_output import (
    Answer,
    check_output,
    deliver,
    document_of,
    records_of,
    report_of,
)
from liangcai.cli.measure_parameters import ParameterFile, read_parameters, require_like_scores
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
    from liangcai.measurement.linking.errors import LinkError
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
        from liangcai.measurement.results import encode

        target, source = read_parameters(old), read_parameters(new)
        found, drift, stable = _linked(source, target, method, listed(common), drop)
        error = _error(source, target, found, method)
        results = tuple(one for one in (found, error, drift, stable) if one is not None)
        document = _document(found, error, drift, stable)
        if output is not None and output.suffix.lower() == ".json":
            write_json(encode(_moved(source, found, old.name)), output)
            typer.echo(str(output), err=True)
            output = None
        shown = (drift, *(one for one in results if one is not drift))
        deliver(
            Answer(shown, document, report_of(_TITLE, results, language)),
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


def _error(
    source: ParameterFile, target: ParameterFile, found: "Link", method: Method
) -> "LinkError | None":
    """Return what the choice of common items leaves unsure, None with too few to tell."""
    from liangcai.measurement.linking.criteria import LinkUndefined
    from liangcai.measurement.linking.errors import item_link_error

    here = source.items.select(source.items.positions(found.item))
    try:
        return item_link_error(
            here,
            target.items,
            method=method.value,
            slope=found.slope if found.slope_kept else None,
        )
    except LinkUndefined:
        return None


def _document(
    found: "Link", error: "LinkError | None", drift: "AnchorDrift", stable: "StableLink | None"
) -> dict[str, Any]:
    errors = (None, None) if error is None else error.se.tolist()
    return document_of(found) | {
        "A": found.slope,
        "B": found.intercept,
        "se": dict(zip(("A", "B"), errors, strict=True)),
        "drift": records_of(drift),
        "dropped": [] if stable is None else stable.to_json()["dropped"],
    }


def _moved(source: ParameterFile, found: "Link", old: str) -> dict[str, Any]:
    """Return the JSON of the new calibration, or of its items alone, on the old scale."""
    from liangcai.measurement.linking.moved import calibration_moved

    if source.calibration is None:
        return {"items": found.transformation.items(source.items).to_json()}
    return calibration_moved(source.calibration, found, to=old).to_json()
