"""`liangcai simulate`: what a test would do, before anybody sits it."""

from typing import Annotated

import typer

from liangcai.cli.measure_options import (
    LanguageOption,
    OutputOption,
    ParametersOption,
    SeedOption,
    listed,
)
from liangcai.cli.measure_output import Answer, check_output, code_of, deliver, document_of
from liangcai.cli.measure_parameters import read_parameters
from liangcai.cli.measure_progress import waiting
from liangcai.cli.output import WRONG_USAGE, Format, FormatOption, Lang, answering, fail

app = typer.Typer(no_args_is_help=True, help="Simulate tests with calibrated items.")


@app.callback()
def simulate() -> None:
    """Simulate tests with calibrated items."""


@app.command()
def cat(
    *,
    parameters: ParametersOption,
    persons: Annotated[int, typer.Option(min=1, help="How many persons.")] = 1000,
    seed: SeedOption = 1,
    mean: Annotated[float, typer.Option(help="The mean of true abilities, in logits.")] = 0.0,
    sd: Annotated[float, typer.Option(min=0.0, help="Their standard deviation.")] = 1.0,
    stop_se: Annotated[
        float | None, typer.Option(min=0.0, help="Stop at this standard error.")
    ] = None,
    max_items: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many items; else the whole pool.")
    ] = None,
    among: Annotated[
        int, typer.Option(min=1, help="Choose at random among so many best items.")
    ] = 1,
    cuts: Annotated[
        str, typer.Option(help="Cut scores in logits, with commas, to count right decisions.")
    ] = "",
    format: FormatOption = Format.text,  # noqa: A002  (the option's name)
    output: OutputOption = None,
    language: LanguageOption = Lang.zh,
) -> None:
    """Simulate adaptive tests: accuracy by ability, length, use of the pool."""
    check_output(output)
    limits = _cuts(cuts)
    with answering(format):
        import numpy as np

        from liangcai.measurement.adaptive.design import Design
        from liangcai.measurement.adaptive.item_pool import item_pool
        from liangcai.measurement.adaptive.report import report
        from liangcai.measurement.adaptive.simulation import simulate as simulated
        from liangcai.measurement.adaptive.stopping import AnyOf, Length, Precision

        pool = item_pool(read_parameters(parameters).items)
        length = Length(min(max_items or pool.count, pool.count))
        design = Design(
            pool,
            length if stop_se is None else AnyOf((Precision(stop_se), length)),
            among=among,
        )
        rng = np.random.default_rng(seed)
        truth = rng.normal(mean, sd, persons)
        with waiting("模拟" if language is Lang.zh else "Simulating"):
            found = report(design, simulated(design, theta=truth, rng=rng), cuts=limits)

        def html() -> str:
            from liangcai.measurement.report.adaptive import cat_report

            return cat_report(found, language=code_of(language))

        deliver(
            Answer((found,), document_of(found), html),
            format=format,
            output=output,
            language=language,
        )


def _cuts(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(cut) for cut in listed(text) or [])
    except ValueError:
        fail(f"--cuts {text}: write numbers with commas", code=WRONG_USAGE)
