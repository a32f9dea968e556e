"""Reading wide CSV: what is read, and what a hostile file is told."""

import contextlib
import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangcai.measurement.responses.csv_wide import read_responses_csv
from liangcai.measurement.responses.faults import ResponsesUnreadable
from liangcai.measurement.responses.matrix import ResponsesInvalid, responses_of
from liangcai.measurement.responses.write import write_responses_csv


def written(folder: Path, content: str | bytes, name: str = "exam.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_wide_file_gives_scores_names_groups_and_weights(tmp_path: Path) -> None:
    path = written(tmp_path, "who,q1,sex,q2,n\n甲,1,女,0,2\n乙,,男,12,0.5\n")

    seen = read_responses_csv(path, person="who", group="sex", weights="n")

    assert seen.items == ("q1", "q2")
    assert seen.scores.tolist() == [[1, 0], [-1, 12]]
    assert seen.persons == ("甲", "乙")
    assert seen.group_names == ("女", "男")
    assert seen.groups is not None
    assert seen.groups.tolist() == [0, 1]
    assert seen.weights is not None
    assert seen.weights.tolist() == [2.0, 0.5]


def test_items_may_be_chosen_and_ordered(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b,c\n1,2,x\n")

    seen = read_responses_csv(path, items=["b", "a"])

    assert (seen.items, seen.scores.tolist()) == (("b", "a"), [[2, 1]])


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,0\nNA,2\n",
        "a,b\r\n1,0\r\nNaN,2\r\n",
        "\ufeffa,b\n1,0\n,2\n",
        '"a","b"\n"1","0"\n"",2',
        "a,b\n1.0,0.0\n.,2.00\n",
        "a,b\n\n1,0\n\n-1,02\n\n",
        " a , b \n 1,0 \n NA , 2\n",
    ],
    ids=["plain", "crlf", "mark", "quoted", "decimals", "empty lines", "blanks"],
)
def test_spellings_of_the_same_table_are_read_alike(tmp_path: Path, content: str) -> None:
    seen = read_responses_csv(written(tmp_path, content))

    assert (seen.items, seen.scores.tolist()) == (("a", "b"), [[1, 0], [-1, 2]])


def test_a_gzip_file_is_read_as_the_plain_one(tmp_path: Path) -> None:
    seen = read_responses_csv(written(tmp_path, gzip.compress(b"a,b\n1,0\n")))

    assert seen.scores.tolist() == [[1, 0]]


def test_a_missing_code_of_the_study_is_missing_in_every_spelling(tmp_path: Path) -> None:
    plain = read_responses_csv(written(tmp_path, "a,b\n9,1\n0,9\n"), missing=("", "9"))
    quoted = read_responses_csv(written(tmp_path, 'a,b\n"9",1\n0,9\n'), missing=("", "9"))

    assert plain.scores.tolist() == quoted.scores.tolist() == [[-1, 1], [0, -1]]


def test_gb18030_is_read_when_it_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "姓名,题1\n张三,1\n".encode("gb18030"))

    seen = read_responses_csv(path, person="姓名", encoding="gb18030")

    assert (seen.persons, seen.items, seen.scores.tolist()) == (("张三",), ("题1",), [[1]])


