"""The command line: terminal in, terminal out; every command has a library call behind it."""

import sys
from io import TextIOWrapper

import typer

from liangcai.cli import grade as grade_commands
from liangcai.cli import (
    measure_agreement,
    measure_calibrate,
    measure_dif,
    measure_link,
    measure_raters,
    measure_reliability,
    measure_score,
    measure_setcut,
    measure_simulate,
)
from liangcai.cli import server as server_commands
from liangcai.cli import standard as standard_commands
from liangcai.cli.output import INPUT_HAS_ERRORS, Format, FormatOption, answering, write_json

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Liangcai 量才: from a competency standard to a defended grade.",
)
app.add_typer(standard_commands.app, name="standard")
app.command()(grade_commands.grade)
app.command()(measure_calibrate.calibrate)
app.command()(measure_score.score)
app.command()(measure_dif.dif)
app.command()(measure_link.link)
app.command()(measure_reliability.reliability)
app.command()(measure_agreement.agreement)
app.add_typer(measure_raters.app, name="raters")
app.add_typer(measure_setcut.app, name="setcut")
app.add_typer(measure_simulate.app, name="simulate")


@app.command()
def schema(
    name: str = typer.Argument("", help="A document's name; without it, the names are listed."),
    format: FormatOption = Format.json,  # noqa: A002  (the option's name)
) -> None:
    """Print the JSON Schema of a document, or list the documents."""
    from liangcai.kernel.schemas import json_schema, schema_names

    with answering(format):
        if name:
            write_json(json_schema(name))
        elif format is Format.json:
            write_json(list(schema_names()))
        else:
            typer.echo("\n".join(schema_names()))


@app.command()
def version(format: FormatOption = Format.text) -> None:  # noqa: A002
    """Print the version."""
    from liangcai import __version__

    if format is Format.json:
        write_json({"version": __version__})
    else:
        typer.echo(__version__)


server_commands.register(app)


def main() -> None:
    """Run the command line; what `liangcai` in the terminal calls."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a character the terminal lacks is shown escaped
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except OSError as error:  # a full disk, a device that is gone
        sys.stderr.write(f"liangcai: {error}\n")
        sys.exit(INPUT_HAS_ERRORS)
