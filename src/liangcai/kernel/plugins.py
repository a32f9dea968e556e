"""The one door for plug-ins: entry points of installed distributions, ours among them."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points

from liangcai.kernel.errors import LiangcaiError


class UnknownPlugin(LiangcaiError):
    """No installed distribution offers a plug-in of this name."""

    code = "plugin.unknown"


def plugin_names(group: str) -> tuple[str, ...]:
    """Return the names on offer in a group such as `liangcai.models`, sorted."""
    return tuple(sorted({entry.name for entry in entry_points(group=group)}))


def load_plugin(group: str, name: str) -> object:
    """
    Return what the plug-in of this name points to.

    Raises:
        UnknownPlugin: nothing has this name, or two distributions do.
    """
    found = list(_distinct(group, name))
    if len(found) != 1:
        offered = ", ".join(plugin_names(group))
        how_many = "no plug-in" if not found else f"{len(found)} plug-ins"
        raise UnknownPlugin(f"{how_many} of {group} called {name!r}; there are: {offered}")
    return found[0].load()


def _distinct(group: str, name: str) -> Iterator[EntryPoint]:
    """Yield the entry points of the name, one for each thing they point to."""
    seen = set()
    for entry in entry_points(group=group, name=name):
        if entry.value not in seen:
            seen.add(entry.value)
            yield entry
