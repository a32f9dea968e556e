"""Long responses: from CSV and back from a matrix, sparse designs and repeated scores."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangcai.measurement.responses.csv_long import read_long_csv
from liangcai.measurement.responses.faults import ResponsesUnreadable
from liangcai.measurement.responses.long import LongResponses, long_responses_of
from liangcai.measurement.responses.matrix import ResponsesInvalid, responses_of

matrices = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(-1, 12), min_size=width, max_size=width), min_size=1, max_size=12
    )
)


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "long.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@given(matrices)
def test_a_matrix_and_its_long_form_are_the_same_responses(scores: list[list[int]]) -> None:
    given_ = responses_of(scores, weights=[1.5] * len(scores), groups=[len(r) for r in scores])

    assert long_responses_of(given_).to_matrix().sha256() == given_.sha256()


@given(matrices, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_score(
    tmp_path_factory: pytest.TempPathFactory, scores: list[list[int]], chance: object
) -> None:
    rows = [
        (f"p{person}", f"q{item}", score)
        for person, line in enumerate(scores)
        for item, score in enumerate(line)
    ]
    chance.shuffle(rows)  # type: ignore[attr-defined]
    lines = [(p, q, s if s >= 0 else "") for p, q, s in rows]
    text = "person,item,score\n" + "".join(f"{p},{q},{s}\n" for p, q, s in lines)
    quotes = "person,item,score\n" + "".join(f'"{p}",{q},"{s}"\n' for p, q, s in lines)
    folder = tmp_path_factory.mktemp("order")

    seen = read_long_csv(written(folder, text)).to_matrix()
    quoted = read_long_csv(written(folder, quotes))

    assert seen.persons is not None
    people, items = [int(name[1:]) for name in seen.persons], [int(name[1:]) for name in seen.items]
    assert np.array_equal(seen.scores, np.array(scores)[np.ix_(people, items)])
    assert quoted.to_matrix().sha256() == seen.sha256()


def test_other_columns_are_passed_over_and_groups_belong_to_persons(tmp_path: Path) -> None:
    text = "考生,题,时间,分,性别\n张三,q1,9:01,1,男\n张三,q2,9:03,0,男\n李四,q1,9:02,,女\n"

    seen = read_long_csv(
        written(tmp_path, text), person="考生", item="题", score="分", group="性别"
    )
    matrix = seen.to_matrix()

    assert matrix.persons == ("张三", "李四")
    assert matrix.scores.tolist() == [[1, 0], [-1, -1]]
    assert [
        matrix.group_names[code] for code in (matrix.groups if matrix.groups is not None else ())
    ] == ["男", "女"]


def test_a_person_in_two_groups_is_refused(tmp_path: Path) -> None:
    text = "person,item,score,sex\np,q1,1,f\np,q2,1,m\n"

    with pytest.raises(ResponsesUnreadable, match="person 'p' is in group 'f' and in 'm'"):
        read_long_csv(written(tmp_path, text), group="sex")


def test_a_second_score_on_the_same_item_is_refused_with_its_row(tmp_path: Path) -> None:
    seen = read_long_csv(written(tmp_path, "person,item,score\np,q,1\nr,q,1\np,q,0\n"))

    with pytest.raises(ResponsesInvalid, match="row 3: person 'p' has a second score on item 'q'"):
        seen.to_matrix()


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("person,item,score\np,q,1\np,q,2.5\n", 3, "'2.5' is no whole score"),
        ('person,item,score\n"p",q,1\np,q,many\n', 3, "'many' is no whole score"),
        ("person,item\np,q\n", 1, "no column is called 'score'"),
        ("person,item,score\n,q,1\n", 0, "has no name"),
        ('person,item,score\n"",q,1\n', 0, "has no name"),
        ("person,item,score\n", 0, "no row below the header"),
        ("person,item,score\np,q\n", 2, "2 cells where the header has 3"),
        ("person,item,score\n张,q,1\n".encode("gb18030"), 0, "gb18030"),
    ],
)
def test_a_fault_of_a_long_file_is_told(
    tmp_path: Path, content: str | bytes, line: int, words: str
) -> None:
    with pytest.raises(ResponsesUnreadable) as caught:
        read_long_csv(written(tmp_path, content))

    assert words in str(caught.value)
    assert caught.value.line == line


def test_a_name_longer_than_a_line_of_print_is_read(tmp_path: Path) -> None:
    name = "考生" * 60

    seen = read_long_csv(written(tmp_path, f"person,item,score\n{name},q,1\n"))

    assert seen.persons == (name,)


@pytest.mark.parametrize(
    ("person", "item", "score"),
    [
        ([0, 2], [0, 0], [1, 1]),
        ([0, 1], [0, 1], [1, 1]),
        ([0], [0, 0], [1, 1]),
        ([0, 1], [0, 0], [1, -1]),
    ],
)
def test_codes_and_scores_that_do_not_fit_are_refused(
    person: list[int], item: list[int], score: list[int]
) -> None:
    with pytest.raises(ResponsesInvalid):
        LongResponses(
            np.array(person, np.intp), np.array(item, np.intp), np.array(score, np.int8), 2, ("q",)
        )


def test_a_matrix_that_would_not_fit_in_memory_is_refused() -> None:
    one = np.zeros(1, dtype=np.intp)
    seen = LongResponses(one, one, one.astype(np.int8), 10**9, tuple(map(str, range(50))))

    with pytest.raises(ResponsesInvalid, match="do not fit in memory"):
        seen.to_matrix()
