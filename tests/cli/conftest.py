"""The command line of measurement, run in this process, its JSON read strictly."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from liangcai.cli import app


@pytest.fixture
def run() -> Callable[..., Result]:
    """Run a command; whatever it was not meant to raise is raised here."""

    def runs(*words: object, code: int = 0) -> Result:
        result = CliRunner().invoke(app, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return runs


@pytest.fixture
def run_json(run: Callable[..., Result]) -> Callable[..., Any]:
    """Run a command with `--format json` and return its one document; NaN and Infinity are no JSON."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    def runs(*words: object, code: int = 0) -> Any:
        result = run(*words, "--format", "json", code=code)
        return json.loads(result.stdout, parse_constant=refuse)

    return runs


@pytest.fixture
def examples() -> Path:
    """The folder of example data."""
    return Path(__file__).parents[2] / "examples" / "measurement"
