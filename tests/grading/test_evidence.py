import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from tests.grading.tiny import evidence, lab, response, self_rating, tiny_scheme, tiny_standard

from liangcai.grading import (
    EvidenceFile,
    EvidenceInvalid,
    check_evidence,
    check_evidence_against,
    check_evidence_lines,
    decide,
    load_scheme,
    read_evidence,
)
from liangcai.kernel.canonical import content_hash
from liangcai.kernel.findings import has_errors
from liangcai.standard import load_standard

EXAMPLES = Path(__file__).parents[2] / "examples"
RAW: dict[str, Any] = {
    "person": {"id": "p1", "name": {"zh": "合成", "en": "synthetic"}, "synthetic": True},
    "standard": "tiny",
    "records": [response(0), response(1, score=0), lab(1)],
    "facts": [],
}
HEADER = "person,person_name,person_synthetic,standard,kind,id,units,level,item,lab,score,fact,value,verified,source,date,synthetic\n"
ROWS = (
    "p1,合成,true,tiny,item-response,r1,A1;A2,senior,A1-01,,1,,,,exam,2026-11-01,true\n"
    "p1,合成,true,tiny,lab-score,l1,B1,senior,,E1,72.5,,,,lab,2026-11-01,true\n"
    "p1,合成,true,tiny,fact,f1,,,,,,experience-years,3.5,true,letter,2026-11-01,true\n"
)


def saved(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def rules_of(path: Path, **against: Any) -> list[str]:
    _, findings = check_evidence(path, **against)
    return [finding.rule for finding in findings]


def with_record(**changes: Any) -> dict[str, Any]:
    return {**RAW, "records": [{**response(0), **changes}]}


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    one = read_evidence(saved(tmp_path, "e.yaml", yaml.safe_dump(RAW, allow_unicode=True)))
    two = read_evidence(saved(tmp_path, "e.json", json.dumps(RAW)))

    assert one == two
    assert one.hash == two.hash


def test_csv_and_a_workbook_say_the_same(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for line in (HEADER + ROWS).splitlines():
        sheet.append([_typed(cell) for cell in line.split(",")])
    book.save(tmp_path / "e.xlsx")

    table = read_evidence(saved(tmp_path, "e.csv", "\ufeff" + HEADER + ROWS))

    assert table == read_evidence(tmp_path / "e.xlsx")
    assert [record.units for record in table.records] == [("A1", "A2"), ("B1",)]
    assert table.facts[0].value == 3.5
    assert table.person.name is not None


def _typed(cell: str) -> Any:
    if cell in ("true", ""):
        return True if cell else None
    if cell == "2026-11-01":
        return datetime(2026, 11, 1)  # noqa: DTZ001  a spreadsheet's dates have no zone
    return float(cell) if cell in ("1", "72.5", "3.5") else cell


def test_chinese_headings_are_read(tmp_path: Path) -> None:
    heading = "人员编号,人员为合成,标准,种类,编号,能力单元,等级,实操任务,得分,来源,日期,合成\n"
    row = "p1,true,tiny,lab-score,l1,B1、B2,senior,E1,70,实操,2026-11-01,true\n"

    found = read_evidence(saved(tmp_path, "e.csv", heading + row))

    assert found.records[0].units == ("B1", "B2")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"score": 2}, "score 2"),
        ({"score": -1}, "score -1"),
        ({"score": "many"}, "number"),
        ({"date": "2026/11/01"}, "date"),
        ({"level": ""}, "level"),
        ({"units": []}, "at least 1"),
        ({"options": 1}, "at least 2"),
        ({"kind": "rumour"}, "unknown kind"),
        ({"colour": "red"}, "not a known key"),
        ({"synthetic": None}, "synthetic"),
    ],
)
def test_a_wrong_record_is_named_with_its_line(
    changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    text = yaml.safe_dump(with_record(**changes), sort_keys=False)
    path = saved(tmp_path, "e.yaml", text)

    found, findings = check_evidence(path)

    assert found is None
    assert findings[0].rule == "evidence.shape"
    assert words in findings[0].message.en
    assert "records" in text.splitlines()[0] or findings[0].line > 4


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        ({**RAW, "records": [response(0), response(0)]}, "evidence.duplicate-id"),
        (with_record(date="2026-02-30"), "evidence.date"),
        (with_record(units=["A1", "A1"]), "evidence.unit-twice"),
        ({**RAW, "records": [response(0), response(0, id="x")]}, "evidence.repeated-item"),
        (with_record(synthetic=False), "evidence.synthetic-mixed"),
        (with_record(units=["A9"]), "evidence.unknown-unit"),
        (with_record(level="expert"), "evidence.unknown-level"),
        (with_record(component="oral"), "evidence.unknown-component"),
        (with_record(units=["B1"]), "evidence.outside-component"),
        ({**RAW, "standard": "other"}, "evidence.wrong-standard"),
    ],
)
def test_each_fault_of_evidence_is_found(raw: dict[str, Any], rule: str, tmp_path: Path) -> None:
    path = saved(tmp_path, "e.json", json.dumps(raw, indent=1))

    found, findings = check_evidence(path, standard=tiny_standard(), scheme=tiny_scheme())

    assert found is not None
    assert rule in {finding.rule for finding in findings}
    assert all(finding.line > 1 for finding in findings if finding.rule == rule)


