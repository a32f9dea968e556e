"""What an attacker or an accident tries first: the console, the Host header, a damaged file, a secret."""

import io
import json
import re
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory
from tests.server.conftest import NOW, World
from tests.server.samples import folder_files

from liangcai.server.config.environment import database_of, public_address
from liangcai.server.services import standards
from liangcai.server.services.backup import write_backup
from liangcai.server.services.restore import BackupDamaged, read_manifest, restore_backup
from liangcai.server.store.models import OutboxMessage, User
from liangcai.server.web.uploads import UploadUnreadable, files_of_upload

pytestmark = pytest.mark.django_db


def test_an_operator_changes_nothing_in_the_console(world: World) -> None:
    request = RequestFactory().get("/admin/")
    request.user = world.operator

    for model, page in admin.site._registry.items():
        may = (
            page.has_add_permission(request),
            page.has_change_permission(request),
            page.has_delete_permission(request),
        )
        assert may == (False, False, False), model


def test_the_console_has_no_door_of_its_own(client: Client) -> None:
    answer = client.post("/admin/login/?next=/admin/", {"username": "a@b.example", "password": "x"})

    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/accounts/login/?next=%2Fadmin%2F",
    )


def test_a_mailed_link_leads_to_the_public_address_whatever_host_was_asked(
    world: World, settings: LazySettings
) -> None:
    settings.LIANGCAI_PUBLIC_URL = "https://liangcai.example"

    for address in (world.stranger.email, "nobody@people.example"):
        Client(headers={"host": "localhost"}).post("/accounts/password/reset/", {"email": address})

    texts = OutboxMessage.objects.values_list("text", flat=True)
    links = [link for text in texts for link in re.findall(r"https?://[a-z0-9.:-]+", text)]
    assert set(links) == {"https://liangcai.example"}


@pytest.mark.parametrize(
    "url", ["postgresql://u:pa/ss@host/db", "postgresql://u:se[cret@host/db", "postgresql://h:x/db"]
)
def test_a_password_with_a_stray_sign_is_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        database_of(url, data=tmp_path)

    assert "%2F" in str(refused.value)
    assert not {"pa/", "se[cret", "'x'"} & set(str(refused.value).split())


@pytest.mark.parametrize(
    "url",
    [
        "https://name/path",
        "https://name?x",
        "https://name#x",
        "https://user@name",
        "https://name:port",
        "ftp://name",
        "https://",
    ],
)
def test_a_public_address_is_a_name_and_perhaps_a_port(url: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        public_address(url)


def test_an_archive_whose_content_does_not_unpack_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("standard.yaml", "code: a\n" * 1000)
    raw = bytearray(out.getvalue())
    raw[45:60] = b"\xff" * 15

    with pytest.raises(UploadUnreadable):
        files_of_upload("a.zip", bytes(raw))


def _rewritten(path: Path, to: Path, changes: dict[str, bytes | None]) -> Path:
    """Write an archive with other members whose hashes its manifest states rightly."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        for name in old.namelist():
            content = changes.get(name, old.read(name))
            if content is None:
                del manifest["members"][name]
            elif name != "manifest.json":
                new.writestr(name, content)
                manifest["members"][name]["sha256"] = sha256(content).hexdigest()
        new.writestr("manifest.json", json.dumps(manifest))
    return to


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"no row\n",
        b'{"model": "store.organisation", "pk": 1}\n',
        b'{"model": "store.user", "pk": "x", "fields": {}}\n',
        b'{"model": "no.such", "pk": 1, "fields": {}}\n',
    ],
    ids=["absent", "emptied", "no JSON", "another table", "no identifier", "no table"],
)
def test_a_forged_archive_changes_nothing(
    world: World, tmp_path: Path, content: bytes | None
) -> None:
    write_backup(tmp_path / "b.zip", at=NOW)
    changes = {"tables/store.user.jsonl": content}
    forged = _rewritten(tmp_path / "b.zip", tmp_path / "forged.zip", changes)
    people = User.objects.count()

    with pytest.raises(BackupDamaged):
        restore_backup(forged, force=True)

    assert User.objects.count() == people


def test_a_manifest_is_read_no_further_than_it_may_be_long(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b" " * (64 * 1024 * 1024))

    with pytest.raises(BackupDamaged):
        read_manifest(tmp_path / "b.zip")


def test_what_a_signed_in_person_is_shown_is_kept_out_of_caches(world: World) -> None:
    browser = Client()
    browser.force_login(world.members["hr"])
    organisation = f"/organisations/{world.here.pk}/"

    for path in ("/", "/standards/", "/account/", organisation, organisation + "people/"):
        control = browser.get(path).headers["Cache-Control"]
        assert "private" in control, path
        assert "no-store" in control, path


def test_a_search_for_what_no_database_keeps_finds_nothing(client: Client) -> None:
    assert client.get("/search/?q=a&standard=%00").status_code == 404


@pytest.mark.parametrize("bad", [r'"\0x"', r'"\ud800x"'])
def test_an_upload_with_text_that_no_database_keeps_is_refused_with_findings(
    world: World, bad: str
) -> None:
    files = folder_files()
    text = files["standard.yaml"].decode()
    licence = re.search("(?m)^licence:.*$", text)
    assert licence is not None
    files["standard.yaml"] = text.replace(licence[0], f"licence: {bad}").encode()

    with pytest.raises(standards.StandardUnreadable) as refused:
        standards.load_files(actor=world.operator, organisation_id=None, files=files, at=NOW)

    assert refused.value.findings
