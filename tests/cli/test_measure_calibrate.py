"""`liangcai calibrate`: the library's calibration, its contract, and what it says when input is wrong."""

import csv
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rich.progress
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from liangcai.cli.measure_output import csv_of, without_formula
from liangcai.cli.measure_progress import waiting
from liangcai.measurement.calibration.models import GradedResponse, Mixed, ThreeParameter
from liangcai.measurement.calibration.priors import Beta, LogNormal, Priors
from liangcai.measurement.calibration.request import Settings
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.responses.csv_wide import read_responses_csv

Run = Callable[..., Result]
RunJson = Callable[..., Any]


def test_the_documented_keys_are_there(run_json: RunJson, examples: Path) -> None:
    found = run_json("calibrate", examples / "lsat7.csv", "--model", "2pl", "--se")

    assert {"model", "log_likelihood", "converged", "iterations", "persons", "items"} <= set(found)
    assert found["model"] == "2pl"
    assert found["converged"] is True
    assert found["persons"] == 1000
    assert [set(item) for item in found["items"]] == [{"item", "model", "a", "b", "c", "se"}] * 5
    assert isinstance(found["items"][0]["b"], float)
    assert set(found["items"][0]["se"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("words", "log_likelihood", "log_posterior"),
    [
        (("--model", "rasch"), -2664.900891, -2664.900891),
        (("--model", "1pl"), -2664.900891, -2664.900891),
        (("--model", "2pl"), -2658.805114, -2658.805114),
        (("--model", "3pl", "--prior", "lower=normal:-1.1,2"), -2658.674868, -2667.00819),
    ],
)
def test_lsat7_has_the_likelihood_that_r_mirt_finds(
    run_json: RunJson,
    examples: Path,
    words: tuple[str, ...],
    log_likelihood: float,
    log_posterior: float,
) -> None:
    """R mirt 1.47 at its default grid; with a prior its likelihood hangs on the mode, so 2e-3 there."""
    found = run_json("calibrate", examples / "lsat7.csv", *words)

    tolerance = 2e-3 if "--prior" in words else 2e-5
    assert found["log_likelihood"] == pytest.approx(log_likelihood, abs=tolerance)
    assert found["log_posterior"] == pytest.approx(log_posterior, abs=2e-4)


def test_without_se_no_errors_are_computed(run_json: RunJson, examples: Path) -> None:
    found = run_json("calibrate", examples / "lsat7.csv")

    assert all(item["se"] == {} for item in found["items"])
    assert found["certificate"]["maximum"] is None


def test_graded_items_have_a_threshold_a_step(run_json: RunJson, examples: Path) -> None:
    path = examples / "synthetic-graded.csv"

    found = run_json("calibrate", path, "--model", "grm", "--person", "person", "--se")

    wanted = GradedResponse().fit(read_responses_csv(path, person="person"))
    assert Calibration.from_json(found).items.b == pytest.approx(wanted.items.b, abs=1e-9)
    assert all(len(item["b"]) == len(item["se"]["b"]) == 3 for item in found["items"])
    assert all(np.diff(item["b"]).min() > 0 for item in found["items"])


def test_priors_items_of_other_models_and_points_reach_the_library(
    run_json: RunJson, examples: Path
) -> None:
    path = examples / "lsat7.csv"
    priors = Priors(slope=LogNormal(0.0, 0.5), lower=Beta(5.0, 17.0))

    found = run_json(
        "calibrate", path, "--model", "3pl", "--item-model", "item2=rasch", "--points", 41,
        "--prior", "lower=beta:5,17", "--prior-a", "lognormal:0,0.5",
    )  # fmt: skip

    model = Mixed(priors, models={"item2": "rasch"}, default="3pl")
    settings = Settings(standard_errors=False, points=41)
    wanted = model.fit(read_responses_csv(path), settings=settings)
    assert [item["model"] for item in found["items"]] == ["3pl", "rasch", "3pl", "3pl", "3pl"]
    assert found["log_posterior"] == pytest.approx(wanted.log_posterior, abs=1e-9)
    assert found["certificate"]["nodes"] == 41


def test_a_short_option_for_a_prior_is_the_long_one(run_json: RunJson, examples: Path) -> None:
    short, long = (
        run_json("calibrate", examples / "lsat7.csv", "--model", "3pl", *words)
        for words in (("--prior-c", "beta:5,17"), ("--prior", "c=beta:5,17"))
    )

    assert short == long
    wanted = ThreeParameter(Priors(lower=Beta(5.0, 17.0))).fit(
        read_responses_csv(examples / "lsat7.csv"), settings=Settings(standard_errors=False)
    )
    assert short["log_likelihood"] == pytest.approx(wanted.log_likelihood, abs=1e-9)


def test_frequencies_count_as_persons(run_json: RunJson, examples: Path, tmp_path: Path) -> None:
    with (examples / "lsat7.csv").open(encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    patterns: dict[tuple[str, ...], int] = {}
    for row in rows:
        patterns[tuple(row)] = patterns.get(tuple(row), 0) + 1
    short = tmp_path / "patterns.csv"
    lines = [",".join([*header, "count"])]
    lines += [",".join([*pattern, str(count)]) for pattern, count in patterns.items()]
    short.write_text("\n".join(lines) + "\n", encoding="utf-8")

    counted = run_json("calibrate", short, "--weights", "count")

    whole = run_json("calibrate", examples / "lsat7.csv")
    assert counted["persons"] == 1000
    assert counted["log_likelihood"] == pytest.approx(whole["log_likelihood"], abs=1e-6)


def test_parquet_says_the_same_as_csv(run_json: RunJson, examples: Path, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    path = tmp_path / "lsat7.parquet"
    pandas.read_csv(examples / "lsat7.csv").to_parquet(path)

    found = run_json("calibrate", path)

    assert found["items"] == run_json("calibrate", examples / "lsat7.csv")["items"]


def test_the_number_of_workers_changes_nothing(run_json: RunJson, examples: Path) -> None:
    one, two = (
        run_json("calibrate", examples / "lsat7.csv", "--workers", count)["items"]
        for count in (1, 2)
    )

    assert one == two


def test_anchored_items_stay_where_they_are(
    run: Run, run_json: RunJson, examples: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.json"
    common = ("calibrate", examples / "synthetic-two-groups.csv", "--items")
    run(*common, "item01,item02,item03,item04", "--output", old)

    found = run_json(*common, "item03,item04,item05,item06", "--anchors", old)

    known = {item["item"]: item for item in json.loads(old.read_text(encoding="utf-8"))["items"]}
    assert found["items"][0]["b"] == pytest.approx(known["item03"]["b"], abs=1e-9)
    assert found["items"][1]["a"] == pytest.approx(known["item04"]["a"], abs=1e-9)


def test_groups_have_densities_of_their_own(run_json: RunJson, examples: Path) -> None:
    found = run_json(
        "calibrate", examples / "synthetic-two-groups.csv", "--person", "person",
        "--group", "group", "--reference", "south",
    )  # fmt: skip

    north, south = found["groups"]
    assert (north["name"], south["name"]) == ("north", "south")
    assert (south["mean"], south["sd"]) == (0.0, 1.0)
    assert north["mean"] != 0.0


def test_a_calibration_that_stopped_early_warns_loudly_and_is_a_result(
    run: Run, run_json: RunJson, examples: Path
) -> None:
    words = ("calibrate", examples / "lsat7.csv", "--max-iterations", 1, "--language")

    found = run_json(*words, "en")
    said = run(*words, "en").stderr
    in_chinese = run(*words, "zh").stderr

    assert found["converged"] is False
    assert found["certificate"]["reasons"]
    assert "WARNING: the calibration did not converge" in said
    assert found["certificate"]["reasons"][0] in said
    assert "没有收敛" in in_chinese


@pytest.fixture
def faulty(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        path = tmp_path / "responses.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_missing_file_is_named(run_json: RunJson) -> None:
    found = run_json("calibrate", "nowhere.csv", code=1)

    assert found["error"] == "measurement.responses-unreadable"
    assert "nowhere.csv" in found["message"]


def test_a_column_that_is_not_there_is_named_with_those_that_are(
    run_json: RunJson, examples: Path
) -> None:
    found = run_json("calibrate", examples / "lsat7.csv", "--weights", "count", code=1)

    assert found["error"] == "measurement.responses-unreadable"
    assert "'count'" in found["message"]
    assert "'item1'" in found["message"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a,b\n1,0\n1,x\n", "responses.csv, line 3, column 'b'"),
        ("a,b\n1,0\n1\n", "responses.csv, line 3"),
        ("a,b\n1,0\n1,999\n", "responses.csv, line 3, column 'b'"),
        ("a,a\n1,0\n", "responses.csv, line 1"),
        ("a,b\n", "responses.csv"),
        ("", "responses.csv, line 1"),
        ('a,b\n"1,0\n', "responses.csv, line 2"),
    ],
)
def test_a_broken_file_is_named_by_line_and_column(
    run_json: RunJson, faulty: Callable[[str], Path], text: str, place: str
) -> None:
    found = run_json("calibrate", faulty(text), code=1)

    assert found["error"] == "measurement.responses-unreadable"
    assert found["message"].startswith(place)


def test_errors_in_the_responses_are_all_said_and_nothing_is_computed(
    run: Run, run_json: RunJson, faulty: Callable[[str], Path]
) -> None:
    path = faulty("a,b,c\n1,0,\n0,1,\n1,1,\n")

    found = run_json("calibrate", path, code=1)

    assert found["errors"] == 1
    assert "responses.item-unanswered" in {one["rule"] for one in found["findings"]}
    assert "1 errors" in run("calibrate", path, "--language", "en", code=1).stderr


def test_warnings_stand_beside_the_result(run: Run, run_json: RunJson, examples: Path) -> None:
    path = examples / "lsat7.csv"

    found = run_json("calibrate", path, "--language", "en")

    assert {one["rule"] for one in found["findings"]} == {"responses.person-extreme"}
    assert found["findings"][0]["message"] in run("calibrate", path, "--language", "en").stderr


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("--model", "5pl"), 1, "5pl"),
        (("--item-model", "item9=rasch"), 1, "item9"),
        (("--item-model", "item1=5pl"), 1, "5pl"),
        (("--item-model", "item1"), 2, "NAME=VALUE"),
        (("--prior", "lower=gamma:1,2"), 2, "beta:x,y"),
        (("--prior", "lower=beta:5"), 2, "two numbers"),
        (("--prior", "guess=beta:5,17"), 2, "slope"),
        (("--prior", "lower=beta:5,17", "--prior-c", "beta:5,17"), 2, "already"),
        (("--prior", "lower=beta:0,17"), 1, "measurement.prior-invalid"),
        (("--latent", "cauchy"), 2, "histogram"),
        (("--anchors", "nowhere.json"), 1, "nowhere.json"),
        (("--output", "found.xlsx"), 2, ".csv"),
        (("--reference", "south"), 1, "south"),
    ],
)
def test_wrong_words_are_answered_with_what_would_do(
    run: Run, examples: Path, words: tuple[str, ...], code: int, named: str
) -> None:
    result = run("calibrate", examples / "lsat7.csv", *words, code=code)

    assert named in result.stderr


def test_csv_and_html_hold_the_items(run: Run, examples: Path, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    table, page = tmp_path / "items.csv", tmp_path / "items.html"

    for path in (table, page):
        run("calibrate", examples / "lsat7.csv", "--se", "--output", path, "--language", "en")

    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [row["item"] for row in rows] == [f"item{n}" for n in range(1, 6)]
    assert float(rows[0]["se(a)"]) > 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "item3" in text


def test_a_place_that_cannot_be_written_is_wrong_usage(run: Run, examples: Path) -> None:
    result = run("calibrate", examples / "lsat7.csv", "--output", "no/such/place.json", code=2)

    assert "cannot be written" in result.stderr


def test_text_is_there_in_both_languages(run: Run, examples: Path) -> None:
    english = run("calibrate", examples / "lsat7.csv", "--language", "en").stdout
    chinese = run("calibrate", examples / "lsat7.csv", "--language", "zh").stdout

    assert "converged: yes" in english
    assert "已收敛: 是" in chinese


@given(st.text(max_size=12))
def test_no_text_in_a_csv_is_a_formula(text: str) -> None:
    cell = without_formula(text)

    assert cell.lstrip("'") == text.lstrip("'")
    assert not cell.startswith(tuple("=+-@\t\r＝＋－＠")) or float(cell) is not None


def test_names_that_look_like_formulas_are_defused_and_numbers_stay_numbers() -> None:
    text = csv_of({"=name": ["=1+1", "@cmd", "-2", "plain"], "theta": [-1.5, np.nan, 2, True]})

    assert text == "'=name,theta\n'=1+1,-1.5\n'@cmd,\n-2,2\nplain,true\n"


class Terminal(io.StringIO):
    """A stderr that a person reads."""

    def isatty(self) -> bool:
        return True


def test_what_is_quick_shows_no_spinner(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", terminal)

    with waiting("Calibrating", after=60.0):
        pass

    assert terminal.getvalue() == ""


def test_what_takes_long_shows_its_time_and_then_nothing_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    shown = threading.Event()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", terminal)
    started = rich.progress.Progress.start
    monkeypatch.setattr("rich.progress.Progress.start", lambda self: (started(self), shown.set()))

    with waiting("Calibrating", after=0.0):
        assert shown.wait(30.0)

    assert "Calibrating" in terminal.getvalue()
    assert "0:00:0" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K")


def test_a_pipe_gets_no_spinner(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting("Calibrating", after=0.0):
        pass

    assert capsys.readouterr().err == ""


def test_the_commands_are_known_before_anything_heavy_is_loaded() -> None:
    script = (
        "import sys, liangcai.cli; print(sorted({'numpy', 'scipy', 'rich'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
