from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.items.bank_builder import raw_item, write_items

from liangcai.items import ItemsInvalid, check_items, read_items
from liangcai.kernel.findings import has_errors
from liangcai.standard import StandardNotFound, load_standard

STANDARD = load_standard("llm-product-engineer")


def test_a_bank_is_read_from_a_file_a_folder_or_a_standards_folder(tmp_path: Path) -> None:
    path = write_items(tmp_path, raw_item())

    banks = [check_items(place)[0] for place in (path, tmp_path / "items", tmp_path)]

    assert [bank and len(bank.items) for bank in banks] == [1, 1, 1]


def test_the_shipped_bank_fits_its_standard() -> None:
    bank = read_items("llm-product-engineer", standard=STANDARD, on=date(2026, 11, 23))

    assert len(bank.items) >= 140
    assert all(item.status == "pilot" and not item.is_calibrated for item in bank.items)


def test_a_bank_knows_its_items_by_code_and_by_unit(tmp_path: Path) -> None:
    write_items(tmp_path, raw_item("JN5-I01"), raw_item("JN6-I01", unit="JN6"))

    bank = read_items(tmp_path)

    assert bank.item("JN6-I01").unit == "JN6"
    assert [item.code for item in bank.of_unit("JN5")] == ["JN5-I01"]


def test_a_changed_word_makes_another_version_and_another_bank(tmp_path: Path) -> None:
    write_items(tmp_path, raw_item())
    before = read_items(tmp_path)

    write_items(tmp_path, raw_item(stem={"zh": "另一个问题？", "en": "Another question?"}))
    after = read_items(tmp_path)

    assert before.items[0].hash != after.items[0].hash
    assert before.hash != after.hash


def test_the_order_of_the_files_does_not_change_the_bank(tmp_path: Path) -> None:
    one, two = raw_item("JN5-I01"), raw_item("JN5-I02")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    write_items(tmp_path / "a", one, two)
    write_items(tmp_path / "b", two, one)

    assert read_items(tmp_path / "a").hash == read_items(tmp_path / "b").hash


def test_an_item_of_wrong_shape_is_found_with_its_line_and_the_others_are_still_checked(
    tmp_path: Path,
) -> None:
    broken = raw_item("JN5-I02", kind="essay")
    path = write_items(tmp_path, raw_item("JN5-I01", right="AB", kind="single-choice"), broken)

    bank, findings = check_items(tmp_path)

    assert bank is None
    assert {finding.rule for finding in findings} == {"item.shape", "item.correct-count"}
    shape = next(finding for finding in findings if finding.rule == "item.shape")
    assert path.read_text().splitlines()[shape.line - 1].strip() == "kind: essay"
    assert shape.file == "items/JN5.yaml"


@pytest.mark.parametrize("content", ["[]", "items: 3", "items: []\nmore: 1", "", "just text"])
def test_a_file_that_is_no_list_of_items_is_found(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.yaml").write_text(content)

    bank, findings = check_items(tmp_path / "x.yaml")

    assert bank is None
    assert [finding.rule for finding in findings] == ["item.shape"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hint": 1}, "hint is not a known key"),
        ({"prior": {}}, "prior.difficulty is missing"),
        ({"prior": {"difficulty": 9}}, "prior.difficulty"),
        ({"options": "ABC"}, "options"),
        ({"review_by": "soon"}, "review_by"),
    ],
)
def test_each_fault_of_shape_names_the_part(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    write_items(tmp_path, raw_item(**change))

    _, findings = check_items(tmp_path)

    assert any(said in finding.message.en for finding in findings)


def test_an_item_that_is_no_mapping_is_found(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("items:\n  - just text\n")

    _, findings = check_items(tmp_path / "x.yaml")

    assert [(finding.rule, finding.line) for finding in findings] == [("item.shape", 2)]


def test_nothing_to_read_is_a_finding_for_the_checker(tmp_path: Path) -> None:
    assert has_errors(check_items(tmp_path / "missing")[1])
    assert [finding.rule for finding in check_items(tmp_path)[1]] == ["item.no-items"]


def test_too_many_files_are_not_read(tmp_path: Path) -> None:
    for number in range(501):
        (tmp_path / f"{number}.yaml").touch()

    assert [finding.rule for finding in check_items(tmp_path)[1]] == ["item.too-many-files"]


def test_a_caller_who_needs_a_valid_bank_gets_an_error_with_the_findings(tmp_path: Path) -> None:
    write_items(tmp_path, raw_item(right="AB", kind="single-choice"))

    with pytest.raises(ItemsInvalid) as caught:
        read_items(tmp_path)

    assert [finding.rule for finding in caught.value.findings] == ["item.correct-count"]


def test_a_bank_that_does_not_exist_is_an_error_of_its_own() -> None:
    with pytest.raises(StandardNotFound):
        read_items("no-such-standard")


def test_hostile_yaml_is_found_and_not_expanded(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("items: &a [*a, *a]\n")

    bank, findings = check_items(tmp_path / "x.yaml")

    assert bank is None
    assert findings[0].rule == "yaml.refused"


def test_the_records_of_a_bank_are_plain_data(tmp_path: Path) -> None:
    write_items(tmp_path, raw_item())

    record = read_items(tmp_path).items[0].as_record()

    assert yaml.safe_load(yaml.safe_dump(record)) == record


WILD = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(raw_item())), WILD)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_value_in_any_place_is_read_or_found_and_never_a_crash(
    tmp_path: Path, part: str, value: object
) -> None:
    write_items(tmp_path, {**raw_item(), part: value})

    bank, findings = check_items(tmp_path, STANDARD)

    assert bank is not None or has_errors(findings)
    assert all(finding.line >= 1 for finding in findings)
