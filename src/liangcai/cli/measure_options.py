"""The options that commands of measurement share, and how their texts become values."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from liangcai.cli.output import WRONG_USAGE, Lang, fail

LanguageOption = Annotated[
    Lang,
    typer.Option(
        "--language", "--lang", envvar="LIANGCAI_LANG", help="Language of texts and reports."
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Also write a file: .json, .csv or .html (a report)."),
]
ResponsesArgument = Annotated[
    Path, typer.Argument(help="Responses, CSV or Parquet: one row a person, one column an item.")
]
PersonOption = Annotated[str | None, typer.Option(help="The column that names the person.")]
WeightsOption = Annotated[
    str | None, typer.Option(help="The column of frequencies: a row stands for so many persons.")
]
GroupOption = Annotated[str | None, typer.Option(help="The column that names the person's group.")]
ItemsOption = Annotated[
    str, typer.Option(help="The columns that are items, with commas; else all without a role.")
]
MissingCodesOption = Annotated[
    str, typer.Option("--missing-codes", help="Codes that mean not asked, with commas: 9,99.")
]
ParametersOption = Annotated[
    Path, typer.Option("--parameters", help="A calibration's JSON, or any JSON with its items.")
]
SeedOption = Annotated[int, typer.Option(min=0, help="The seed of chance: same seed, same result.")]


class MissingRule(StrEnum):
    """What becomes of missing scores in classical statistics."""

    complete = "complete"
    pairwise = "pairwise"
    zero = "zero"


class Summary(StrEnum):
    """How the cuts of a panel's judges become one."""

    mean = "mean"
    median = "median"
    trimmed = "trimmed"


def listed(text: str) -> list[str] | None:
    """Return the names in a text with commas, None where it is empty."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    return names or None


def pairs(entries: list[str], option: str) -> dict[str, str]:
    """Return NAME=VALUE entries by name; anything else is wrong usage."""
    found: dict[str, str] = {}
    for entry in entries:
        name, equals, value = entry.rpartition("=")
        if not (name and equals and value):
            fail(f"{option} {entry}: write it as NAME=VALUE", code=WRONG_USAGE)
        if name in found:
            fail(f"{option} {entry}: {name} is given twice", code=WRONG_USAGE)
        found[name] = value
    return found
