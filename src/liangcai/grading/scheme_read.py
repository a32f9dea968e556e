"""Read a scheme: with every finding at once, or with an error for callers who need a valid one."""

from pathlib import Path

from liangcai.grading.documents import spot_in, validate
from liangcai.grading.scheme import Scheme
from liangcai.grading.scheme_rules import check_rules
from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.findings import RULES, DocumentInvalid, Finding, has_errors, in_reading_order
from liangcai.kernel.yaml_reader import read_yaml
from liangcai.standard import Standard, StandardNotFound, check_standard, find_standard

SHAPE = RULES.add(
    "scheme.shape", "error", zh="结构不符合方案格式", en="The shape is not that of a scheme"
)
FILE_NAME = "scheme.yaml"


class SchemeNotFound(LiangcaiError):
    """The standard's package has no scheme of this code, or no file has this path."""

    code = "scheme.not-found"


class SchemeInvalid(DocumentInvalid):
    """The scheme has errors; `findings` holds all of them."""

    code = "scheme.invalid"


def check_scheme(
    path: str | Path, *, standard: Standard | None = None
) -> tuple[Scheme | None, tuple[Finding, ...]]:
    """Read and check a scheme file, against its standard when one is given.

    The scheme is None when it cannot be parsed or has the wrong shape; a scheme with other
    errors still comes back. Findings come in reading order.
    """
    tree, findings = read_yaml(Path(path))
    if tree is None:
        return None, in_reading_order(findings)
    scheme, faults = validate(Scheme, tree.value, rule=SHAPE, file=tree.file, spot=spot_in(tree))
    if scheme is not None:
        faults += check_rules(scheme, standard, tree)
    return scheme, in_reading_order(faults)


def read_scheme(path: str | Path, *, standard: Standard | None = None) -> Scheme:
    """Return a valid scheme from a file.

    Raises:
        SchemeInvalid: it has errors; they are in `findings`.

    """
    scheme, findings = check_scheme(path, standard=standard)
    if scheme is None or has_errors(findings):
        raise SchemeInvalid(str(path), findings)
    return scheme


def load_scheme(code: str, *, standard: Standard) -> Scheme:
    """Return the scheme of this code that ships with the standard.

    Raises:
        SchemeNotFound: its package has no such scheme.
        SchemeInvalid: it has errors; they are in `findings`.

    """
    try:
        path = find_standard(standard.code) / FILE_NAME
    except StandardNotFound:
        path = Path()
    if path.is_file():
        scheme = read_scheme(path, standard=standard)
        if scheme.code == code:
            return scheme
    raise SchemeNotFound(
        f"no scheme {code} ships with {standard.code}; read one from a file with read_scheme"
    )


def check_package(name_or_path: str | Path) -> tuple[Standard | None, tuple[Finding, ...]]:
    """Check a standard and, when its folder has one, its scheme: every finding at once.

    Raises:
        StandardNotFound: there is nothing to check.

    """
    standard, findings = check_standard(name_or_path)
    path = find_standard(name_or_path) / FILE_NAME
    if path.exists():
        _, more = check_scheme(path, standard=standard)
        findings = in_reading_order((*findings, *more))
    return standard, findings
