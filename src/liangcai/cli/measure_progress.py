"""A sign of life while something long is computed, for people only."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

#: So many seconds pass before anything is shown.
PATIENCE = 2.0


@contextmanager
def waiting(message: str, *, after: float = PATIENCE) -> Iterator[None]:
    """
    Show a spinner with the time elapsed on an interactive stderr, once `after` seconds have passed.

    How much is left to do is not known, so nothing pretends to.
    """
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    progress.add_task(message, total=None)
    timer = Timer(after, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        progress.stop()
