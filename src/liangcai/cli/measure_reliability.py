"""`liangcai reliability`: classical test theory of one test."""

from typing import Annotated

import typer

from liangcai.cli.measure_files import read_responses
from liangcai.cli.measure_options import (
    ItemsOption,
    LanguageOption,
    MissingCodesOption,
    MissingRule,
    OutputOption,
    PersonOption,
    ResponsesArgument,
    SeedOption,
    WeightsOption,
    listed,
)
from liangcai.cli.measure_output import Answer, check_output, deliver, document_of, report_of
from liangcai.cli.measure_progress import waiting
from liangcai.cli.output import Format, FormatOption, Lang, answering

_TITLE = {Lang.zh: "经典测量分析报告", Lang.en: "Report on classical test analysis"}


def reliability(
    path: ResponsesArgument,
    *,
    missing: Annotated[
        MissingRule | None,
        typer.Option(help="Missing scores: whole rows only, pair by pair, or 0. No default."),
    ] = None,
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="The intervals' confidence.")
    ] = 0.95,
    bootstrap: Annotated[
        int, typer.Option(min=0, help="Replications of a bootstrap of persons; 0: none.")
    ] = 0,
    seed: SeedOption = 1,
    person: PersonOption = None,
    weights: WeightsOption = None,
    items: ItemsOption = "",
    missing_codes: MissingCodesOption = "",
    format: FormatOption = Format.text,  # noqa: A002  (the option's name)
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Estimate α, ω, KR-20, Guttman's bounds and the standard error of measurement, and describe each item."""
    check_output(output)
    with answering(format):
        import numpy as np

        from liangcai.measurement.classical.items import item_analysis
        from liangcai.measurement.classical.reliability import bootstrap_reliability
        from liangcai.measurement.classical.reliability import reliability as reliability_of
        from liangcai.measurement.responses.moments import Missing

        responses = read_responses(
            path,
            person=person,
            weights=weights,
            items=listed(items),
            missing_codes=listed(missing_codes),
        )
        rule: Missing | None = None if missing is None else missing.value
        with waiting("计算信度" if language is Lang.zh else "Estimating reliability"):
            found = (
                bootstrap_reliability(
                    responses,
                    rng=np.random.default_rng(seed),
                    replications=bootstrap,
                    missing=rule,
                    confidence=confidence,
                )
                if bootstrap
                else reliability_of(responses, missing=rule, confidence=confidence)
            )
            analysis = item_analysis(responses, missing=rule)
        document = {"reliability": document_of(found), "item_analysis": document_of(analysis)}
        deliver(
            Answer((found, analysis), document, report_of(_TITLE, [found, analysis], language)),
            format=format,
            output=output,
            language=language,
        )
