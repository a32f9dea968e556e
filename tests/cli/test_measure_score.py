"""`liangcai score`: the library's abilities, under the calibration's scores and densities."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.csv_wide import read_responses_csv
from liangcai.measurement.responses.matrix import responses_of
from liangcai.measurement.scoring.persons import score
from liangcai.measurement.scoring.recoding import ScoreUncalibrated, as_categories

Run = Callable[..., Result]
RunJson = Callable[..., Any]
ITEMS = [
    {"item": "easy", "model": "2pl", "a": 1.2, "b": -1.0},
    {"item": "hard", "model": "2pl", "a": 0.8, "b": 1.0},
]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, object], Path]:
    def write(name: str, content: object) -> Path:
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def lsat7(run: Run, examples: Path, tmp_path: Path) -> Path:
    path = tmp_path / "lsat7.json"
    run("calibrate", examples / "lsat7.csv", "--output", path)
    return path


@pytest.mark.parametrize("method", ["eap", "map", "mle", "wle"])
def test_abilities_are_the_library_s(
    run_json: RunJson, examples: Path, lsat7: Path, method: Any
) -> None:
    found = run_json("score", examples / "lsat7.csv", "--parameters", lsat7, "--method", method)

    items = ItemParameters.from_json(json.loads(lsat7.read_text(encoding="utf-8"))["items"])
    wanted = score(read_responses_csv(examples / "lsat7.csv"), items, method=method)
    finite = np.isfinite(wanted.se)
    assert [one["person"] for one in found] == [str(n) for n in range(1, 1001)]
    assert all({"person", "theta", "se"} <= set(one) for one in found)
    assert [one["theta"] for one in found] == pytest.approx(wanted.theta.tolist(), abs=1e-9)
    assert [one["se"] is not None for one in found] == finite.tolist()


def test_lsat7_has_the_abilities_that_r_mirt_finds(
    run_json: RunJson, examples: Path, lsat7: Path
) -> None:
    """EAP of R mirt 1.47 under its own two-parameter estimates, patterns 00000 and 00001."""
    found = run_json("score", examples / "lsat7.csv", "--parameters", lsat7)

    assert (found[0]["theta"], found[0]["se"]) == pytest.approx((-1.869783, 0.692700), abs=5e-5)
    assert (found[12]["theta"], found[12]["se"]) == pytest.approx((-1.527258, 0.673627), abs=5e-5)


def test_a_perfect_score_has_no_finite_error_and_says_which_bound(
    run_json: RunJson, written: Callable[[str, object], Path]
) -> None:
    responses = written("r.csv", "name,easy,hard\nAn,1,1\nBo,,\nCai,0,0\nDu,1,0\n")
    words = ("score", responses, "--parameters", written("p.json", ITEMS), "--person", "name")

    found = run_json(*words, "--method", "mle")

    assert [one["person"] for one in found] == ["An", "Bo", "Cai", "Du"]
    assert [one["extreme"] for one in found] == [1, 0, -1, 0]
    assert [one["se"] is None for one in found] == [True, True, True, False]
    assert found[1] == {"person": "Bo", "theta": None, "se": None, "answered": 0, "extreme": 0}


@pytest.mark.parametrize("form", [ITEMS, {"items": ITEMS}])
def test_a_file_that_only_has_items_is_enough(
    run: Run, written: Callable[[str, object], Path], form: object
) -> None:
    responses = written("r.csv", "easy,hard\n1,0\n")

    said = run("score", responses, "--parameters", written("p.json", form), "--language", "en")

    assert "N(0, 1²)" in said.stderr


def test_items_are_matched_by_name_and_other_columns_are_named(
    run: Run, run_json: RunJson, written: Callable[[str, object], Path]
) -> None:
    parameters = written("p.json", ITEMS)
    plain = written("plain.csv", "easy,hard\n1,0\n0,1\n")
    mixed = written("mixed.csv", "city,hard,easy\nWuhan,0,1\nXi'an,1,0\n")

    one, other = (run_json("score", path, "--parameters", parameters) for path in (plain, mixed))

    assert one == other
    said = run("score", mixed, "--parameters", parameters, "--language", "en").stderr
    assert "columns passed over" in said
    assert "city" in said


def test_scores_keep_the_meaning_they_had_in_the_calibration(
    run_json: RunJson, written: Callable[[str, object], Path]
) -> None:
    """Nobody earned 1 of 0 … 3: the calibration's categories 0, 1, 2 are the scores 0, 2, 3."""
    item = {"item": "task", "model": "grm", "a": 1.0, "b": [-1.0, 1.0]}
    with_scores = written("with.json", {"items": [item], "scores": [[0, 2, 3]]})
    without = written("without.json", {"items": [item]})

    gapped = run_json("score", written("g.csv", "task\n0\n2\n3\n"), "--parameters", with_scores)

    plain = run_json("score", written("p.csv", "task\n0\n1\n2\n"), "--parameters", without)
    assert gapped == plain


def test_a_score_that_was_never_calibrated_is_named(
    run_json: RunJson, written: Callable[[str, object], Path]
) -> None:
    item = {"item": "task", "model": "grm", "a": 1.0, "b": [-1.0, 1.0]}
    parameters = written("p.json", {"items": [item], "scores": [[0, 2, 3]]})
    responses = written("r.csv", "who,task\nAn,2\nBo,1\n")

    found = run_json("score", responses, "--parameters", parameters, "--person", "who", code=1)

    assert found["error"] == "measurement.score-uncalibrated"
    assert "'task'" in found["message"]
    assert "Bo" in found["message"]


