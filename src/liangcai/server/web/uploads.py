"""What a person uploads as a standard, opened with care: a zipped folder of YAML, or a workbook."""

import lzma
import stat
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.findings import Finding
from liangcai.standard.exchange import import_xlsx
from liangcai.standard.exchange.yaml_folder import yaml_files

MAX_UPLOAD_BYTES = 8 * 1024 * 1024
MAX_MEMBERS = 1000
MAX_UNPACKED_BYTES = 10 * 1024 * 1024
_MIB = 1024 * 1024


class UploadUnreadable(LiangcaiError):
    """The file cannot be opened as a standard; the message is for its sender, in their language.

    `findings` says by sheet and cell what is wrong where it is a workbook.
    """

    code = "upload.unreadable"

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        self.findings = findings
        super().__init__(message)


def files_of_upload(name: str, raw: bytes) -> dict[str, bytes]:
    """Return the files of a standard's folder by their names.

    An archive may hold the folder itself or what is in it. What is no part of a standard (item
    banks, read-me files, hidden files) is left out. At most 8 MiB are opened, 1,000 members read
    and 10 MiB unpacked, whatever the archive says of itself.

    Raises:
        UploadUnreadable: it is neither archive nor workbook, too large, damaged or dangerous.

    """
    if len(raw) > MAX_UPLOAD_BYTES:
        raise UploadUnreadable(
            _("The file is larger than %(size)d MiB.") % {"size": MAX_UPLOAD_BYTES // _MIB}
        )
    if name.lower().endswith(".xlsx"):
        return _files_of_workbook(raw)
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            return _without_folder(_read_members(archive))
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        raise UploadUnreadable(_("The file is not a readable ZIP archive.")) from error


def _files_of_workbook(raw: bytes) -> dict[str, bytes]:
    plan = import_xlsx(raw)
    if plan.standard is None:
        raise UploadUnreadable(_("The workbook has errors."), plan.findings)
    return {name: text.encode() for name, text in yaml_files(plan.standard).items()}


def _read_members(archive: zipfile.ZipFile) -> dict[PurePosixPath, bytes]:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise UploadUnreadable(
            _("The archive holds more than %(number)d files.") % {"number": MAX_MEMBERS}
        )
    files: dict[PurePosixPath, bytes] = {}
    left = MAX_UNPACKED_BYTES
    for member in members:
        path = _safe_path(member)
        if member.is_dir() or not _belongs_to_a_standard(path):
            continue
        if path in files:
            raise UploadUnreadable(_("“%(name)s” stands twice in the archive.") % {"name": path})
        with archive.open(member) as file:
            content = file.read(left + 1)  # not what the archive claims: what really comes out
        left -= len(content)
        if left < 0:
            raise UploadUnreadable(
                _("The archive unpacks to more than %(size)d MiB.")
                % {"size": MAX_UNPACKED_BYTES // _MIB}
            )
        files[path] = content
    return files


def _safe_path(member: zipfile.ZipInfo) -> PurePosixPath:
    name = member.filename
    path = PurePosixPath(name)
    outside = path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name
    if outside or stat.S_ISLNK(member.external_attr >> 16):
        raise UploadUnreadable(_("“%(name)s” leads out of the archive.") % {"name": name[:100]})
    if member.flag_bits & 1:
        raise UploadUnreadable(_("The archive is encrypted."))
    return path


def _belongs_to_a_standard(path: PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix == ".yaml" and not hidden and "items" not in path.parts


def _without_folder(files: dict[PurePosixPath, bytes]) -> dict[str, bytes]:
    roots = {path.parent for path in files if path.name == "standard.yaml"}
    if len(roots) != 1:
        raise UploadUnreadable(_("The archive holds one folder with a standard.yaml."))
    root = roots.pop()
    inside = {path: content for path, content in files.items() if path.is_relative_to(root)}
    return {str(path.relative_to(root)): content for path, content in inside.items()}
