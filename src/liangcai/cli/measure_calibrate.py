"""`liangcai calibrate`: item parameters from responses."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from liangcai.cli.measure_files import read_responses
from liangcai.cli.measure_options import (
    GroupOption,
    ItemsOption,
    LanguageOption,
    MissingCodesOption,
    OutputOption,
    PersonOption,
    ResponsesArgument,
    WeightsOption,
    listed,
    pairs,
)
from liangcai.cli.measure_output import Answer, check_output, code_of, deliver
from liangcai.cli.measure_parameters import read_parameters, require_like_scores
from liangcai.cli.measure_priors import priors_from
from liangcai.cli.measure_progress import waiting
from liangcai.cli.output import (
    INPUT_HAS_ERRORS,
    WRONG_USAGE,
    Format,
    FormatOption,
    Lang,
    answering,
    counts,
    fail,
    verdict,
    write_findings,
    write_json,
)
from liangcai.kernel.findings import Finding

if TYPE_CHECKING:
    from liangcai.measurement.calibration.models import ModelOfItems
    from liangcai.measurement.calibration.priors import Priors
    from liangcai.measurement.calibration.result import Calibration
    from liangcai.measurement.responses.matrix import Responses

_LATENT = ("normal", "histogram")


def calibrate(
    path: ResponsesArgument,
    *,
    model: Annotated[
        str, typer.Option(help="rasch, 1pl, 2pl, 3pl, 4pl, rsm, pcm, gpcm, grm, nominal.")
    ] = "2pl",
    item_model: Annotated[
        list[str] | None, typer.Option(help="NAME=MODEL: another model for one item; repeatable.")
    ] = None,
    points: Annotated[
        int | None, typer.Option(min=3, help="A fixed number of grid points; else it is chosen.")
    ] = None,
    se: Annotated[bool, typer.Option("--se", help="Compute standard errors.")] = False,
    person: PersonOption = None,
    group: GroupOption = None,
    weights: WeightsOption = None,
    items: ItemsOption = "",
    missing_codes: MissingCodesOption = "",
    reference: Annotated[
        str | None, typer.Option(help="The group with mean 0; else the first by name.")
    ] = None,
    prior: Annotated[
        list[str] | None,
        typer.Option(help="slope|difficulty|lower|upper=FORM, such as lower=beta:5,17."),
    ] = None,
    prior_a: Annotated[str, typer.Option(help="Of slopes: lognormal:0,0.5.")] = "",
    prior_b: Annotated[str, typer.Option(help="Of difficulties: normal:0,2.")] = "",
    prior_c: Annotated[str, typer.Option(help="Of lower asymptotes: beta:5,17.")] = "",
    anchors: Annotated[
        Path | None, typer.Option(help="A calibration's JSON; items of its names stay fixed.")
    ] = None,
    latent: Annotated[str, typer.Option(help="The latent density: normal, histogram.")] = "normal",
    max_iterations: Annotated[int, typer.Option(min=1, help="The most iterations.")] = 2000,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads; else as many as there are cores.")
    ] = None,
    format: FormatOption = Format.text,  # noqa: A002  (the option's name)
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Calibrate items: slopes, difficulties and asymptotes from responses, with a certificate of convergence."""
    check_output(output)
    if latent not in _LATENT:
        fail(f"--latent {latent}: choose {' or '.join(_LATENT)}", code=WRONG_USAGE)
    named = {"slope": prior_a, "difficulty": prior_b, "lower": prior_c}
    models = pairs(item_model or [], "--item-model")
    with answering(format):
        from liangcai.measurement.calibration.request import Settings
        from liangcai.measurement.responses.check import check_responses

        chosen = _model(model, models, priors_from(prior or [], named))
        fixed = None if anchors is None else read_parameters(anchors)
        responses = read_responses(
            path,
            person=person,
            group=group,
            weights=weights,
            items=listed(items),
            missing_codes=listed(missing_codes),
        )
        _check_names(models, responses)
        findings = check_responses(responses, file=path.name)
        _refuse_errors(findings, path, anchored=fixed is not None, format=format, language=language)
        if format is Format.text:
            write_findings(findings, language, err=True)
        settings = Settings(
            points=points,
            max_iterations=max_iterations,
            workers=workers or os.cpu_count() or 1,
            standard_errors=se,
            latent=latent,
        )
        with waiting("校准" if language is Lang.zh else "Calibrating"):
            found = chosen.fit(
                responses,
                anchors=fixed.items if fixed else None,
                reference=reference,
                settings=settings,
            )
        for name, scores in zip(found.items.names, found.scores, strict=True):
            require_like_scores(name, scores, fixed.scores.get(name) if fixed else None)
        _warn(found, language)
        deliver(
            _answer(found, responses, findings, language),
            format=format,
            output=output,
            language=language,
        )


def _model(name: str, by_item: dict[str, str], priors: "Priors") -> "ModelOfItems":
    from liangcai.measurement.calibration.models import Mixed, model_named

    if by_item:
        return Mixed(priors, models=by_item, default=name)
    return model_named(name, priors=priors)


def _check_names(by_item: dict[str, str], responses: "Responses") -> None:
    from liangcai.measurement.calibration.layout import ModelUnsuitable

    unknown = [name for name in by_item if name not in responses.items]
    if unknown:
        raise ModelUnsuitable(f"--item-model names {unknown[0]!r}, and no item is called so")


def _refuse_errors(
    findings: tuple[Finding, ...],
    path: Path,
    *,
    anchored: bool,
    format: Format,  # noqa: A002
    language: Lang,
) -> None:
    serious = [finding for finding in findings if finding.severity == "error"]
    # Anchors hold items on one scale that no person connects.
    if anchored:
        serious = [finding for finding in serious if finding.rule != "responses.disconnected"]
    if serious:
        _refuse(findings, path, format, language)


def _refuse(
    findings: tuple[Finding, ...],
    path: Path,
    format: Format,  # noqa: A002
    language: Lang,
) -> NoReturn:
    errors, warnings = counts(findings)
    if format is Format.json:
        records = [finding.as_record(language) for finding in findings]
        write_json({"errors": errors, "warnings": warnings, "findings": records})
        raise typer.Exit(INPUT_HAS_ERRORS)
    write_findings(findings, language, err=True)
    fail(verdict(path.name, errors, warnings, language))


def _warn(found: "Calibration", language: Lang) -> None:
    if found.converged:
        return
    because = "; ".join(found.certificate.reasons)
    text = f"警告：估计没有收敛，数值不应使用。原因：{because}"
    if language is Lang.en:
        text = (
            f"WARNING: the calibration did not converge; do not use its numbers. Because: {because}"
        )
    typer.secho(text, fg=typer.colors.RED, bold=True, err=True)


def _answer(
    found: "Calibration", responses: "Responses", findings: tuple[Finding, ...], language: Lang
) -> Answer:
    def report() -> str:
        from liangcai.measurement.report.calibration import calibration_report

        return calibration_report(found, responses, language=code_of(language))

    records = [finding.as_record(language) for finding in findings]
    return Answer((found,), found.to_json() | {"findings": records}, report)