def test_categories_are_numbered_from_the_lowest_score_that_occurred() -> None:
    responses = responses_of([[1, 5], [3, -1], [-1, 0]], items=("a", "b"))

    coded = as_categories(responses, {"a": (1, 3)})

    assert coded.scores.tolist() == [[0, 5], [1, -1], [-1, 0]]
    assert as_categories(responses, {"b": (0, 1, 2, 3, 4, 5)}) is responses


def test_a_score_above_all_that_were_calibrated_is_refused() -> None:
    with pytest.raises(ScoreUncalibrated, match="score 2 of person 2"):
        as_categories(responses_of([[1], [2]], items=("a",)), {"a": (0, 1)})


def test_each_group_has_the_prior_that_was_calibrated_for_it(
    run: Run, run_json: RunJson, examples: Path, tmp_path: Path
) -> None:
    path, parameters = examples / "synthetic-two-groups.csv", tmp_path / "p.json"
    columns = ("--person", "person", "--group", "group")
    run("calibrate", path, *columns, "--output", parameters)

    found = run_json("score", path, *columns, "--parameters", parameters)

    groups = json.loads(parameters.read_text(encoding="utf-8"))["groups"]
    wanted = score(
        read_responses_csv(path, person="person", group="group"),
        ItemParameters.from_json(json.loads(parameters.read_text(encoding="utf-8"))["items"]),
        prior_mean=[one["mean"] for one in groups],
        prior_sd=[one["sd"] for one in groups],
    )
    assert [one["theta"] for one in found] == pytest.approx(wanted.theta.tolist(), abs=1e-9)
    said = run("score", path, *columns, "--parameters", parameters, "--language", "en").stderr
    assert "south: N(" in said


def test_without_a_group_column_the_first_density_is_used_and_that_is_said(
    run: Run, examples: Path, tmp_path: Path
) -> None:
    path, parameters = examples / "synthetic-two-groups.csv", tmp_path / "p.json"
    run(
        "calibrate", path, "--person", "person", "--group", "group",
        "--reference", "north", "--output", parameters,
    )  # fmt: skip

    said = run("score", path, "--person", "person", "--parameters", parameters, "--lang", "en")

    assert "everybody has the density of group north" in said.stderr
    assert "prior: N(0, 1²)" in said.stderr


def test_a_prior_of_ones_own_replaces_the_calibrated_one(
    run_json: RunJson, written: Callable[[str, object], Path]
) -> None:
    words = (
        "score",
        written("r.csv", "easy,hard\n1,0\n"),
        "--parameters",
        written("p.json", ITEMS),
    )

    low, high = (run_json(*words, "--prior-mean", mean)[0]["theta"] for mean in (-1, 1))

    assert high - low > 0.5


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "measurement.parameters-unreadable"),
        ([], "measurement.parameters-unreadable"),
        ({"items": {}}, "measurement.parameters-unreadable"),
        ({"items": [1]}, "measurement.parameters-unreadable"),
        ([*ITEMS, ITEMS[0]], "measurement.parameters-unreadable"),
        ([{"item": "easy", "a": 1.0}], "measurement.item-parameters-invalid"),
        ([{"item": "easy", "a": 1.0, "b": "hard"}], "measurement.item-parameters-invalid"),
        ({"items": ITEMS, "scores": [[0, 1]]}, "measurement.parameters-unreadable"),
        ({"items": ITEMS, "scores": [[0, 1], [1, 0]]}, "measurement.parameters-unreadable"),
        ({"items": ITEMS, "scores": [[0, 1], [0, 200]]}, "measurement.parameters-unreadable"),
        ({"items": ITEMS, "scores": [[0, 1], [0, 1, 2]]}, "measurement.parameters-unreadable"),
        ([{**ITEMS[0], "model": "5pl"}], "measurement.parameters-unreadable"),
        ([{**ITEMS[0], "b": [0.0, 1.0]}], "measurement.parameters-unreadable"),
        (
            '[{"item": "easy", "a": 1, "b": ' + "9" * 5000 + "}]",
            "measurement.parameters-unreadable",
        ),
        ("[" * 100_000, "measurement.parameters-unreadable"),
        ({"items": ITEMS, "groups": [{"name": "all"}]}, "measurement.result-unreadable"),
        ([{"item": "other", "a": 1.0, "b": 0.0}], "measurement.items-unmatched"),
    ],
)
def test_a_broken_file_of_parameters_has_its_error(
    run_json: RunJson, written: Callable[[str, object], Path], content: object, code: str
) -> None:
    responses, parameters = written("r.csv", "easy,hard\n1,0\n"), written("p.json", content)

    assert run_json("score", responses, "--parameters", parameters, code=1)["error"] == code


def test_broken_json_is_named_by_line_and_column(
    run: Run, written: Callable[[str, object], Path]
) -> None:
    parameters = written("p.json", '{"items": [\n  {"item": }\n]}')

    said = run("score", written("r.csv", "easy\n1\n"), "--parameters", parameters, code=1).stderr

    assert "p.json, line 2, column 12" in said


def test_a_score_table_and_a_report_hold_every_person(
    run: Run, written: Callable[[str, object], Path], tmp_path: Path
) -> None:
    pytest.importorskip("vl_convert")
    responses = written("r.csv", "who,easy,hard\n=1+1,1,0\nBo,0,0\n")
    words = ("score", responses, "--parameters", written("p.json", ITEMS), "--person", "who")

    for name in ("scores.csv", "scores.html"):
        run(*words, "--output", tmp_path / name)

    rows = list(csv.DictReader((tmp_path / "scores.csv").read_text("utf-8").splitlines()))
    assert [row["person"] for row in rows] == ["'=1+1", "Bo"]
    assert "Bo" in (tmp_path / "scores.html").read_text(encoding="utf-8")
