"""The folder of YAML that a standard is written to, and the schema registry."""

from pathlib import Path
from tempfile import TemporaryDirectory

import jsonschema
import pytest
from hypothesis import given, settings
from tests.standard.minimal import minimal_standard
from tests.standard.tiny import standards, text, tiny_record, tiny_standard

from liangcai.kernel.schemas import UnknownSchema, json_schema, schema_names
from liangcai.kernel.yaml_reader import parse_yaml
from liangcai.standard import Standard, check_standard, load_standard
from liangcai.standard.exchange.yaml_folder import (
    FolderNotEmpty,
    to_yaml,
    to_yaml_folder,
    yaml_files,
)


def read_back(standard: Standard) -> Standard | None:
    with TemporaryDirectory() as parent:
        to_yaml_folder(standard, Path(parent) / standard.code)
        return check_standard(Path(parent) / standard.code)[0]


@pytest.mark.parametrize("name", ["llm-product-engineer", "ai-trainer"])
def test_a_shipped_standard_survives_its_folder(name: str) -> None:
    standard = load_standard(name)

    copy = read_back(standard)

    assert copy is not None
    assert copy.hash == standard.hash


@settings(deadline=None, max_examples=40)
@given(standards())
def test_any_standard_survives_its_folder(standard: Standard) -> None:
    copy = read_back(standard)

    assert copy is not None
    assert copy.hash == standard.hash


@settings(deadline=None, max_examples=40)
@given(standards())
def test_the_single_file_holds_the_whole_standard(standard: Standard) -> None:
    tree, findings = parse_yaml(to_yaml(standard), name="standard.yaml")

    assert findings == ()
    assert tree is not None
    assert Standard.model_validate(tree.value).hash == standard.hash


def test_each_unit_has_a_file_of_its_own() -> None:
    assert {"standard.yaml", "role.yaml", "terms.yaml", "crosswalks.yaml"} <= set(
        yaml_files(tiny_standard())
    )
    assert "units/A1.yaml" in yaml_files(tiny_standard())


def test_units_in_an_order_of_their_own_stay_in_one_file() -> None:
    standard = tiny_standard(units=tiny_record()["units"][::-1])

    assert not any(name.startswith("units/") for name in yaml_files(standard))
    copy = read_back(standard)
    assert copy is not None
    assert [unit.code for unit in copy.units] == ["B1", "A1"]


@pytest.mark.parametrize("licence", ["1e5", "0x1F", "no", "~", "1_000", "2026-01-05", ".5", "- a"])
def test_text_that_looks_like_something_else_stays_text(licence: str) -> None:
    copy = read_back(tiny_standard(licence=licence))

    assert copy is not None
    assert copy.licence == licence


def test_a_folder_with_files_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(FolderNotEmpty):
        to_yaml_folder(tiny_standard(), tmp_path)


def test_what_is_written_is_free_of_findings(tmp_path: Path) -> None:
    standard = minimal_standard()

    to_yaml_folder(standard, tmp_path / standard.code)

    assert check_standard(tmp_path / standard.code)[1] == ()


def test_the_schema_accepts_every_standard() -> None:
    schema = json_schema("standard")
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)

    assert check.is_valid(tiny_standard().as_record())
    assert check.is_valid(load_standard("llm-product-engineer").as_record())
    assert not check.is_valid(tiny_standard().as_record() | {"version": "first"})
    assert not check.is_valid(tiny_standard().as_record() | {"surprise": text("无", "No")})


def test_an_unknown_schema_says_which_are_known() -> None:
    with pytest.raises(UnknownSchema, match="standard"):
        json_schema("recipe")


@pytest.mark.parametrize("name", schema_names())
def test_every_schema_of_the_registry_loads_and_is_valid(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema(name))
