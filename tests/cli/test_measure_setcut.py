"""`liangcai setcut`: cut scores from files of judgements, as the library sets them."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from liangcai.measurement.standard_setting.angoff import Angoff, angoff

Run = Callable[..., Result]
RunJson = Callable[..., Any]


def rows_of(path: Path) -> dict[str, list[str]]:
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_an_angoff_panel_is_the_library_s(run_json: RunJson, examples: Path) -> None:
    path = examples / "synthetic-angoff.csv"

    found = run_json("setcut", "angoff", path)

    table = rows_of(path)
    judgements = np.array([column for name, column in table.items() if name != "judge"], float).T
    wanted = angoff(judgements)
    assert found["cut"] == pytest.approx(wanted.cut, abs=1e-12)
    assert found["standard_error"] == pytest.approx(wanted.standard_error, abs=1e-12)
    assert Angoff.from_json(found).panel.judges == tuple(table["judge"])


def test_points_of_items_count_in_the_cut(run_json: RunJson, examples: Path) -> None:
    path = examples / "synthetic-angoff.csv"

    one, two, each = (
        run_json("setcut", "angoff", path, "--highest", points)["cut"]
        for points in ("1", "2", ",".join(["2"] * 10))
    )

    assert two == pytest.approx(2 * one)
    assert each == pytest.approx(two)


def test_a_bookmark_cuts_between_the_items_of_its_page(
    run: Run, run_json: RunJson, examples: Path, tmp_path: Path
) -> None:
    parameters = tmp_path / "p.json"
    run(
        "calibrate", examples / "synthetic-two-groups.csv", "--person", "person",
        "--group", "group", "--output", parameters,
    )  # fmt: skip
    words = ("setcut", "bookmark", examples / "synthetic-bookmark.csv", "--parameters", parameters)

    before, after = (run_json(*words, "--at", at) for at in ("last-mastered", "first-missed"))

    assert before["scale"] == "theta"
    assert before["cut"] < after["cut"]
    assert len(before["judge_cuts"]) == 8


@pytest.mark.parametrize("curve", ["logistic", "normal", "kernel"])
def test_contrasting_groups_are_divided_between_their_means(
    run_json: RunJson, examples: Path, curve: str
) -> None:
    found = run_json("setcut", "contrasting", examples / "synthetic-masters.csv", "--curve", curve)

    low, high = found["mean"]
    assert low < found["cut"] < high
    assert found["standard_error"] > 0


def test_a_cost_of_passing_others_raises_the_cut(run_json: RunJson, examples: Path) -> None:
    words = ("setcut", "contrasting", examples / "synthetic-masters.csv")

    assert run_json(*words, "--cost-of-false-positive", 3)["cut"] > run_json(*words)["cut"]


def test_borderline_regression_cuts_each_station(run_json: RunJson, examples: Path) -> None:
    path = examples / "synthetic-borderline.csv"

    found = run_json("setcut", "borderline", path, "--borderline", 2, "--station", "station")

    table = rows_of(path)
    chosen = [place for place, name in enumerate(table["station"]) if name == "history"]
    grade = np.array([float(table["grade"][place]) for place in chosen])
    score = np.array([float(table["score"][place]) for place in chosen])
    slope, intercept = np.polyfit(grade, score, 1)
    assert found["stations"] == ["examination", "history"]
    assert found["station_cuts"][1] == pytest.approx(intercept + 2 * slope)


def test_the_borderline_group_has_its_median(run_json: RunJson, examples: Path) -> None:
    path = examples / "synthetic-borderline.csv"

    found = run_json("setcut", "borderline", path, "--borderline", 2, "--method", "group")

    table = rows_of(path)
    members = [float(s) for s, g in zip(table["score"], table["grade"], strict=True) if g == "2"]
    assert found["cut"] == np.median(members)


def test_ebel_judges_may_share_cells_or_have_their_own(
    run_json: RunJson, examples: Path, tmp_path: Path
) -> None:
    path, shares = examples / "synthetic-ebel.csv", examples / "synthetic-ebel-shares.csv"
    header, *lines = shares.read_text(encoding="utf-8").splitlines()
    own = tmp_path / "own.csv"
    rows = [f"J{judge},{line}" for judge in range(1, 6) for line in lines]
    own.write_text("\n".join([f"judge,{header}", *rows]) + "\n", encoding="utf-8")

    common, each = (run_json("setcut", "ebel", path, "--shares", file) for file in (shares, own))

    table = rows_of(path)
    share = {(a, b): float(c) for a, b, c in (line.split(",") for line in lines)}
    cells = zip(table["difficulty"], table["relevance"], strict=True)
    assert common["cut"] == pytest.approx(sum(share[cell] for cell in cells) / 5)
    assert each["cut"] == common["cut"]


def test_works_are_cut_at_each_boundary(run_json: RunJson, examples: Path) -> None:
    found = run_json(
        "setcut", "body-of-work", examples / "synthetic-works.csv",
        "--categories", "basic,proficient,advanced",
    )  # fmt: skip

    assert found["categories"] == ["basic", "proficient", "advanced"]
    assert found["cuts"][0] < found["cuts"][1]
    assert len(found["judges"]) == 6


@pytest.mark.parametrize(
    ("method", "text", "words", "named"),
    [
        ("angoff", "judge,a\nJ1,0.5\nJ2,high\n", (), "line 3, column 'a'"),
        ("angoff", "judge,a\nJ1,0.5\nJ2,1.5\n", (), "judge 2, item 1"),
        ("angoff", "who,a\nJ1,0.5\n", (), "'judge'"),
        ("contrasting", "score,master\n3,yes\n4,perhaps\n", (), "line 3, column 'master'"),
        ("borderline", "score,grade\n3,1\nx,2\n", ("--borderline", "2"), "line 3, column 'score'"),
        (
            "body-of-work",
            "judge,work,score,category\nJ1,W1,1,low\nJ1,W1,1,high\n",
            ("--categories", "low,high"),
            "line 3",
        ),
        (
            "body-of-work",
            "judge,work,score,category\nJ1,W1,1,low\nJ1,W2,1,mid\n",
            ("--categories", "low,high"),
            "line 3, column 'category'",
        ),
        (
            "body-of-work",
            "judge,work,score,category\nJ1,W1,1,low\nJ2,W1,2,high\n",
            ("--categories", "low,high"),
            "line 3, column 'score'",
        ),
    ],
)
def test_a_faulty_table_of_judgements_is_named(
    run: Run, tmp_path: Path, method: str, text: str, words: tuple[str, ...], named: str
) -> None:
    path = tmp_path / "judgements.csv"
    path.write_text(text, encoding="utf-8")

    assert named in run("setcut", method, path, *words, code=1).stderr


@pytest.mark.parametrize(
    ("shares", "named"),
    [
        ("difficulty,relevance,share\neasy,high,0.9\n", "column 'difficulty'"),
        (
            "difficulty,relevance,share\neasy,high,0.9\nhard,low,0.3\n",
            "no share for easy, low",
        ),
        (
            "judge,difficulty,relevance,share\nJ9,easy,high,0.9\nJ9,hard,high,0.9\n",
            "judge 'J1'",
        ),
        ("difficulty,relevance,share\neasy,high,0.9\neasy,high,0.8\n", "twice"),
    ],
)
def test_an_ebel_grid_with_gaps_is_refused(
    run: Run, tmp_path: Path, shares: str, named: str
) -> None:
    path, grid = tmp_path / "sorting.csv", tmp_path / "shares.csv"
    path.write_text("judge,item,difficulty,relevance\nJ1,a,hard,high\n", encoding="utf-8")
    grid.write_text(shares, encoding="utf-8")

    assert named in run("setcut", "ebel", path, "--shares", grid, code=1).stderr


def test_a_judge_who_left_an_item_out_is_named(run: Run, examples: Path, tmp_path: Path) -> None:
    path = tmp_path / "sorting.csv"
    path.write_text(
        "judge,item,difficulty,relevance\nJ1,a,hard,essential\nJ1,b,easy,essential\n"
        "J2,a,hard,essential\n",
        encoding="utf-8",
    )

    said = run(
        "setcut", "ebel", path, "--shares", examples / "synthetic-ebel-shares.csv", code=1
    ).stderr

    assert "judge 'J2' did not sort item 'b'" in said


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("angoff", "synthetic-angoff.csv", "--highest", "many"), "--highest"),
        (("borderline", "synthetic-borderline.csv", "--borderline", "pass"), "number"),
        (
            ("borderline", "synthetic-borderline.csv", "--borderline", "2", "--method", "group",
             "--station", "station"),
            "--station",
        ),
    ],
)  # fmt: skip
def test_options_that_contradict_each_other_are_wrong_usage(
    run: Run, examples: Path, words: tuple[str, ...], named: str
) -> None:
    method, file, *rest = words

    assert named in run("setcut", method, examples / file, *rest, code=2).stderr


@pytest.mark.parametrize(
    ("words", "held"),
    [
        (("setcut", "angoff", "synthetic-angoff.csv"), "J8"),
        (("setcut", "contrasting", "synthetic-masters.csv"), "masters"),
        (
            ("setcut", "body-of-work", "synthetic-works.csv",
             "--categories", "basic,proficient,advanced"),
            "proficient",
        ),
    ],
)  # fmt: skip
def test_a_report_on_a_cut_is_one_file(
    run: Run, examples: Path, tmp_path: Path, words: tuple[str, ...], held: str
) -> None:
    pytest.importorskip("vl_convert")
    place = next(n for n, word in enumerate(words) if word.endswith(".csv"))
    report = tmp_path / "report.html"
    rest = (*words[:place], examples / words[place], *words[place + 1 :])

    run(*rest, "--output", report, "--language", "en")

    assert held in report.read_text(encoding="utf-8")
