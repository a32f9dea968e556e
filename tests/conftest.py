"""Sets Django up for the tests that need it; the library's tests run where there is no Django."""

import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from hypothesis import HealthCheck, settings

# The same examples on every run, so that a change and not luck makes a test fail;
# HYPOTHESIS_PROFILE=searching looks for new ones. A slow machine is no fault of the code.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("searching", _PATIENT)
settings.register_profile("repeatable", _PATIENT, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

_KEPT = {"LIANGCAI_TEST_POSTGRES", "LIANGCAI_PYTHON", "LIANGCAI_SCREENSHOTS"}


def _prepare() -> Path:
    """Give the server settings of its own: a temporary data folder, a fixed key, a database."""
    folder = Path(tempfile.mkdtemp(prefix="liangcai-tests-"))
    (folder / "static").mkdir()
    is_xdist_worker = "PYTEST_XDIST_WORKER" in os.environ
    kept = _KEPT | ({"LIANGCAI_DATABASE_URL"} if is_xdist_worker else set())
    for name in [name for name in os.environ if name.startswith("LIANGCAI_")]:
        if name not in kept:
            del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "liangcai.server.config.settings",
        "LIANGCAI_DATA": str(folder),
        "LIANGCAI_DEMO": "1",
        "LIANGCAI_SECRET_KEY": "a key of the tests, known to everybody who reads them",
    }
    if os.environ.get("LIANGCAI_TEST_POSTGRES") == "1" and not is_xdist_worker:
        from tests.server.postgres import start_cluster

        os.environ["LIANGCAI_DATABASE_URL"] = start_cluster(folder / "postgres")
    return folder


# While this file is imported, not later: the folders' own conftests already import models.
_FOLDER = None if find_spec("django") is None else _prepare()


def pytest_unconfigure() -> None:
    """End the database and remove the folder of this run."""
    if _FOLDER is None:
        return
    if (_FOLDER / "postgres").exists():
        from tests.server.postgres import stop_cluster

        stop_cluster(_FOLDER / "postgres")
    shutil.rmtree(_FOLDER, ignore_errors=True)
