"""`liangcai raters` and `liangcai agreement`: ratings as the library takes them."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from liangcai.measurement.agreement.coefficient import Bootstrap
from liangcai.measurement.agreement.kappa import cohen_kappa
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.model import ManyFacet
from liangcai.measurement.facets.ratings import ratings_of

Run = Callable[..., Result]
RunJson = Callable[..., Any]


def rows_of(path: Path) -> dict[str, list[str]]:
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.mark.parametrize(
    ("words", "model"),
    [
        ((), ManyFacet()),
        (("--steps", "pcm"), ManyFacet(steps="item")),
        (("--method", "jml"), ManyFacet(estimation="joint")),
    ],
)
def test_raters_are_measured_as_the_library_measures_them(
    run_json: RunJson, examples: Path, words: tuple[str, ...], model: ManyFacet
) -> None:
    path = examples / "synthetic-ratings.csv"

    found = run_json("raters", "fit", path, *words)

    table = rows_of(path)
    facets = {"item": table["item"], "rater": table["rater"]}
    wanted = model.fit(ratings_of(table["person"], facets, [int(s) for s in table["score"]]))
    read = FacetCalibration.from_json(found["calibration"])
    assert read.measure == pytest.approx(wanted.measure, abs=1e-9)
    assert found["converged"] is True
    assert {"fit", "separation", "rater_effects", "persons"} <= set(found)
    assert len(found["persons"]["table"]) == 60


def test_columns_may_have_other_names_and_more_facets_may_follow(
    run_json: RunJson, examples: Path, tmp_path: Path
) -> None:
    table = rows_of(examples / "synthetic-ratings.csv")
    path = tmp_path / "ratings.csv"
    lines = [
        f"{who},{task},{rater},{'am' if place % 2 else 'pm'},{score}"
        for place, (who, task, rater, score) in enumerate(zip(*table.values(), strict=True))
    ]
    path.write_text("\n".join(["who,task,judge,time,mark", *lines]) + "\n", encoding="utf-8")

    found = run_json(
        "raters", "fit", path, "--person", "who", "--item", "task", "--rater", "judge",
        "--score", "mark", "--facet", "time",
    )  # fmt: skip

    assert found["calibration"]["facets"] == ["task", "judge", "time"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("person,item,score\nA,t,1\n", "'rater'"),
        ("person,item,rater,score\nA,t,R,1\nB,t,R,x\n", "line 3, column 'score'"),
        ("person,item,rater,score\nA,t,R,1\nB,t,,1\n", "line 3, column 'rater'"),
        ("person,item,rater,score\nA,t,R,1.5\n", "line 2, column 'score'"),
        ("person,item,rater,score\nA,t,R\n", "line 2"),
    ],
)
def test_a_faulty_table_of_ratings_is_named_by_line_and_column(
    run_json: RunJson, tmp_path: Path, text: str, named: str
) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text(text, encoding="utf-8")

    found = run_json("raters", "fit", path, code=1)

    assert found["error"] == "measurement.responses-unreadable"
    assert named in found["message"]


def test_a_design_that_falls_apart_is_refused_with_a_way_out(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    lines = [f"{a}{n},t{a},R{a},{(n + k) % 3}" for a in "xy" for n in range(6) for k in range(2)]
    path.write_text("\n".join(["person,item,rater,score", *lines]) + "\n", encoding="utf-8")

    result = run("raters", "fit", path, code=1)

    assert "measurement.design-disconnected" in result.stderr


def test_agreement_is_the_library_s_with_the_same_seed(run_json: RunJson, examples: Path) -> None:
    path = examples / "synthetic-double-ratings.csv"

    found = run_json("agreement", path, "--person", "work", "--seed", 7, "--replications", 200)

    table = rows_of(path)
    wanted = cohen_kappa(
        [int(x) for x in table["rater1"]],
        [int(x) for x in table["rater2"]],
        weights="quadratic",
        bootstrap=Bootstrap(np.random.default_rng(7), replications=200),
    )
    assert wanted.interval is not None
    assert found["quadratic_kappa"]["value"] == pytest.approx(wanted.value, abs=1e-12)
    assert found["quadratic_kappa"]["interval"]["lower"] == pytest.approx(wanted.interval.lower)
    assert {"kappa", "exact", "alpha", "icc"} <= set(found)
    assert found["undefined"] == {}
    assert len(found["icc"]["resampled"]) == 6


def test_words_have_no_intraclass_correlation_and_an_order_only_if_given(
    run_json: RunJson, tmp_path: Path
) -> None:
    path = tmp_path / "words.csv"
    path.write_text("a,b,c\nlow,low,mid\nmid,high,high\nhigh,high,high\nlow,,mid\n", "utf-8")
    words = ("agreement", path, "--replications", 50)

    plain, ordered = run_json(*words), run_json(*words, "--categories", "low,mid,high")

    assert "icc" not in plain
    assert "quadratic_kappa" not in plain
    assert "nominal" in plain["alpha"]["coefficient"]
    assert "ordinal" in ordered["alpha"]["coefficient"]
    assert "quadratic_kappa" in ordered


def test_what_does_not_exist_is_said_and_the_rest_stands(
    run_json: RunJson, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text("a,b\n1,1\n2,\n3,2\n1,2\n2,2\n", encoding="utf-8")
    words = ("agreement", path, "--replications", 50, "--language", "en")

    found = run_json(*words)

    assert "missing" in found["undefined"]["icc"]
    assert "no icc" in run(*words).stderr


def test_a_coefficient_without_an_interval_is_reported_without_one(
    run_json: RunJson, run: Run, tmp_path: Path
) -> None:
    """Of two persons every other resample holds one twice, and κ does not exist there."""
    path = tmp_path / "few.csv"
    path.write_text("a,b\nlow,low\nhigh,high\n", encoding="utf-8")
    words = ("agreement", path, "--replications", 50, "--seed", 5, "--language", "en")

    found = run_json(*words)

    assert found["kappa"]["value"] == 1.0
    assert found["kappa"]["interval"] is None
    assert "resamples" in found["without_interval"]["kappa"]
    assert "no interval of kappa" in run(*words).stderr


def test_one_rater_agrees_with_nobody(run_json: RunJson, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("work,a\nW1,1\nW2,2\n", encoding="utf-8")

    assert "two raters" in run_json("agreement", path, "--person", "work", code=1)["message"]


@pytest.mark.parametrize(
    ("words", "held"),
    [
        (("raters", "fit", "synthetic-ratings.csv"), "Ames"),
        (("agreement", "synthetic-double-ratings.csv", "--person", "work"), "κ"),
    ],
)  # fmt: skip
def test_a_report_on_raters_is_one_file(
    run: Run, examples: Path, tmp_path: Path, words: tuple[str, ...], held: str
) -> None:
    pytest.importorskip("vl_convert")
    place = next(n for n, word in enumerate(words) if word.endswith(".csv"))
    report = tmp_path / "report.html"
    rest = (*words[:place], examples / words[place], *words[place + 1 :])

    run(*rest, "--output", report, "--language", "en")

    assert held in report.read_text(encoding="utf-8")


def test_parquet_ratings_say_the_same_as_csv(
    run_json: RunJson, examples: Path, tmp_path: Path
) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    path = tmp_path / "ratings.parquet"
    pandas.read_csv(examples / "synthetic-ratings.csv").to_parquet(path)

    found = run_json("raters", "fit", path)

    wanted = run_json("raters", "fit", examples / "synthetic-ratings.csv")
    assert json.dumps(found) == json.dumps(wanted)
