"""The package's public face is exactly what it lists, and importing it costs little."""

import subprocess
import sys

import liangcai


def test_every_public_name_resolves() -> None:
    assert all(getattr(liangcai, name) is not None for name in liangcai.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(liangcai, "no_such_name")


def test_importing_the_package_loads_neither_django_nor_scipy() -> None:
    code = (
        "import sys, liangcai; print([name for name in ('django', 'scipy', 'numpy', 'pydantic')"
        " if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_loading_a_standard_loads_neither_django_nor_scipy() -> None:
    code = (
        "import sys, liangcai; liangcai.load_standard('llm-product-engineer');"
        "print([name for name in ('django', 'scipy') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
