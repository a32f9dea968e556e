"""A standard for machines: CASE 1.1 and JSON-LD, checked against what others published."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from hypothesis import given, settings
from tests.standard.tiny import standards, tiny_record, tiny_standard

from liangcai.standard import Standard, load_standard, shipped_standards
from liangcai.standard.exchange import to_case, to_jsonld

REFERENCES = Path(__file__).parents[3] / "shared" / "refs" / "case"
official = pytest.mark.skipif(not REFERENCES.is_dir(), reason="the official schema is not here")


def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((REFERENCES / "case-v1p1-cfpackage.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def smart_levels(package: dict[str, Any]) -> dict[str, str]:
    """Return each item's place in the tree ("1.2.3"), computed from the associations alone."""
    children: dict[str, list[tuple[Any, str]]] = {}
    names = {item["identifier"]: item["fullStatement"] for item in package["CFItems"]}
    for link in package["CFAssociations"]:
        if link["associationType"] == "isChildOf":
            child = link["originNodeURI"]["identifier"]
            natural = [int(part) for part in re.findall(r"\d+", names[child])]
            order = link.get("sequenceNumber", natural)
            children.setdefault(link["destinationNodeURI"]["identifier"], []).append((order, child))
    places: dict[str, str] = {}

    def walk(node: str, place: str) -> None:
        for number, (_, child) in enumerate(sorted(children.get(node, [])), 1):
            places[child] = f"{place}{number}"
            walk(child, f"{place}{number}.")

    walk(package["CFDocument"]["identifier"], "")
    return places


@official
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", shipped_standards())
def test_a_shipped_standard_is_a_package_by_the_official_schema(name: str, language: str) -> None:
    errors = list(validator().iter_errors(to_case(load_standard(name), language=language)))

    assert errors == []


@official
@settings(deadline=None, max_examples=20)
@given(standards())
def test_any_standard_is_a_package_by_the_official_schema(standard: Standard) -> None:
    assert validator().is_valid(to_case(standard))


@official
def test_our_reading_of_smart_levels_is_that_of_an_independent_framework() -> None:
    path = REFERENCES / "opensalt-SmartLevelFramework.json"
    package = json.loads(path.read_text(encoding="utf-8"))

    places = smart_levels(package)

    assert {
        x["identifier"]: x["fullStatement"].removeprefix("Item ") for x in package["CFItems"]
    } == (places)


def test_smart_levels_follow_from_the_sequence_numbers() -> None:
    package = to_case(load_standard("llm-product-engineer"))

    places = smart_levels(package)

    assert {x["identifier"]: x["listEnumeration"] for x in package["CFItems"]} == places
    by_code = {x["humanCodingScheme"]: x["listEnumeration"] for x in package["CFItems"]}
    assert by_code["ZS"] == "2"
    assert by_code["ZS1-1-1"].startswith("2.1.")


def test_identifiers_are_the_same_each_time_and_differ_by_edition() -> None:
    one, again = to_case(tiny_standard()), to_case(tiny_standard())
    other = to_case(tiny_standard(version="1.3.0"))

    assert one == again
    ours = {item["identifier"] for item in one["CFItems"]}
    assert all(UUID(identifier).version == 5 for identifier in ours)
    assert len(ours) == len(one["CFItems"])
    assert not ours & {item["identifier"] for item in other["CFItems"]}


def test_items_are_elements_units_indicators_and_levels() -> None:
    package = to_case(tiny_standard(), language="en")

    types = {item["humanCodingScheme"]: item["CFItemType"] for item in package["CFItems"]}
    assert types == {
        "A": "Element",
        "A1": "Unit",
        "A1-1-1": "Indicator",
        "A1-2-1": "Indicator",
        "B": "Element",
        "B1": "Unit",
        "B1-1-1": "Indicator",
        "low": "Level",
        "high": "Level",
    }


