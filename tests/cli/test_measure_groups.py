"""`liangcai dif` and `liangcai link`: groups and calibrations compared as the library compares them."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from liangcai.measurement.calibration.models import Mixed
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.fairness.logistic import logistic_dif
from liangcai.measurement.fairness.mantel_haenszel import MantelHaenszelDif, mantel_haenszel
from liangcai.measurement.fairness.matching import Matching
from liangcai.measurement.linking.errors import item_link_error
from liangcai.measurement.linking.link import link
from liangcai.measurement.linking.moved import calibration_moved
from liangcai.measurement.linking.transformation import Transformation
from liangcai.measurement.models.curves import expected_scores
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.csv_wide import read_responses_csv
from liangcai.measurement.responses.matrix import Responses

Run = Callable[..., Result]
RunJson = Callable[..., Any]


@pytest.fixture
def dif(examples: Path) -> tuple[object, ...]:
    path = examples / "synthetic-two-groups.csv"
    return ("dif", path, "--person", "person", "--group", "group", "--focal", "south")


@pytest.fixture
def grouped(examples: Path) -> Responses:
    path = examples / "synthetic-two-groups.csv"
    return read_responses_csv(path, person="person", group="group")


def test_mantel_haenszel_is_the_library_s_and_finds_the_planted_item(
    run_json: RunJson, dif: tuple[object, ...], grouped: Responses
) -> None:
    found = run_json(*dif, "--adjust", "holm")

    wanted = mantel_haenszel(grouped, reference="north", focal="south", adjustment="holm")
    read = MantelHaenszelDif.from_json(found)
    assert read.delta == pytest.approx(wanted.delta, abs=1e-12)
    assert found["flagged_items"] == ["item07"]
    assert found["purification"] is None
    assert [row["item"] for row in found["table"]] == list(grouped.items)


def test_logistic_regression_matches_as_asked(
    run_json: RunJson, dif: tuple[object, ...], grouped: Responses
) -> None:
    found = run_json(*dif, "--method", "logistic", "--matching", "rest", "--reference", "north")

    wanted = logistic_dif(
        grouped, reference="north", focal="south", matching=Matching(studied="excluded")
    )
    assert found["both_chi2"] == pytest.approx(wanted.both_chi2.tolist(), rel=1e-9)


def test_purification_leaves_flagged_items_out_of_the_matching(
    run_json: RunJson, dif: tuple[object, ...]
) -> None:
    found = run_json(*dif, "--purify")

    assert found["purification"]["stop"] == "stable"
    assert "item07" not in found["purification"]["anchors"]


def test_a_likelihood_ratio_finds_the_planted_item_through_anchors(
    run_json: RunJson, dif: tuple[object, ...]
) -> None:
    words = ("--items", "item01,item02,item03,item07,item09", "--anchors", "item01,item02,item03")

    found = run_json(*dif, *words, "--method", "lr")

    assert found["anchors"] == ["item01", "item02", "item03"]
    assert "item07" in found["flagged_items"]


def test_polytomous_items_are_compared_by_their_own_method(
    run_json: RunJson, examples: Path, tmp_path: Path
) -> None:
    lines = (examples / "synthetic-graded.csv").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "graded.csv"
    labels = ["group", *(("a", "b")[n % 2] for n in range(len(lines) - 1))]
    path.write_text(
        "".join(f"{line},{label}\n" for line, label in zip(lines, labels, strict=True)),
        encoding="utf-8",
    )

    found = run_json("dif", path, "--person", "person", "--group", "group", "--focal", "b")

    assert "smd" in found
    assert len(found["table"]) == 6


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("--focal", "west"), 1, "north, south"),
        (("--reference", "west"), 1, "west"),
        (("--method", "lr", "--matching", "rest"), 2, "--matching"),
        (("--anchors", "item99"), 1, "item99"),
        (("--level", "2"), 1, "2"),
        (("--group", "city"), 1, "'city'"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(
    run: Run, dif: tuple[object, ...], words: tuple[str, ...], code: int, named: str
) -> None:
    assert named in run(*dif, *words, code=code).stderr


def test_dif_is_written_as_table_and_report(
    run: Run, dif: tuple[object, ...], tmp_path: Path
) -> None:
    pytest.importorskip("vl_convert")

    for name in ("dif.csv", "dif.html"):
        run(*dif, "--adjust", "holm", "--output", tmp_path / name, "--language", "en")

    rows = list(csv.DictReader((tmp_path / "dif.csv").read_text("utf-8").splitlines()))
    assert [row["item"] for row in rows if row["flagged"] == "true"] == ["item07"]
    assert "item07" in (tmp_path / "dif.html").read_text(encoding="utf-8")


@pytest.fixture
def forms(run: Run, examples: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two calibrations of overlapping items of one file, each with its own scale."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    words = ("calibrate", examples / "synthetic-two-groups.csv", "--se", "--items")
    run(*words, "item01,item02,item03,item04,item05,item06", "--output", old)
    run(*words, "item04,item05,item06,item08,item09,item10", "--output", new)
    return old, new


def items_of(path: Path) -> ItemParameters:
    return ItemParameters.from_json(json.loads(path.read_text(encoding="utf-8"))["items"])


@pytest.mark.parametrize("method", ["stocking-lord", "haebara", "mean-sigma", "mean-mean"])
def test_a_link_is_the_library_s(run_json: RunJson, forms: tuple[Path, Path], method: Any) -> None:
    found = run_json("link", *forms, "--method", method)

    wanted = link(items_of(forms[1]), items_of(forms[0]), method=method)
    assert (found["A"], found["B"]) == pytest.approx((wanted.slope, wanted.intercept), abs=1e-12)
    error = item_link_error(items_of(forms[1]), items_of(forms[0]), method=method)
    assert list(found["se"].values()) == pytest.approx(error.se.tolist(), abs=1e-12)
    assert [one["item"] for one in found["drift"]] == ["item04", "item05", "item06"]
    assert found["dropped"] == []


def test_the_new_calibration_moves_to_the_old_scale_and_predicts_the_same(
    run: Run, run_json: RunJson, forms: tuple[Path, Path], tmp_path: Path
) -> None:
    moved = tmp_path / "moved.json"

    run("link", *forms, "--output", moved)

    found = run_json("link", *forms)
    before, after = (
        Calibration.from_json(json.loads(path.read_text(encoding="utf-8")))
        for path in (forms[1], moved)
    )
    theta = np.linspace(-3.0, 3.0, 13)
    there = found["A"] * theta + found["B"]
    assert expected_scores(after.items, there) == pytest.approx(
        expected_scores(before.items, theta), abs=1e-9
    )
    assert before.standard_errors is not None
    assert after.standard_errors is not None
    assert after.standard_errors.b == pytest.approx(before.standard_errors.b * found["A"])
    assert (after.groups[0].mean, after.groups[0].sd) == pytest.approx((found["B"], found["A"]))
    assert "old.json" in after.method


def test_moving_there_and_back_restores_a_nominal_calibration(grouped: Responses) -> None:
    """With its covariance the errors of a nominal item's intercepts move exactly."""
    model = Mixed(models={"item01": "nominal"})
    found = model.fit(grouped.select_items(np.arange(4)))
    there = link(found.items, Transformation(0.8, 0.5).items(found.items))
    back = link(there.transformation.items(found.items), found.items)

    moved = calibration_moved(found, there, to="another form")

    restored = calibration_moved(moved, back, to="itself")
    assert moved.standard_errors is not None
    assert restored.standard_errors is not None
    assert found.standard_errors is not None
    assert np.isfinite(moved.standard_errors.b[:, 0]).all()
    assert moved.standard_errors.b[0, 0] != pytest.approx(found.standard_errors.b[0, 0], rel=1e-3)
    assert restored.standard_errors.b == pytest.approx(found.standard_errors.b, rel=1e-4)


