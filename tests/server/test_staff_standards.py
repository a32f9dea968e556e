"""Loading, publishing and withdrawing versions in the browser, and who may not."""

import io
import stat
import zipfile
from collections.abc import Mapping

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from tests.server.conftest import World
from tests.server.stored_standards import reworded, store
from tests.standard.tiny import tiny_standard

from liangcai.server.store.models import AuditEvent, Organisation, StandardVersion, User
from liangcai.server.web.uploads import (
    MAX_MEMBERS,
    MAX_UPLOAD_BYTES,
    UploadUnreadable,
    files_of_upload,
)
from liangcai.standard import load_standard
from liangcai.standard.exchange.workbook import to_xlsx
from liangcai.standard.exchange.yaml_folder import yaml_files

LIST, UPLOAD = "/staff/standards/", "/staff/standards/upload/"


def zipped(files: Mapping[str, str | bytes], *, folder: str = "") -> bytes:
    """Return an archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return out.getvalue()


def signed_in(person: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def upload(
    person: User, raw: bytes, *, owner: Organisation | None, name: str = "standard.zip"
) -> HttpResponse:
    """Send a file as a form would."""
    file = SimpleUploadedFile(name, raw)
    form = {"owner": "public" if owner is None else str(owner.pk), "file": file}
    return signed_in(person).post(UPLOAD, form)  # type: ignore[return-value]  # not streamed


def page(person: User, address: str) -> str:
    response = signed_in(person).get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("folder", ["", "tea-taster/"])
def test_a_zipped_folder_becomes_a_draft_of_its_organisation(world: World, folder: str) -> None:
    raw = zipped(
        yaml_files(tiny_standard()) | {"README.md": "x", "items/A1.yaml": "x"}, folder=folder
    )

    response = upload(world.members["drafter"], raw, owner=world.here)

    draft = StandardVersion.objects.get()
    assert response.headers["Location"] == f"{LIST}{draft.pk}/"
    assert (draft.organisation, draft.status, draft.hash) == (
        world.here,
        "draft",
        tiny_standard().hash,
    )
    assert AuditEvent.objects.filter(verb="standard.load", target_id=str(draft.pk)).count() == 1


@pytest.mark.django_db
def test_a_workbook_becomes_the_same_draft(world: World) -> None:
    standard = load_standard("data-analyst")

    response = upload(world.operator, to_xlsx(standard), owner=None, name="standard.xlsx")

    assert response.status_code == 302
    assert StandardVersion.objects.get().hash == standard.hash


@pytest.mark.django_db
def test_findings_are_shown_with_file_and_line_and_nothing_unreadable_is_kept(world: World) -> None:
    files = yaml_files(tiny_standard()) | {"role.yaml": "title: [\n"}

    response = upload(world.members["drafter"], zipped(files), owner=world.here)

    shown = response.content.decode()
    assert response.status_code == 422
    assert "The files make no standard." in shown
    assert "role.yaml:" in shown
    assert "yaml.syntax" in shown
    assert not StandardVersion.objects.exists()


@pytest.mark.django_db
def test_a_faulty_workbook_is_told_by_sheet_and_cell(world: World) -> None:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(to_xlsx(tiny_standard())))
    sheet = book["indicators"]
    header = [cell.value for cell in sheet[1]]
    sheet.cell(row=sheet.max_row, column=header.index("provision") + 1).value = "must"
    out = io.BytesIO()
    book.save(out)

    response = upload(world.members["drafter"], out.getvalue(), owner=world.here, name="a.xlsx")

    assert response.status_code == 422
    assert "indicators!" in response.content.decode()


@pytest.mark.django_db
def test_a_published_version_cannot_be_loaded_over(world: World) -> None:
    store(tiny_standard(), organisation=world.here)

    response = upload(
        world.members["drafter"], zipped(yaml_files(tiny_standard())), owner=world.here
    )

    assert response.status_code == 422
    assert "raise its number" in response.content.decode()


@pytest.mark.django_db
def test_nobody_loads_for_an_organisation_that_is_not_theirs(world: World) -> None:
    raw = zipped(yaml_files(tiny_standard()))

    for person, owner in (
        (world.members["drafter"], world.there),
        (world.members["drafter"], None),
        (world.operator, world.here),
    ):
        assert upload(person, raw, owner=owner).status_code == 422
    assert not StandardVersion.objects.exists()


@pytest.mark.django_db
def test_strangers_members_without_the_role_and_other_organisations_find_nothing(
    world: World,
) -> None:
    draft = store(tiny_standard(), status="draft", organisation=world.here)
    published = store(reworded(), organisation=world.here)
    public = store(tiny_standard(code="tea-judge"))
    addresses = [
        f"{LIST}{row.pk}/{rest}"
        for row in (draft, published, public)
        for rest in ("", "publish/", "withdraw/")
    ]

    for person in (world.stranger, world.outsider, world.members["person"]):
        client = signed_in(person)
        for address in addresses:
            assert client.get(address).status_code == 404, (person, address)
            assert client.post(address).status_code in (404, 405), (person, address)
    for person in (world.stranger, world.members["person"]):
        assert signed_in(person).get(LIST).status_code == 404
        assert signed_in(person).get(UPLOAD).status_code == 404
    assert "tea-taster" not in page(world.outsider, LIST)
    assert "tea-taster" not in page(world.operator, LIST)
    for row in (draft, published, public):
        before = row.status
        row.refresh_from_db()
        assert row.status == before


@pytest.mark.django_db
def test_who_is_not_signed_in_is_asked_to(world: World) -> None:
    draft = store(tiny_standard(), status="draft", organisation=world.here)

    for address in (LIST, UPLOAD, f"{LIST}{draft.pk}/"):
        assert Client().get(address).headers["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
def test_the_list_shows_every_version_with_its_status(world: World) -> None:
    store(tiny_standard(), organisation=world.here)
    store(reworded(), status="draft", organisation=world.here)

    shown = page(world.members["drafter"], LIST)

    for words in ("1.2.3", "1.2.4", "Published", "Draft", "Here"):
        assert words in shown


@pytest.mark.django_db
def test_a_draft_shows_its_findings_and_what_it_changes(world: World) -> None:
    finding = {
        "rule": "unit.lonely",
        "severity": "warning",
        "file": "units/B1.yaml",
        "line": 7,
        "message": {"zh": "孤单", "en": "It is <lonely>"},
    }
    store(tiny_standard(), organisation=world.here)
    draft = store(reworded(), status="draft", organisation=world.here, findings=(finding,))

    shown = page(world.members["administrator"], f"{LIST}{draft.pk}/")

    assert "units/B1.yaml:7" in shown
    assert "It is &lt;lonely&gt;" in shown
    assert "<ins> alone</ins>" in shown
    assert "It can be published." in shown
    assert f"{LIST}{draft.pk}/publish/" in shown


@pytest.mark.django_db
def test_publishing_is_asked_once_more_and_done_by_posting(world: World) -> None:
    draft = store(tiny_standard(), status="draft", organisation=world.here)
    client = signed_in(world.members["administrator"])
    address = f"{LIST}{draft.pk}/publish/"

    asked = client.get(address)
    draft.refresh_from_db()
    still = draft.status
    done = client.post(address, follow=True)
    draft.refresh_from_db()

    assert "Publish this version?" in asked.content.decode()
    assert still == "draft"
    assert "The version is published." in done.content.decode()
    assert draft.status == "published"
    assert AuditEvent.objects.filter(verb="standard.publish", target_id=str(draft.pk)).exists()


@pytest.mark.django_db
def test_a_drafter_sees_the_draft_and_does_not_publish_it(world: World) -> None:
    draft = store(tiny_standard(), status="draft", organisation=world.here)
    client = signed_in(world.members["drafter"])

    response = client.post(f"{LIST}{draft.pk}/publish/")
    draft.refresh_from_db()

    assert response.status_code == 403
    assert draft.status == "draft"
    assert "publish/" not in page(world.members["drafter"], f"{LIST}{draft.pk}/")


@pytest.mark.django_db
def test_a_draft_with_errors_is_not_published(world: World) -> None:
    error = {
        "rule": "x",
        "severity": "error",
        "file": "standard.yaml",
        "line": 1,
        "message": {"zh": "错", "en": "Wrong"},
    }
    draft = store(tiny_standard(), status="draft", organisation=world.here, findings=(error,))
    client = signed_in(world.members["administrator"])

    response = client.post(f"{LIST}{draft.pk}/publish/", follow=True)
    draft.refresh_from_db()

    assert "It was not published" in response.content.decode()
    assert draft.status == "draft"
    assert "1 error keeps it from being published." in page(
        world.members["administrator"], f"{LIST}{draft.pk}/"
    )


@pytest.mark.django_db
def test_an_operator_withdraws_a_public_version_for_good(world: World) -> None:
    row = store(tiny_standard())
    client = signed_in(world.operator)
    address = f"{LIST}{row.pk}/withdraw/"

    asked = client.get(address).content.decode()
    client.post(address)
    again = client.post(address, follow=True).content.decode()
    row.refresh_from_db()

    assert "Withdraw this version?" in asked
    assert "It was not withdrawn" in again
    assert row.status == "withdrawn"


def test_an_archive_that_leads_out_of_its_folder_is_refused() -> None:
    for name in (
        "../standard.yaml",
        "/etc/standard.yaml",
        "a/../../standard.yaml",
        "c:standard.yaml",
    ):
        with pytest.raises(UploadUnreadable, match=r"leads out|之外"):
            files_of_upload("a.zip", zipped({name: "code: x"}))


def test_a_link_in_an_archive_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("standard.yaml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    with pytest.raises(UploadUnreadable):
        files_of_upload("a.zip", out.getvalue())


def test_a_bomb_is_opened_no_further_than_the_limit() -> None:
    bomb = zipped({"standard.yaml": b"#" * (64 * 1024 * 1024)})
    assert len(bomb) < 100_000

    with pytest.raises(UploadUnreadable, match="10 MiB"):
        files_of_upload("a.zip", bomb)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no archive",
        zipped({"standard.yaml": "x"})[:-8],
        zipped({"role.yaml": "x"}),
        zipped({"a/standard.yaml": "x", "b/standard.yaml": "x"}),
        zipped({f"{n}.txt": "" for n in range(MAX_MEMBERS + 1)}),
        b"x" * (MAX_UPLOAD_BYTES + 1),
    ],
    ids=["empty", "text", "cut", "no standard", "two standards", "many", "large"],
)
def test_what_is_no_archive_of_one_standard_is_refused(raw: bytes) -> None:
    with pytest.raises(UploadUnreadable):
        files_of_upload("a.zip", raw)


def test_a_body_larger_than_anything_taken_here_is_not_read(client: Client) -> None:
    answered = client.post(
        "/accounts/login/", b"x", content_type="text/plain", CONTENT_LENGTH=str(13 * 1024 * 1024)
    )

    assert answered.status_code == 413
    assert "12 MiB" in answered.content.decode()
