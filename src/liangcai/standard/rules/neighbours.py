"""The role profiles of shipped standards, read alone: enough to compare boundaries."""

from collections.abc import Iterable

from pydantic import ValidationError

from liangcai.kernel.yaml_reader import read_yaml
from liangcai.standard.model import RoleProfile
from liangcai.standard.source import SHIPPED


def neighbour_profiles(codes: Iterable[str]) -> dict[str, RoleProfile]:
    """Return the role profiles of those of the named roles that ship and can be read."""
    profiles: dict[str, RoleProfile] = {}
    for code in codes:
        if (profile := _profile(code)) is not None:
            profiles[code] = profile
    return profiles


def _profile(code: str) -> RoleProfile | None:
    folder = SHIPPED / code
    alone = (folder / "role.yaml").is_file()
    tree, _ = read_yaml(folder / ("role.yaml" if alone else "standard.yaml"))
    if tree is None or not isinstance(tree.value, dict):
        return None
    try:
        return RoleProfile.model_validate(tree.value if alone else tree.value.get("role"))
    except ValidationError:
        return None
