"""Every rule has a package that breaks it, and every broken package is found out at its line."""

import json
import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import liangcai.standard.rules as rules_package
from liangcai.kernel.findings import RULES, Rule
from liangcai.standard import check_standard, shipped_standards
from liangcai.standard.source import StandardSource

BROKEN = Path(__file__).parent / "broken"
PACKAGES = sorted(path.parent for path in BROKEN.glob("*/expected.json"))
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "rules.md"

#: Too big to keep: test_rules_for_hostile_folders.py makes them.
GENERATED = {
    "file.too-large",
    "file.outside",
    "folder.too-many-files",
    "folder.too-large",
    "standard.too-many-findings",
}


def registered_rules() -> dict[str, Rule]:
    """Return the rules that the modules of the standard's checker hold."""
    names = [
        "liangcai.kernel.yaml_reader",
        "liangcai.standard.source",
        "liangcai.standard.shape",
        "liangcai.standard.rules",
        *(
            f"liangcai.standard.rules.{module.name}"
            for module in pkgutil.iter_modules(rules_package.__path__)
        ),
    ]
    held = [value for name in names for value in vars(import_module(name)).values()]
    return {value.id: value for value in held if isinstance(value, Rule)}


def expected_of(package: Path) -> list[dict[str, Any]]:
    return list(json.loads((package / "expected.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_each_fault_of_a_broken_package_is_found_at_its_file_and_line(package: Path) -> None:
    _, findings = check_standard(package)

    found = {(finding.rule, finding.file, finding.line) for finding in findings}

    assert {
        (fault["rule"], fault["file"], fault["line"]) for fault in expected_of(package)
    } <= found


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_finding_speaks_both_languages_and_points_into_its_file(package: Path) -> None:
    _, findings = check_standard(package)

    for finding in findings:
        lines = (
            (package / finding.file).read_bytes().count(b"\n")
            if _is_file(package, finding.file)
            else 1
        )
        assert finding.message.zh
        assert finding.message.en
        assert finding.severity == RULES.rules[finding.rule].severity
        assert 1 <= finding.line <= lines + 1


def _is_file(package: Path, name: str) -> bool:
    return (package / name).is_file()


def test_there_are_enough_broken_packages() -> None:
    assert len(PACKAGES) >= 45


def test_every_rule_has_a_broken_example() -> None:
    broken = {fault["rule"] for package in PACKAGES for fault in expected_of(package)}

    assert set(registered_rules()) - broken - GENERATED == set()


def test_every_rule_stands_in_the_reference_with_its_severity() -> None:
    lines = REFERENCE.read_text(encoding="utf-8").splitlines()

    missing = [
        rule.id
        for rule in registered_rules().values()
        if not any(line.startswith(f"| `{rule.id}` | {rule.severity} |") for line in lines)
    ]

    assert missing == []


def test_the_reference_names_no_rule_of_the_checker_that_is_not_registered() -> None:
    text = REFERENCE.read_text(encoding="utf-8")

    named = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}

    assert named - set(registered_rules()) == set()


def test_the_checker_has_more_rules_than_a_reader_alone() -> None:
    own = [
        rule for rule in registered_rules() if not rule.startswith(("file.", "yaml.", "folder."))
    ]

    assert len(own) >= 35


@pytest.mark.parametrize("name", shipped_standards())
def test_a_shipped_standard_has_no_error(name: str) -> None:
    standard, findings = check_standard(name)

    assert standard is not None
    assert [finding for finding in findings if finding.severity == "error"] == []


def test_a_standard_that_came_from_no_file_has_its_faults_on_line_one() -> None:
    source = StandardSource.unread("role.yaml")

    assert source.where("role", "duties", 0) == ("role.yaml", 1)
