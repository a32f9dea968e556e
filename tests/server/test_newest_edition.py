"""Which edition is the newest one: the same answer on the pages, in the API and in services."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from tests.server.conftest import NOW, World
from tests.standard.tiny import tiny_standard

from liangcai.server.queries import explorer
from liangcai.server.queries.standards import edition, public_standards
from liangcai.server.store.models import Organisation, StandardVersion

pytestmark = pytest.mark.django_db


def _published(
    version: str, *, hours: int, organisation: Organisation | None = None
) -> StandardVersion:
    standard = tiny_standard(version=version.partition("+")[0])
    return StandardVersion.objects.create(
        organisation=organisation,
        code=standard.code,
        version=version,
        hash=standard.hash,
        document=standard.as_record(),
        status="published",
        created_at=NOW,
        published_at=NOW + timedelta(hours=hours),
    )


@pytest.mark.parametrize(
    ("first", "second", "newest"),
    [
        ("1.10.0", "1.9.0", "1.10.0"),  # a correction of an older line comes out later
        ("1.0.0", "1.0.0+3fa9c1d2", "1.0.0+3fa9c1d2"),
        ("1.0.0+ffffffff", "1.0.0+00000000", "1.0.0+00000000"),
        ("2.0.0", "1.0.0+3fa9c1d2", "2.0.0"),
    ],
)
def test_the_newest_edition_is_the_highest_version_whoever_asks(
    first: str, second: str, newest: str
) -> None:
    code = _published(first, hours=0).code
    _published(second, hours=1)

    nobody = AnonymousUser()

    assert edition(nobody, code).version == newest
    assert explorer.find_edition(nobody, code).row.version == newest
    assert [one.row.version for one in explorer.latest_editions(nobody)] == [newest]
    assert [row.version for row in public_standards()] == [newest]


def test_an_organisations_own_edition_comes_before_the_public_one_of_its_version(
    world: World,
) -> None:
    public = _published("1.0.0", hours=1)
    own = _published("1.0.0", hours=0, organisation=world.here)

    member = world.members["person"]

    assert edition(member, own.code, "1.0.0") == own
    assert edition(member, own.code) == own
    assert edition(world.stranger, own.code, "1.0.0") == public