def test_a_unit_without_requirements_at_the_level_is_pointed_out() -> None:
    standard = tiny_standard()
    units = tuple(
        unit.model_copy(update={"indicators": unit.indicators[:1]}) for unit in standard.units
    )
    bare = standard.model_copy(update={"units": units})

    findings = check_evidence_against(evidence([response(0)]), bare, tiny_scheme())

    assert [(f.rule, f.clause) for f in findings] == [("evidence.unit-not-at-level", "r000")]


def test_an_unverified_fact_is_noted() -> None:
    findings = check_evidence_against(evidence([], years=3, verified=False), tiny_standard())

    assert [(f.rule, f.severity) for f in findings] == [("evidence.unverified-fact", "note")]


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("e.txt", b"", "evidence.format"),
        ("e.yaml", b"a: \xff\xfe", "file.encoding"),
        ("e.csv", "人员".encode("gbk"), "file.encoding"),
        ("e.csv", (HEADER + ROWS).encode("utf-16"), "file.encoding"),
        ("e.csv", b"", "table.syntax"),
        ("e.csv", b'person\n"never closed', "table.syntax"),
        ("e.csv", b"person,weather\np1,rain\n", "table.unknown-column"),
        ("e.csv", b"person,person\np1,p1\n", "table.duplicate-column"),
        ("e.csv", b"person\np1\np2\n", "table.several-people"),
        ("e.json", b"{", "json.syntax"),
        ("e.json", b'{"a": NaN}', "json.syntax"),
        ("e.json", b'{"a": 1' + b"0" * 5000 + b"}", "json.syntax"),
        ("e.json", b"[" * 100_000, "yaml.too-deep"),
        ("e.json", b'{"person": 1,\n "person": 2}', "yaml.duplicate-key"),
        ("e.json", b"\xff", "file.encoding"),
        ("e.yaml", b"a: &a [x]\nb: *a", "yaml.refused"),
        ("e.xlsx", b"PK\x03\x04 nothing", "file.not-readable"),
        ("e.yaml", b"x" * (8 * 1024 * 1024 + 1), "file.too-large"),
    ],
)
def test_hostile_files_are_findings(name: str, content: bytes, rule: str, tmp_path: Path) -> None:
    path = saved(tmp_path, name, content)

    found, findings = check_evidence(path)

    assert found is None
    assert rule in {finding.rule for finding in findings}


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    assert rules_of(tmp_path / "none.yaml") == ["file.not-readable"]


def test_too_many_rows_are_cut_off(tmp_path: Path) -> None:
    rows = "".join(f"p1,fact,{n}\n" for n in range(21_010))

    assert "table.too-many-rows" in rules_of(saved(tmp_path, "e.csv", "person,kind,id\n" + rows))