def test_associations_tell_parents_levels_and_crosswalks() -> None:
    package = to_case(tiny_standard(), language="en")
    codes = {item["identifier"]: item["humanCodingScheme"] for item in package["CFItems"]}
    codes[package["CFDocument"]["identifier"]] = "document"

    told = [
        (
            codes[link["originNodeURI"]["identifier"]],
            link["associationType"],
            codes.get(
                link["destinationNodeURI"]["identifier"], link["destinationNodeURI"]["title"]
            ),
        )
        for link in package["CFAssociations"]
    ]

    assert ("A", "isChildOf", "document") in told
    assert ("A1-2-1", "isChildOf", "A1") in told
    assert ("A1-2-1", "hasSkillLevel", "high") in told
    assert ("A1", "exactMatchOf", "Old list 1 K.1") in told
    assert ("B1", "isRelatedTo", "Old list 1 K.2") in told


def test_every_link_inside_the_package_leads_somewhere() -> None:
    package = to_case(load_standard("llm-product-engineer"))
    known = {package["CFDocument"]["identifier"]}
    known |= {item["identifier"] for item in package["CFItems"]}
    known |= {node["identifier"] for nodes in package["CFDefinitions"].values() for node in nodes}

    for link in package["CFAssociations"]:
        assert link["originNodeURI"]["identifier"] in known
        if link["destinationNodeURI"]["targetType"] == "CASE":
            assert link["destinationNodeURI"]["identifier"] in known


def test_a_relation_of_the_role_belongs_to_the_document() -> None:
    record = tiny_record()
    record["crosswalks"][0] |= {"scope": "roles"}

    package = to_case(Standard.model_validate(record))

    link = next(x for x in package["CFAssociations"] if x["associationType"] == "exactMatchOf")
    assert link["originNodeURI"]["identifier"] == package["CFDocument"]["identifier"]


def test_uris_follow_the_service_where_there_is_one() -> None:
    package = to_case(tiny_standard(), base="https://standards.example/")

    item = package["CFItems"][0]
    assert item["uri"] == f"https://standards.example/ims/case/v1p1/CFItems/{item['identifier']}"


def nodes(standard: Standard) -> dict[str, dict[str, Any]]:
    return {node["id"]: node for node in to_jsonld(standard)["@graph"]}


def test_linked_data_is_a_concept_scheme_of_defined_terms() -> None:
    graph = nodes(tiny_standard())

    scheme = graph["urn:liangcai:tea-taster:1.2.3"]
    unit = graph["urn:liangcai:tea-taster:1.2.3:unit:A1"]
    assert scheme["type"] == ["skos:ConceptScheme", "schema:DefinedTermSet"]
    assert unit["prefLabel"] == {"zh-Hans": "茶类知识", "en": "Kinds of tea"}
    assert unit["broader"] in graph
    assert unit["exactMatch"] == ["urn:liangcai:tea-taster:1.2.3:target:Old%20list%201:K.1"]
    level = graph["urn:liangcai:tea-taster:1.2.3:level:high"]
    assert (level["rank"], level["description"]) == (2, {"zh-Hans": "自主性: 主导"})


@settings(deadline=None, max_examples=25)
@given(standards())
def test_every_key_of_the_graph_is_in_the_context_and_every_branch_has_two_ends(
    standard: Standard,
) -> None:
    document = to_jsonld(standard)
    graph = nodes(standard)

    for node in document["@graph"]:
        assert set(node) <= set(document["@context"])
        for child in node.get("narrower", []):
            assert graph[child]["broader"] == node["id"]
    assert json.loads(json.dumps(document)) == document


def test_identifiers_are_iris_whatever_the_codes_of_the_target_are() -> None:
    record = tiny_record()
    record["crosswalks"][0]["relations"][0]["to"] = "4-04-05-05 人工智能训练师 <x>"

    (match,) = nodes(Standard.model_validate(record))["urn:liangcai:tea-taster:1.2.3:unit:A1"][
        "exactMatch"
    ]

    assert re.fullmatch(r"[A-Za-z0-9:%._~-]+", match)