@pytest.mark.parametrize(
    ("content", "line", "column", "words"),
    [
        ("a,b\n1,0\n1\n", 3, "", "1 cells where the header has 2"),
        ("a,b\n1,0\n1,0,1\n", 3, "", "3 cells where the header has 2"),
        ("a,b\n1,0\n0,1000000000\n", 3, "'b'", "'1000000000' is no whole score"),
        ("a,b\n0.5,0\n", 2, "'a'", "'0.5' is no whole score"),
        ('a,b\n1,0\n"0,5",1\n', 3, "'a'", "'0,5' is no whole score"),
        ("a,b\n1,128\n", 2, "'b'", "'128'"),
        ("a,b\n1,-2\n", 2, "'b'", "'-2'"),
        ("a,b\n1,=1+1\n", 2, "'b'", "'=1+1'"),
        ("a,b\n1,１\n", 2, "'b'", "'１'"),
        ("a,b\n1,0\x00\n", 2, "", "NUL"),
        ("a\x00,b\n1,0\n", 1, "", "NUL"),
        ("a,b,a\n1,0,1\n", 1, "", "columns 1 and 3 are both called 'a'"),
        ("a,,b\n1,0,1\n", 1, "", "column 2 has no name"),
        ("a;b\n1;0\n", 1, "", "delimiter=';'"),
        ("", 1, "", "empty"),
        ("a,b\n", 0, "", "no person"),
        ('a,b\n"1,0\n', 2, "", "unexpected end"),
        ("a,b\n1,0\n".encode("utf-16"), 1, "", "UTF-16"),
        ("题,b\n1,0\n".encode("gb18030"), 1, "", "encoding='gb18030'"),
        (b'a,b\n1,0\n"\xff\xff",1\n', 3, "", "byte 0xff is not utf-8"),
        (b"\x1f\x8b\x08\x00broken", 1, "", "damaged"),
        (gzip.compress(b"a,b\n" + b"1,0\n" * 9000, mtime=0)[:40], 0, "", "damaged"),
    ],
)
def test_a_fault_is_told_with_file_line_and_column(
    tmp_path: Path, content: str | bytes, line: int, column: str, words: str
) -> None:
    path = written(tmp_path, content)

    with pytest.raises(ResponsesUnreadable) as caught:
        read_responses_csv(path)

    assert (caught.value.file, caught.value.column) == ("exam.csv", column)
    assert caught.value.line == line or not line
    assert words in str(caught.value)


def test_a_cell_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "姓名,q\n甲,1\n".encode() + "乙,1\n".encode("gb18030"))

    with pytest.raises(ResponsesUnreadable, match=r"line 3.*gb18030"):
        read_responses_csv(path, person="姓名")


@pytest.mark.parametrize("row", ["甲,,1,1", '"甲",,1,1'])
def test_a_person_without_a_group_is_told_with_the_line(tmp_path: Path, row: str) -> None:
    path = written(tmp_path, f"who,sex,q,n\n乙,f,0,1\n{row}\n")

    with pytest.raises(ResponsesUnreadable, match=r"line 3.*group is empty"):
        read_responses_csv(path, person="who", group="sex", weights="n")


@pytest.mark.parametrize("weight", ["-1", "nan", "many", "inf", ""])
def test_a_weight_is_a_number_from_nought_on(tmp_path: Path, weight: str) -> None:
    path = written(tmp_path, f"q,n\n0,1\n1,{weight}\n")

    with pytest.raises(ResponsesUnreadable, match=r"line 3.*no weight"):
        read_responses_csv(path, weights="n")


def test_an_unknown_column_is_told_with_those_there_are(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,0\n")

    with pytest.raises(ResponsesUnreadable, match="no column is called 'sex'; there are 'a', 'b'"):
        read_responses_csv(path, group="sex")


def test_a_column_has_one_role(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,0\n")

    with pytest.raises(ResponsesUnreadable, match="two roles"):
        read_responses_csv(path, items=["a", "b"], group="a")


def test_ten_thousand_items_are_read_and_a_hundred_thousand_refused(tmp_path: Path) -> None:
    wide = written(tmp_path, ",".join(map(str, range(10_000))) + "\n" + "1," * 9_999 + "0\n")
    wider = written(tmp_path, ",".join(map(str, range(100_000))) + "\n", "wider.csv")

    assert int(read_responses_csv(wide).scores.sum()) == 9_999
    with pytest.raises(ResponsesUnreadable, match="100000 columns; at most 50000"):
        read_responses_csv(wider)


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b"a" * 20_000_000))

    with pytest.raises(ResponsesUnreadable, match="longer than 8 MiB"):
        read_responses_csv(path)