def test_a_fault_in_a_workbook_names_sheet_and_cell(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "佐证"
    sheet.append(HEADER.strip().split(","))
    sheet.append([_typed(cell) for cell in ROWS.splitlines()[0].split(",")])
    sheet["K2"] = "=1+1"
    book.save(tmp_path / "e.xlsx")

    _, findings = check_evidence(tmp_path / "e.xlsx")

    assert (findings[0].rule, findings[0].line, findings[0].clause) == (
        "evidence.shape",
        2,
        "佐证!K2",
    )


def test_invalid_evidence_raises_with_its_findings(tmp_path: Path) -> None:
    with pytest.raises(EvidenceInvalid) as caught:
        read_evidence(saved(tmp_path, "e.yaml", "person: 1\n"))

    assert len(caught.value.findings) >= 2


def test_lines_are_judged_one_by_one(tmp_path: Path) -> None:
    good = json.dumps(RAW)
    path = saved(tmp_path, "people.jsonl", f"{good}\n\n{{\n{good}\n")

    found = list(check_evidence_lines(path))

    assert [(line, one is not None) for line, one, _ in found] == [(1, True), (3, False), (4, True)]
    assert found[1][2][0].line == 3


def test_an_overlong_line_does_not_stop_the_others(tmp_path: Path) -> None:
    path = saved(tmp_path, "people.jsonl", "x" * (9 * 1024 * 1024) + "\n" + json.dumps(RAW))

    found = list(check_evidence_lines(path))

    assert [(line, one is not None) for line, one, _ in found] == [(1, False), (2, True)]


def test_the_hash_is_the_content_hash_of_its_stated_form() -> None:
    one = evidence([response(0, score=0.5), lab(1, score=71.25), self_rating("A1")], years=2.5)

    assert one.hash == content_hash(one.hashed_form())


@settings(deadline=None, max_examples=50)
@given(st.floats(0, 100), st.text(max_size=30), st.floats(0, 60))
def test_the_fast_hash_is_always_the_canonical_one(score: float, source: str, years: float) -> None:
    if any(0xD800 <= ord(sign) <= 0xDFFF for sign in source):
        source = ""
    one = evidence([lab(1, score=score, source=source)], years=years)

    assert one.hash == content_hash(one.hashed_form())


def test_what_is_written_out_reads_back_the_same() -> None:
    one = evidence([response(0, score=0.5), lab(1), self_rating("A1")], years=3)

    assert EvidenceFile.model_validate(one.as_record()).hash == one.hash


@pytest.mark.parametrize(
    ("name", "state", "level"),
    [
        ("clear-intermediate", "graded", "intermediate"),
        ("borderline", "graded", "intermediate"),
        ("too-little", "not-enough-evidence", None),
    ],
)
def test_the_example_people_are_synthetic_and_graded_as_told(
    name: str, state: str, level: str | None
) -> None:
    standard = load_standard("llm-product-engineer")
    scheme = load_scheme("default", standard=standard)

    found, findings = check_evidence(
        EXAMPLES / name / "evidence.yaml", standard=standard, scheme=scheme
    )
    assert found is not None
    decision = decide(standard, found, scheme)

    assert not has_errors(findings)
    assert all(part.synthetic for part in (found.person, *found.records, *found.facts))
    assert found.person.name is not None
    assert "合成" in found.person.name.zh
    assert (decision.state, decision.level, decision.synthetic) == (state, level, True)


def test_the_borderline_example_is_borderline_and_the_clear_one_clear() -> None:
    standard = load_standard("llm-product-engineer")

    clear, borderline = (
        decide(standard, read_evidence(EXAMPLES / name / "evidence.yaml")).probability_correct
        for name in ("clear-intermediate", "borderline")
    )

    assert clear is not None
    assert borderline is not None
    assert 0.55 <= borderline <= 0.7 < 0.9 <= clear
