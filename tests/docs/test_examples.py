"""Every example in the documentation runs as it stands."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(?P<kind>python|console)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[object]:
    found = []
    for page in PAGES:
        if "_build" in page.parts:
            continue
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            if match["kind"] == kind:
                line = text.count("\n", 0, match.start()) + 1
                name = f"{page.relative_to(ROOT)}:{line}"
                found.append(pytest.param(match["body"], id=name))
    return found


def pages(kind: str) -> list[object]:
    return [
        pytest.param(page, id=str(page.relative_to(ROOT)))
        for page in PAGES
        if "_build" not in page.parts
        and any(match["kind"] == kind for match in BLOCK.finditer(page.read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("body", blocks("python"))
def test_a_python_example_runs(body: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", body],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", pages("console"))
def test_the_commands_of_a_page_run_one_after_the_other(page: Path, tmp_path: Path) -> None:
    """Lines that begin with `$ liangcai` are run; `# exit 1` at a line's end states its exit code."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    text = page.read_text(encoding="utf-8")
    bodies = [match["body"] for match in BLOCK.finditer(text) if match["kind"] == "console"]
    commands = [line[2:] for body in bodies for line in body.splitlines() if line.startswith("$ ")]
    assert commands, "a console example shows at least one command"
    for line in commands:
        command, _, expected = line.partition("# exit ")
        words = [
            word.replace("/tmp/", f"{tmp_path}/") for word in shlex.split(command, comments=True)
        ]
        assert words[0] == "liangcai", f"only liangcai is run in examples: {command}"
        program = str(Path(sys.executable).parent / "liangcai")
        done = subprocess.run(
            [program, *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == int(expected or 0), (
            f"{command}\n{done.stdout[-800:]}{done.stderr[-800:]}"
        )
