"""JSON Schemas of every document, by name; each package's model is loaded only when it is asked for."""

from importlib import import_module
from typing import Any

from liangcai.kernel.errors import LiangcaiError

#: Name of a document → "module:attribute" of its pydantic model (or of any type pydantic knows).
SCHEMAS: dict[str, str] = {
    "evidence": "liangcai.grading.evidence:EvidenceFile",
    "item-bank": "liangcai.items.model:ItemBank",
    "scheme": "liangcai.grading.scheme:Scheme",
    "self-assessment-settings": "liangcai.grading.self_assessment_plan:Settings",
    "standard": "liangcai.standard.model:Standard",
}


class UnknownSchema(LiangcaiError):
    """No document has this name."""

    code = "schema.unknown"


def schema_names() -> tuple[str, ...]:
    """Return the names of all documents that have a schema."""
    return tuple(sorted(SCHEMAS))


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document.

    Raises:
        UnknownSchema: no document has this name.

    """
    if name not in SCHEMAS:
        raise UnknownSchema(f"there is no schema {name} (known: {', '.join(schema_names())})")
    from pydantic import TypeAdapter

    module, attribute = SCHEMAS[name].split(":")
    schema = TypeAdapter(getattr(import_module(module), attribute)).json_schema(by_alias=True)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:liangcai:schema:{name}",
    }
    return head | schema