def test_a_link_through_two_items_tells_no_error(
    run_json: RunJson, forms: tuple[Path, Path]
) -> None:
    found = run_json("link", *forms, "--common", "item04,item05")

    assert found["se"] == {"A": None, "B": None}
    assert len(found["drift"]) == 2


def test_an_item_that_drifted_is_dropped(
    run_json: RunJson, forms: tuple[Path, Path], tmp_path: Path
) -> None:
    items = items_of(forms[0]).to_json()
    items[3]["b"] += 1.0
    drifted = tmp_path / "drifted.json"
    drifted.write_text(json.dumps({"items": items}), encoding="utf-8")

    found = run_json("link", forms[0], drifted, "--drop", "rmsd")

    assert [one["item"] for one in found["dropped"]] == ["item04"]
    assert (found["A"], found["B"]) == pytest.approx((1.0, 0.0), abs=1e-6)


def test_items_without_more_move_too(run: Run, forms: tuple[Path, Path], tmp_path: Path) -> None:
    plain, moved = tmp_path / "plain.json", tmp_path / "moved.json"
    plain.write_text(json.dumps(items_of(forms[1]).to_json()), encoding="utf-8")

    run("link", forms[0], plain, "--output", moved)

    assert set(json.loads(moved.read_text(encoding="utf-8"))) == {"items"}


def test_categories_of_unlike_scores_are_not_linked(run: Run, tmp_path: Path) -> None:
    item = {"item": "task", "model": "grm", "a": 1.0, "b": [-1.0, 1.0]}
    paths = []
    for name, scores in (("old", [0, 1, 2]), ("new", [0, 2, 3])):
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_text(json.dumps({"items": [item], "scores": [scores]}), encoding="utf-8")

    result = run("link", *paths, code=1)

    assert "measurement.scores-differ" in result.stderr
    assert "0, 2, 3" in result.stderr


def test_calibrations_without_common_items_have_no_link(
    run_json: RunJson, forms: tuple[Path, Path], tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps([{"item": "x", "a": 1.0, "b": 0.0}]), encoding="utf-8")

    assert run_json("link", forms[0], other, code=1)["error"] == "measurement.link-undefined"


def test_drift_and_link_are_written_as_table_and_report(
    run: Run, forms: tuple[Path, Path], tmp_path: Path
) -> None:
    for name in ("drift.csv", "link.html"):
        run("link", *forms, "--output", tmp_path / name)

    assert (tmp_path / "drift.csv").read_text("utf-8").startswith("item,shift,robust_z")
    assert "item05" in (tmp_path / "link.html").read_text(encoding="utf-8")
