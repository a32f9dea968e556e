"""Hostile YAML in, values with lines out, and never an exception."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.kernel import yaml_reader
from liangcai.kernel.yaml_reader import MAX_BYTES, MAX_DEPTH, parse_yaml, read_yaml


def value_of(text: str) -> Any:
    tree, findings = parse_yaml(text.encode(), name="a.yaml")
    assert findings == ()
    assert tree is not None
    return tree.value


def faults_of(raw: bytes) -> list[tuple[str, int]]:
    tree, findings = parse_yaml(raw, name="a.yaml")
    assert tree is None
    assert all(finding.file == "a.yaml" for finding in findings)
    return [(finding.rule, finding.line) for finding in findings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("2026-01-05", "2026-01-05"),
        ("12:30", "12:30"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("17", 17),
        ("-3", -3),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("'17'", "17"),
        ('"true"', "true"),
        ("9" * 19, "9" * 19),
    ],
)
def test_a_plain_scalar_means_what_yaml_1_2_says(text: str, value: object) -> None:
    read = value_of(f"key: {text}\n")["key"]

    assert read == value
    assert type(read) is type(value)


def test_every_part_knows_the_line_it_begins_on() -> None:
    tree, _ = parse_yaml(
        b"# title\na:\n  - b: 1\n    c: |\n      x\n  - {d: 2,\n     e: 3}\n", name="a"
    )

    assert tree is not None
    assert tree.line_of(()) == 2
    assert tree.line_of(("a", 0)) == 3
    assert tree.line_of(("a", 0, "c")) == 4
    assert tree.line_of(("a", 1, "d")) == 6
    assert tree.line_of(("a", 1, "e")) == 7


def test_a_part_that_is_not_there_is_where_its_parent_is() -> None:
    tree, _ = parse_yaml(b"a:\n  b: 1\n", name="a")

    assert tree is not None
    assert tree.line_of(("a", "missing", 3)) == 1
    assert tree.line_of(("a", "b", "missing")) == 2


def test_an_empty_file_is_null() -> None:
    assert value_of("") is None
    assert value_of("# nothing\n") is None


def test_a_byte_order_mark_is_no_fault() -> None:
    tree, findings = parse_yaml(b"\xef\xbb\xbfa: 1\n", name="a")

    assert findings == ()
    assert tree is not None
    assert tree.value == {"a": 1}


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert value_of("<<: {a: 1}\n") == {"<<": {"a": 1}}


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"a: &x 1\n", ("yaml.refused", 1)),
        (b"a: 1\nb: *x\n", ("yaml.refused", 2)),
        (b"a: 1\n&k b: 2\n", ("yaml.refused", 2)),
        (b"a: !!python/object/apply:os.system [ls]\n", ("yaml.refused", 1)),
        (b"!!str a: 1\n", ("yaml.refused", 1)),
        (b"a: 1\n---\nb: 2\n", ("yaml.refused", 2)),
        (b"? [a, b]\n: 1\n", ("yaml.refused", 1)),
        (b"a:\n\tb: 1\n", ("yaml.syntax", 2)),
        (b"a: b: c\n", ("yaml.syntax", 1)),
        (b"a: 1\nb: [1, 2\n", ("yaml.syntax", 2)),
        (b"a: 1\nb: 'open\nc: 2\n", ("yaml.syntax", 2)),
        (b"a: @home\n", ("yaml.syntax", 1)),
        (b"a: 1\nb: \x07\n", ("yaml.syntax", 2)),
        (b"a: 1\nb: 2\na: 3\n", ("yaml.duplicate-key", 3)),
        (b"a: 1\nb: \xff\n", ("file.encoding", 2)),
        ("a: 标准\n".encode("gb18030"), ("file.encoding", 1)),
    ],
)
def test_a_fault_is_told_by_rule_and_line(raw: bytes, fault: tuple[str, int]) -> None:
    assert faults_of(raw) == [fault]


@pytest.mark.parametrize("opening", [b"[", b"{a: ", b"- ", b"? "])
def test_deep_nesting_stops_at_the_limit(opening: bytes) -> None:
    [(rule, line)] = faults_of(opening * 200_000)

    assert rule in {"yaml.too-deep", "yaml.refused"}
    assert line == 1


def test_nesting_up_to_the_limit_is_read() -> None:
    value = value_of("[" * MAX_DEPTH + "]" * MAX_DEPTH)

    for _ in range(MAX_DEPTH - 1):
        [value] = value
    assert value == []


def test_more_nodes_than_the_limit_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_reader, "MAX_NODES", 100)

    assert faults_of(b"- 1\n" * 101) == [("yaml.too-deep", 100)]


def test_more_bytes_than_the_limit_are_not_parsed() -> None:
    assert faults_of(b" " * (MAX_BYTES + 1)) == [("file.too-large", 1)]


def test_several_keys_that_stand_twice_are_all_told() -> None:
    assert faults_of(b"a: 1\na: 2\nb: {c: 1, c: 2}\n") == [
        ("yaml.duplicate-key", 2),
        ("yaml.duplicate-key", 3),
    ]


def test_a_missing_file_and_a_folder_are_findings(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.yaml", tmp_path):
        tree, findings = read_yaml(path)

        assert tree is None
        assert [finding.rule for finding in findings] == ["file.not-readable"]


def test_a_file_is_named_as_the_reader_is_told(tmp_path: Path) -> None:
    path = tmp_path / "E1.yaml"
    path.write_text("a: [", encoding="utf-8")

    _, findings = read_yaml(path, name="units/E1.yaml")

    assert [finding.file for finding in findings] == ["units/E1.yaml"]


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_raise(raw: bytes) -> None:
    tree, findings = parse_yaml(raw, name="a.yaml")

    assert (tree is None) == bool(findings)


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="ab:- \n\t[]{}&*!|>'\"#?%@,~0.", max_size=80))
def test_no_yaml_like_text_makes_the_reader_raise(text: str) -> None:
    tree, findings = parse_yaml(text.encode(), name="a.yaml")

    assert (tree is None) == bool(findings)
    assert all(1 <= finding.line <= text.count("\n") + 2 for finding in findings)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text("abc 中文:#'\"-\n", max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abc中", min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


class _WithoutAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


@settings(deadline=None, max_examples=100)
@given(PLAIN)
def test_what_pyyaml_writes_is_read_back_the_same(value: object) -> None:
    written = yaml.dump(value, Dumper=_WithoutAliases, allow_unicode=True)

    assert value_of(written) == value
