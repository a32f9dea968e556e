"""Nothing a user can call, set or install goes undocumented."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

ROOT = Path(__file__).parents[2]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def commands() -> list[str]:
    from liangcai.cli import app

    found: list[str] = []

    def walk(command: object, path: str) -> None:
        inner = getattr(command, "commands", None)
        if inner is None:
            found.append(path)
            return
        for name, child in inner.items():
            walk(child, f"{path} {name}")

    walk(get_command(app), "liangcai")
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented(command: str) -> None:
    assert f"`{command}" in page("reference/cli.md")


def test_every_setting_is_documented() -> None:
    from django.conf import settings

    documented = page("reference/settings.md")
    missing = [
        name
        for name in settings.LIANGCAI_SETTINGS
        if f"`LIANGCAI_{name}`" not in documented and f"`{name}`" not in documented
    ]

    assert not missing


def test_every_endpoint_is_documented() -> None:
    import django

    django.setup()
    from liangcai.server.api import api

    documented = page("reference/api.md")
    missing = [
        f"{method.upper()} {path}"
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
        if f"`{method.upper()} {path}`" not in documented
    ]

    assert not missing


def test_every_dependency_is_defended() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"]]
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    for group in project["dependency-groups"].values():
        wanted += group
    names = {re.split(r"[\[><=~ ;]", line)[0] for line in wanted} - {"liangcai"}
    table = page("decisions/dependencies.md")

    assert not {name for name in names if not re.search(rf"[| ,]{re.escape(name)}[ ,|]", table)}


@pytest.mark.parametrize("row", [f"s{number}" for number in range(1, 14)])
def test_every_row_of_the_brief_has_its_page(row: str) -> None:
    text = page(f"standard/{row}.md")

    assert "## What works" in text
    assert "## Still to come" in text


def test_the_repository_names_no_machine_and_no_index() -> None:
    """Lock files hold versions and hashes, never addresses."""
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert "index-url" not in text


def test_no_source_file_is_longer_than_four_hundred_lines() -> None:
    long = [
        str(path.relative_to(ROOT))
        for folder in ("src", "tests", "benchmarks", "scripts")
        for path in (ROOT / folder).rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > 400
    ]

    assert not long
