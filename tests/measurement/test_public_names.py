import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import liangcai.measurement as measurement
from liangcai.measurement.public_names import MODULE_OF, MODULES

PACKAGE = Path(measurement.__file__).parent
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_what_its_module_defines(module: str) -> None:
    held = import_module(f"liangcai.measurement.{module}")

    for name in MODULES[module].split():
        assert getattr(measurement, name) is getattr(held, name)
        assert getattr(held, name).__module__ == held.__name__


def test_a_name_belongs_to_one_module_and_hides_no_part_of_the_package() -> None:
    names = " ".join(MODULES.values()).split()
    parts = {path.stem for path in PACKAGE.iterdir()}

    assert len(names) == len(set(names))
    assert not set(names) & parts


def test_type_checkers_see_the_names_that_are_there() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    seen = {
        (alias.asname, (node.module or "").removeprefix("liangcai.measurement."))
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If)
        for node in branch.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert seen == set(MODULE_OF.items())


def test_every_public_name_has_its_task_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "measurement.md").read_text(encoding="utf-8")

    assert not [name for name in MODULE_OF if f"`{name}`" not in page]


def test_an_unknown_name_is_refused_as_of_any_module() -> None:
    assert dir(measurement) == sorted(MODULE_OF)
    with pytest.raises(AttributeError, match="no attribute 'five_parameter'"):
        _ = measurement.five_parameter


def test_importing_the_package_loads_no_array_library() -> None:
    code = "import sys, liangcai.measurement; print('numpy' in sys.modules, 'scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