def test_a_huge_quoted_cell_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b\n1,"' + "9" * 200_000 + '"\n')

    with pytest.raises(ResponsesUnreadable, match="line 2: field larger than field limit"):
        read_responses_csv(path)


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ResponsesUnreadable, match=r"none\.csv: No such file"):
        read_responses_csv(tmp_path / "none.csv")


def test_a_separator_is_one_plain_sign(tmp_path: Path) -> None:
    with pytest.raises(ResponsesUnreadable, match="cannot separate"):
        read_responses_csv(written(tmp_path, "a,b\n1,0\n"), delimiter="，")


def test_rows_across_many_blocks_keep_their_order_and_line(tmp_path: Path) -> None:
    scores = np.random.default_rng(5).integers(0, 4, size=(60_000, 12))
    lines = [",".join(map(str, row)) for row in scores.tolist()]
    header = ",".join(f"q{place}" for place in range(12))
    path = written(tmp_path, "\n".join([header, *lines]))
    broken = written(tmp_path, "\n".join([header, *lines, "1," * 11 + "x"]), "broken.csv")

    assert np.array_equal(read_responses_csv(path).scores, scores)
    with pytest.raises(ResponsesUnreadable, match="line 60002, column 'q11'"):
        read_responses_csv(broken)


def test_a_quoted_cell_may_go_on_in_the_next_block(tmp_path: Path) -> None:
    rows = ["n,q", *(f"p{row},1" for row in range(150_000)), '"two\nlines",2', "last,3"]

    seen = read_responses_csv(written(tmp_path, "\n".join(rows)), person="n")

    assert seen.person_count == 150_002
    assert seen.persons is not None
    assert (seen.persons[-2:], seen.scores[-2:, 0].tolist()) == (("two\nlines", "last"), [2, 3])


@given(
    st.lists(
        st.tuples(*[st.sampled_from(["", "0", "1", "12", "3.0", "NA", "127", " 4", "007"])] * 3),
        min_size=1,
        max_size=30,
    )
)
def test_arrays_of_bytes_and_the_full_grammar_read_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("grammar")
    plain = "a,b,c\n" + "".join(",".join(row) + "\n" for row in rows)
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("a", "b", "c"), *rows])

    fast = read_responses_csv(written(folder, plain))
    exact = read_responses_csv(written(folder, out.getvalue()))

    assert fast.scores.tolist() == exact.scores.tolist()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_by_a_typed_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = written(tmp_path_factory.mktemp("bytes"), content)

    with contextlib.suppress(ResponsesUnreadable):
        assert read_responses_csv(path).person_count > 0


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(
    st.lists(st.lists(st.integers(-1, 127), min_size=2, max_size=2), min_size=1, max_size=20),
    st.lists(names.map(str.strip).filter(bool), min_size=2, max_size=2, unique=True),
    st.data(),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    scores: list[list[int]],
    items: list[str],
    data: st.DataObject,
) -> None:
    persons = tuple(data.draw(names) for _ in scores)
    if {"person", "group", "weight"} & set(items):
        return
    groups = [data.draw(names) for _ in scores]
    weights = [data.draw(st.floats(0, 1e9)) for _ in scores]
    given_ = responses_of(
        scores, items=tuple(items), persons=persons, groups=groups, weights=weights
    )
    path = tmp_path_factory.mktemp("again") / "exam.csv"

    write_responses_csv(given_, path)
    seen = read_responses_csv(path, person="person", group="group", weights="weight")

    assert seen.items == given_.items
    assert seen.persons == given_.persons
    assert seen.sha256() == given_.sha256()


def test_one_item_with_nobody_asked_is_read_back(tmp_path: Path) -> None:
    given_ = responses_of([[-1], [1]])

    write_responses_csv(given_, tmp_path / "one.csv")

    assert read_responses_csv(tmp_path / "one.csv").scores.tolist() == [[-1], [1]]


def test_an_item_called_as_the_column_of_names_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ResponsesInvalid, match="names of their own"):
        write_responses_csv(
            responses_of([[1]], items=("person",), persons=("甲",)), tmp_path / "exam.csv"
        )
