"""What comes from outside is read within bounds and never raises."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.standard.minimal import minimal_record, minimal_yaml, write_minimal

import liangcai.standard.rules as rules
from liangcai.standard import StandardInvalid, StandardNotFound, check_standard, load_standard
from liangcai.standard import source as source_module


def rules_found(folder: Path) -> set[str]:
    return {finding.rule for finding in check_standard(folder)[1]}


def test_the_minimal_standard_leaves_nothing_to_say(tmp_path: Path) -> None:
    standard, findings = check_standard(write_minimal(tmp_path))

    assert standard is not None
    assert findings == ()


def test_a_file_of_fifty_megabytes_is_refused_unread(tmp_path: Path) -> None:
    folder = write_minimal(tmp_path)
    with (folder / "terms.yaml").open("wb") as file:
        file.truncate(50 * 1024 * 1024)

    standard, findings = check_standard(folder)

    assert standard is None
    assert [(f.rule, f.file, f.line) for f in findings] == [("file.too-large", "terms.yaml", 1)]


def test_a_folder_of_too_many_unit_files_is_refused(tmp_path: Path) -> None:
    folder = write_minimal(tmp_path)
    (folder / "units").mkdir()
    for number in range(source_module.MAX_FILES + 1):
        (folder / "units" / f"U{number}.yaml").touch()

    assert rules_found(folder) == {"folder.too-many-files"}


def test_files_that_are_small_alone_and_big_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "MAX_PARTS", 200)
    folder = write_minimal(tmp_path)
    (folder / "units").mkdir()
    for number in range(5):
        text = "code: U\nlist: [" + "x, " * 100 + "x]\n"
        (folder / "units" / f"U{number}.yaml").write_text(text, encoding="utf-8")

    standard, findings = check_standard(folder)

    assert standard is None
    assert [f.file for f in findings if f.rule == "folder.too-large"] == ["units/U0.yaml"]


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("terms: []\n", encoding="utf-8")
    folder = write_minimal(tmp_path)
    (folder / "terms.yaml").symlink_to(secret)

    _, findings = check_standard(folder)

    assert ("file.outside", "terms.yaml") in {(f.rule, f.file) for f in findings}


def test_more_findings_than_anybody_reads_are_cut_off_and_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_FINDINGS", 3)
    levels = minimal_record()["levels"] * 4

    _, findings = check_standard(write_minimal(tmp_path, levels=levels))

    assert len(findings) == 4
    assert "standard.too-many-findings" in {finding.rule for finding in findings}


def test_the_faults_of_a_side_file_are_not_told_twice(tmp_path: Path) -> None:
    folder = write_minimal(tmp_path)
    record = minimal_record()
    record.pop("role")
    (folder / "standard.yaml").write_text(minimal_yaml(record), encoding="utf-8")
    (folder / "role.yaml").write_text("title: {zh: [", encoding="utf-8")

    assert rules_found(folder) == {"yaml.syntax"}


def test_a_standard_may_be_spread_over_files(tmp_path: Path) -> None:
    folder, record = write_minimal(tmp_path), minimal_record()
    (folder / "units").mkdir()
    parts = {
        "role.yaml": record.pop("role"),
        "terms.yaml": {"terms": record.pop("terms")},
        "units/E1.yaml": record.pop("units")[0],
        "standard.yaml": record,
    }
    for name, part in parts.items():
        (folder / name).write_text(minimal_yaml(part), encoding="utf-8")

    standard, findings = check_standard(folder)

    assert findings == ()
    assert standard is not None
    assert standard.hash == load_standard(write_minimal(tmp_path / "whole")).hash


def test_a_name_that_is_neither_shipped_nor_a_folder_is_an_error_of_the_call() -> None:
    with pytest.raises(StandardNotFound):
        check_standard("no-such-standard")


def test_whoever_wants_a_valid_standard_gets_the_findings_with_the_error(tmp_path: Path) -> None:
    folder = write_minimal(tmp_path, licence=" ")

    with pytest.raises(StandardInvalid) as caught:
        load_standard(folder)

    assert [finding.rule for finding in caught.value.findings] == ["standard.no-licence"]
    assert "standard.yaml:" in str(caught.value)


def test_a_long_run_of_capitals_or_brackets_is_read_in_no_time(tmp_path: Path) -> None:
    record = minimal_record()
    record["units"][0]["indicators"][0]["text"] = {
        "zh": "应按" + "按" * 200_000 + "A" * 200_000 + "1",
        "en": "Shall " + "(" * 200_000 + "é" + "a" * 200_000,
    }

    assert "wording.too-long" in rules_found(write_minimal(tmp_path, units=record["units"]))


MINIMAL = minimal_yaml()
#: Bits that mean something to YAML or to the checker.
SHARDS = st.sampled_from(
    [
        "\t",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!int ",
        "---\n",
        "'",
        "~",
        "1e999",
        "\n",
        "zh",
        "应",
        "；",
        "null",
        "-1",
        "#",
        "\x00",
        "\ufeff",
        "E1",
        "  ",
        ".nan",
    ]
)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(MINIMAL)), st.integers(0, 12), SHARDS), min_size=1, max_size=4
    )
)
def test_no_mangled_standard_makes_the_checker_raise(
    tmp_path: Path, edits: list[tuple[int, int, str]]
) -> None:
    text = MINIMAL
    for at, length, shard in edits:
        text = text[:at] + shard + text[at + length :]
    folder = tmp_path / "minimal"
    folder.mkdir(exist_ok=True)
    (folder / "standard.yaml").write_text(text, encoding="utf-8")

    standard, findings = check_standard(folder)

    assert standard is not None or any(finding.severity == "error" for finding in findings)


@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(raw=st.binary(max_size=400))
def test_no_bytes_make_the_checker_raise(tmp_path: Path, raw: bytes) -> None:
    folder = tmp_path / "bytes"
    folder.mkdir(exist_ok=True)
    (folder / "standard.yaml").write_bytes(raw)

    standard, findings = check_standard(folder)

    assert standard is None
    assert findings


@pytest.mark.parametrize("name", ["role.yaml", "terms.yaml", "units/U1.yaml"])
@pytest.mark.parametrize("target", ["nowhere.yaml", None])
def test_a_link_that_leads_nowhere_is_found_where_it_stands(
    name: str, target: str | None, tmp_path: Path
) -> None:
    folder = write_minimal(tmp_path)
    (folder / "units").mkdir()
    link = folder / name
    link.unlink(missing_ok=True)
    link.symlink_to(target or link.name)

    _, findings = check_standard(folder)

    assert ("file.not-readable", name) in {(f.rule, f.file) for f in findings}


@pytest.mark.skipif(sys.platform == "darwin", reason="its file system takes names of text only")
def test_a_file_name_that_is_no_text_is_shown_as_far_as_it_is(tmp_path: Path) -> None:
    folder = write_minimal(tmp_path)
    (folder / "units").mkdir()
    Path(os.fsdecode(os.fsencode(folder / "units") + b"/U\xff.yaml")).write_text("code: U\n")
    Path(os.fsdecode(os.fsencode(folder) + b"/stray\xff.yaml")).touch()

    _, findings = check_standard(folder)

    files = {finding.file for finding in findings}
    assert {"units/U\N{REPLACEMENT CHARACTER}.yaml", "stray\N{REPLACEMENT CHARACTER}.yaml"} <= files


@pytest.mark.parametrize("name", ["", "x" * 5000, "a\0b", "\udcff"])
def test_a_name_that_names_nothing_is_not_found(name: str) -> None:
    with pytest.raises(StandardNotFound):
        check_standard(name)
