"""`liangcai reliability` and `liangcai simulate cat`: a test as a whole, given or to come."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from liangcai.measurement.adaptive.design import Design
from liangcai.measurement.adaptive.item_pool import item_pool
from liangcai.measurement.adaptive.report import SimulationReport, report
from liangcai.measurement.adaptive.simulation import simulate
from liangcai.measurement.adaptive.stopping import AnyOf, Length, Precision
from liangcai.measurement.classical.items import item_analysis
from liangcai.measurement.classical.reliability import Reliability, reliability
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.csv_wide import read_responses_csv

Run = Callable[..., Result]
RunJson = Callable[..., Any]


def test_reliability_is_the_library_s_with_the_table_of_items(
    run_json: RunJson, examples: Path
) -> None:
    found = run_json("reliability", examples / "lsat7.csv")

    responses = read_responses_csv(examples / "lsat7.csv")
    wanted, analysis = reliability(responses), item_analysis(responses)
    read = Reliability.from_json(found["reliability"])
    assert {"alpha", "omega", "KR-20", "KR-21"} <= set(read.coefficient)
    assert read.value == pytest.approx(wanted.value, abs=1e-12)
    assert read.sem == pytest.approx(wanted.sem, abs=1e-12)
    assert [row["difficulty"] for row in found["item_analysis"]["table"]] == pytest.approx(
        analysis.difficulty.tolist()
    )


def test_missing_scores_need_a_rule(run: Run, run_json: RunJson, examples: Path) -> None:
    words = ("reliability", examples / "synthetic-graded.csv", "--person", "person")

    found = run_json(*words, code=1)

    assert found["error"] == "measurement.classical.missing-rule-needed"
    responses = read_responses_csv(examples / "synthetic-graded.csv", person="person")
    for rule in ("complete", "pairwise", "zero"):
        under = run_json(*words, "--missing", rule)["reliability"]
        assert under["missing"] == rule
        assert under["value"][0] == pytest.approx(reliability(responses, missing=rule).of("alpha"))


def test_a_bootstrap_repeats_with_its_seed(run_json: RunJson, examples: Path) -> None:
    words = ("reliability", examples / "lsat7.csv", "--bootstrap", 60, "--seed")

    one, same, other = (run_json(*words, seed)["reliability"]["lower"] for seed in (4, 4, 5))

    assert one == same
    assert one != other


def test_codes_for_missing_scores_are_not_scores(run_json: RunJson, tmp_path: Path) -> None:
    coded, plain = tmp_path / "coded.csv", tmp_path / "plain.csv"
    text = "a,b,c\n1,9,1\n0,0,1\n1,1,0\n9,1,1\n1,0,1\n0,0,0\n"
    coded.write_text(text, encoding="utf-8")
    plain.write_text(text.replace("9", ""), encoding="utf-8")
    words = ("--missing", "pairwise")

    found = run_json("reliability", coded, *words, "--missing-codes", "9,99")

    assert found == run_json("reliability", plain, *words)


@pytest.fixture
def parameters(tmp_path: Path) -> Path:
    items = [
        {"item": f"i{place}", "model": "2pl", "a": 1.0 + 0.1 * (place % 5), "b": -2.0 + place / 7}
        for place in range(29)
    ]
    path = tmp_path / "pool.json"
    path.write_text(json.dumps({"items": items}), encoding="utf-8")
    return path


def test_simulated_adaptive_tests_are_the_library_s(run_json: RunJson, parameters: Path) -> None:
    found = run_json(
        "simulate", "cat", "--parameters", parameters, "--persons", 60, "--seed", 5,
        "--stop-se", 0.5, "--max-items", 12, "--cuts", "0",
    )  # fmt: skip

    pool = item_pool(
        ItemParameters.from_json(json.loads(parameters.read_text(encoding="utf-8"))["items"])
    )
    design = Design(pool, AnyOf((Precision(0.5), Length(12))))
    rng = np.random.default_rng(5)
    truth = rng.normal(0.0, 1.0, 60)
    wanted = report(design, simulate(design, theta=truth, rng=rng), cuts=[0.0])
    read = SimulationReport.from_json(found)
    assert read.overall_rmse == pytest.approx(wanted.overall_rmse, abs=1e-12)
    assert read.accuracy == wanted.accuracy
    assert read.reason_counts.tolist() == wanted.reason_counts.tolist()


def test_the_same_seed_gives_the_same_tests(run_json: RunJson, parameters: Path) -> None:
    words = ("simulate", "cat", "--parameters", parameters, "--persons", 40, "--max-items", 5)

    one, same, other = (run_json(*words, "--seed", seed) for seed in (1, 1, 2))

    assert one == same
    assert one["overall_rmse"] != other["overall_rmse"]
    assert one["overall_length"] == 5.0


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--cuts", "pass"), 2), (("--persons", "0"), 2), (("--cuts", "1,0"), 1)],
)
def test_a_simulation_that_makes_no_sense_is_refused(
    run: Run, parameters: Path, words: tuple[str, ...], code: int
) -> None:
    run("simulate", "cat", "--parameters", parameters, *words, code=code)


def test_tables_and_reports_are_written(
    run: Run, examples: Path, parameters: Path, tmp_path: Path
) -> None:
    pytest.importorskip("vl_convert")
    cat = ("simulate", "cat", "--parameters", parameters, "--persons", 30, "--max-items", 4)

    for words, name in ((cat, "cat"), (("reliability", examples / "lsat7.csv"), "alpha")):
        for ending in ("csv", "html"):
            run(*words, "--output", tmp_path / f"{name}.{ending}", "--language", "en")

    rows = list(csv.DictReader((tmp_path / "alpha.csv").read_text("utf-8").splitlines()))
    assert rows[0]["coefficient"] == "alpha"
    assert "item3" in (tmp_path / "alpha.html").read_text(encoding="utf-8")
    assert "RMSE" in (tmp_path / "cat.html").read_text(encoding="utf-8")
