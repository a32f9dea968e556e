"""What the pages about comparing, exchange and schemas show is what happens."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from liangcai.kernel.schemas import json_schema, schema_names

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("how-to/compare-versions.md", "how-to/exchange.md", "reference/schemas.md")


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_every_python_example_of_a_page_runs(page: str) -> None:
    for example in blocks(page, "python"):
        exec(compile(example, page, "exec"), {})


@pytest.mark.parametrize("name", schema_names())
def test_every_schema_has_a_minimal_example_that_it_accepts(name: str) -> None:
    page = (DOCS / "reference" / "schemas.md").read_text(encoding="utf-8")
    section = re.search(rf"^## `{name}`\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)

    assert section is not None
    (example,) = re.findall(r"```json\n(.*?)```", section.group(1), re.DOTALL)
    jsonschema.Draft202012Validator(json_schema(name)).validate(json.loads(example))
