"""Parquet, and the matrix on disk that Parquet or CSV is turned into."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liangcai.measurement.responses.csv_wide import read_responses_csv
from liangcai.measurement.responses.faults import ResponsesUnreadable
from liangcai.measurement.responses.memory_map import as_memory_map, open_memory_map
from liangcai.measurement.responses.parquet import read_long_parquet, read_responses_parquet

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def written(folder: Path, columns: dict[str, Any], *, rows: int = 1000) -> Path:
    path = folder / "exam.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=rows)
    return path


def test_a_wide_file_of_many_types_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {
            "who": ["p", "r", "s"],
            "a": pa.array([1, None, 0], pa.int8()),
            "b": pa.array([1.0, float("nan"), None], pa.float64()),
            "c": pa.array(["2", "NA", None]).dictionary_encode(),
            "d": pa.array([True, False, None]),
            "e": pa.array([1, 0, None], pa.uint8()),
            "n": [1.0, 2.0, 0.0],
            "sex": ["f", "m", "f"],
        },
    )

    seen = read_responses_parquet(path, person="who", group="sex", weights="n")

    assert seen.items == ("a", "b", "c", "d", "e")
    assert seen.scores.tolist() == [[1, 1, 2, 1, 1], [-1, -1, -1, 0, 0], [0, -1, -1, -1, -1]]
    assert (seen.persons, seen.group_names) == (("p", "r", "s"), ("f", "m"))


def test_row_groups_are_joined_in_order(tmp_path: Path) -> None:
    scores = np.random.default_rng(3).integers(-1, 3, size=(5000, 4)).astype(np.int8)
    columns = {f"q{place}": scores[:, place] for place in range(4)}

    seen = read_responses_parquet(written(tmp_path, columns, rows=700))

    assert np.array_equal(seen.scores, scores)


@pytest.mark.parametrize("values", [[0.0, 0.5], [0, 1_000_000_000], [0, -7], ["0", "=1+1"]])
def test_a_value_that_is_no_score_is_told_with_row_and_column(
    tmp_path: Path, values: list[Any]
) -> None:
    path = written(tmp_path, {"a": [0, 1], "b": values})

    with pytest.raises(ResponsesUnreadable, match=r"exam.parquet, column 'b': row 2: "):
        read_responses_parquet(path)


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "exam.parquet").write_bytes(b"PAR1 and nothing more")

    with pytest.raises(ResponsesUnreadable, match="cannot be read as Parquet"):
        read_responses_parquet(tmp_path / "exam.parquet")


def test_a_long_file_gives_long_responses(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"person": [3, 3, 4], "item": ["a", "b", "b"], "score": [1, None, 2], "sex": [0, 0, 1]},
    )

    seen = read_long_parquet(path, group="sex").to_matrix()

    assert (seen.persons, seen.items) == (("3", "4"), ("a", "b"))
    assert seen.scores.tolist() == [[1, -1], [-1, 2]]


def test_a_long_file_without_rows_or_with_a_changing_group_is_refused(tmp_path: Path) -> None:
    empty = written(tmp_path, {"person": pa.array([], pa.int8()), "item": [], "score": []})
    with pytest.raises(ResponsesUnreadable, match="no row"):
        read_long_parquet(empty)

    path = written(tmp_path, {"person": [3, 3], "item": ["a", "b"], "score": [1, 1], "sex": [0, 1]})
    with pytest.raises(ResponsesUnreadable, match="in group '0' and in '1'"):
        read_long_parquet(path, group="sex")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_matrix_on_disk_holds_what_the_file_holds(tmp_path: Path, kind: str) -> None:
    text = "who,sex,n,q1,q2\np,f,1,0,\nr,m,2,1,3\n"
    (tmp_path / "exam.csv").write_text(text)
    plain = read_responses_csv(tmp_path / "exam.csv", person="who", group="sex", weights="n")
    source = tmp_path / "exam.csv"
    if kind == "parquet":
        columns = {"who": ["p", "r"], "sex": ["f", "m"], "n": [1, 2], "q1": [0, 1], "q2": [None, 3]}
        source = written(tmp_path, columns)

    seen = as_memory_map(source, tmp_path / "map", person="who", group="sex", weights="n")

    assert isinstance(seen.scores, np.memmap)
    assert not seen.scores.flags.writeable
    assert seen.sha256() == plain.sha256() == open_memory_map(tmp_path / "map").sha256()
    assert seen.persons == plain.persons


def test_a_folder_that_holds_responses_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "exam.csv").write_text("a\n1\n")
    as_memory_map(tmp_path / "exam.csv", tmp_path / "map")

    with pytest.raises(ResponsesUnreadable, match="holds responses already"):
        as_memory_map(tmp_path / "exam.csv", tmp_path / "map")


def test_a_conversion_that_fails_leaves_no_responses_behind(tmp_path: Path) -> None:
    (tmp_path / "exam.csv").write_text("a\n1\nx\n")

    with pytest.raises(ResponsesUnreadable, match="line 3"):
        as_memory_map(tmp_path / "exam.csv", tmp_path / "map")
    with pytest.raises(ResponsesUnreadable, match="holds no responses"):
        open_memory_map(tmp_path / "map")


def test_a_file_without_persons_and_a_file_that_is_not_there_are_refused(tmp_path: Path) -> None:
    (tmp_path / "exam.csv").write_text("a\n")

    with pytest.raises(ResponsesUnreadable, match="no person"):
        as_memory_map(tmp_path / "exam.csv", tmp_path / "map")
    with pytest.raises(ResponsesUnreadable, match="No such file"):
        as_memory_map(tmp_path / "none.csv", tmp_path / "map")
