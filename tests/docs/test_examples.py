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


@pytest.mark.parametrize("body", blocks("console"))
def test_a_console_example_runs(body: str, tmp_path: Path) -> None:
    """Lines that begin with `$ liangcai` are run; `# exit 1` at a line's end states its exit code."""
    commands = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
    assert commands, "a console example shows at least one command"
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for line in commands:
        command, _, expected = line.partition("# exit ")
        words = [word.replace("/tmp/", f"{tmp_path}/") for word in shlex.split(command)]
        assert words[0] == "liangcai", f"only liangcai is run in examples: {command}"
        program = str(Path(sys.executable).parent / "liangcai")
        done = subprocess.run(
            [program, *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == int(expected or 0), (
            f"{command}\n{done.stdout[-800:]}{done.stderr[-800:]}"
        )
