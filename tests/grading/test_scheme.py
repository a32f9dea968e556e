from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.grading.tiny import tiny_scheme_document, tiny_standard

from liangcai.grading import (
    SchemeInvalid,
    SchemeNotFound,
    check_package,
    check_scheme,
    load_scheme,
    read_scheme,
)
from liangcai.kernel.findings import RULES, has_errors
from liangcai.standard import load_standard, shipped_standards

STANDARD = tiny_standard()
Document = dict[str, Any]
Change = Callable[[Document], object]


def written(folder: Path, document: Document) -> Path:
    path = folder / "scheme.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def plain(document: Document) -> Document:
    """Return a copy without shared parts, which YAML would write as aliases."""
    return yaml.safe_load(yaml.dump(_copied(document), Dumper=_NoAlias))  # type: ignore[no-any-return]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(part) for key, part in value.items()}
    return [_copied(part) for part in value] if isinstance(value, list | tuple) else value


class _NoAlias(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


FAULTS: dict[str, Change] = {
    "scheme.shape": lambda d: d["levels"][0].update(weights={"exam": 140}),
    "scheme.wrong-standard": lambda d: d.update(standard="other"),
    "scheme.unknown-level": lambda d: d["levels"][1].update(level="expert"),
    "scheme.missing-level": lambda d: d["levels"].pop(),
    "scheme.duplicate-code": lambda d: d["components"].append({"code": "lab"}),
    "scheme.unknown-component": lambda d: d["components"].append({"code": "oral"}),
    "scheme.kind-twice": lambda d: d["components"][0]["kinds"].append("lab-score"),
    "scheme.weight-sum": lambda d: d["levels"][0]["weights"].update(exam=50),
    "scheme.not-certifying-weight": lambda d: d["levels"][0].update(
        weights={"exam": 40, "lab": 50, "feedback": 10}
    ),
    "scheme.missing-cut": lambda d: d["levels"][0]["cuts"].pop("lab"),
    "scheme.missing-coverage": lambda d: d["levels"][0]["coverage"].pop("lab"),
    "scheme.cuts-not-rising": lambda d: d["scale"]["cuts"][1].update(location=-0.5),
    "scheme.not-nested": lambda d: d["levels"][1].update(weights={"lab": 100}),
    "scheme.precision-order": lambda d: d["precision"]["rating"].update(assumed_se=3),
    "scheme.cut-without-panel": lambda d: d["scale"]["cuts"][0].update(method="angoff"),
    "scheme.no-notice": lambda d: d.update(notice={"zh": "试行", "en": " "}),
    "scheme.no-cut-error": lambda d: d["scale"]["cuts"][0].update(se=0),
}


@pytest.mark.parametrize("rule", FAULTS)
def test_each_fault_of_a_scheme_is_found_with_its_line(rule: str, tmp_path: Path) -> None:
    document = plain(tiny_scheme_document())
    FAULTS[rule](document)

    _, findings = check_scheme(written(tmp_path, document), standard=STANDARD)

    found = [finding for finding in findings if finding.rule == rule]
    assert found, [finding.rule for finding in findings]
    assert found[0].file == "scheme.yaml"
    assert found[0].line > 1
    assert found[0].message.zh
    assert found[0].message.en


def test_every_rule_of_schemes_has_a_failing_example() -> None:
    missing = {rule for rule in RULES.rules if rule.startswith("scheme.")} - set(FAULTS)

    assert missing <= {"scheme.component-level"}


def test_a_component_is_not_asked_for_where_the_standard_has_none(tmp_path: Path) -> None:
    parts = [
        part.model_copy(update={"levels": ("senior",)}) if part.code == "lab" else part
        for part in STANDARD.evaluation
    ]
    standard = STANDARD.model_copy(update={"evaluation": tuple(parts)})

    _, findings = check_scheme(written(tmp_path, plain(tiny_scheme_document())), standard=standard)

    assert [finding.rule for finding in findings] == ["scheme.component-level"]


def test_a_sound_scheme_has_no_finding(tmp_path: Path) -> None:
    path = written(tmp_path, plain(tiny_scheme_document()))

    scheme, findings = check_scheme(path, standard=STANDARD)

    assert findings == ()
    assert scheme == read_scheme(path)


def test_a_broken_scheme_raises_with_its_findings(tmp_path: Path) -> None:
    path = written(tmp_path, plain(tiny_scheme_document(status="perfect")))

    with pytest.raises(SchemeInvalid) as caught:
        read_scheme(path)

    assert caught.value.findings[0].rule == "scheme.shape"
    assert caught.value.code == "scheme.invalid"


def test_a_fact_condition_asks_for_one_thing(tmp_path: Path) -> None:
    document = plain(tiny_scheme_document())
    document["levels"][1]["eligibility"][0]["any_of"][0]["one_of"] = ["a"]

    _, findings = check_scheme(written(tmp_path, document))

    assert any("at_least or one_of" in finding.message.en for finding in findings)


def test_equal_schemes_have_equal_hashes(tmp_path: Path) -> None:
    path = written(tmp_path, plain(tiny_scheme_document()))
    scheme = read_scheme(path)
    path.write_text("# a remark\n" + path.read_text(encoding="utf-8"), encoding="utf-8")

    assert read_scheme(path).hash == scheme.hash
    assert scheme.model_copy(update={"version": "1.0.1"}).hash != scheme.hash


def test_the_shipped_scheme_is_sound_and_says_that_it_has_no_authority() -> None:
    standard, findings = check_package("llm-product-engineer")

    assert not has_errors(findings)
    assert standard is not None
    scheme = load_scheme("default", standard=standard)
    assert scheme.status == "pilot"
    assert "无权威性" in scheme.notice.zh
    assert {rules.origin for rules in scheme.levels} == {"proposal"}
    assert [part.code for part in scheme.components if not part.certifies] == ["feedback"]


@pytest.mark.parametrize("code", shipped_standards())
def test_every_shipped_package_is_free_of_errors(code: str) -> None:
    _, findings = check_package(code)

    assert [finding for finding in findings if finding.severity == "error"] == []


def test_a_package_reports_the_faults_of_its_scheme_too(tmp_path: Path) -> None:
    record = STANDARD.model_dump(mode="json", by_alias=True)
    (tmp_path / "standard.yaml").write_text(yaml.safe_dump(plain(record)), encoding="utf-8")
    document = plain(tiny_scheme_document())
    document["levels"][0]["weights"]["exam"] = 41
    written(tmp_path, document)

    _, findings = check_package(tmp_path)

    assert ("scheme.yaml", "scheme.weight-sum") in {(f.file, f.rule) for f in findings}


def test_a_scheme_that_does_not_ship_is_not_found() -> None:
    with pytest.raises(SchemeNotFound):
        load_scheme("default", standard=STANDARD)
    with pytest.raises(SchemeNotFound):
        load_scheme("strict", standard=load_standard("llm-product-engineer"))


def test_hostile_yaml_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "scheme.yaml"
    path.write_text("a: &x [1]\nb: *x\n", encoding="utf-8")

    scheme, findings = check_scheme(path)

    assert scheme is None
    assert findings[0].rule == "yaml.refused"
