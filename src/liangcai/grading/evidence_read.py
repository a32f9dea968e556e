"""Read evidence: with every finding at once, or with an error for callers who need valid evidence."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from liangcai.grading.documents import Spot, spot_in, validate
from liangcai.grading.evidence import EvidenceFile
from liangcai.grading.evidence_json import parse_json
from liangcai.grading.evidence_rules import check_against, check_rules
from liangcai.grading.evidence_tables import read_csv, read_xlsx
from liangcai.grading.scheme import Scheme
from liangcai.kernel.findings import RULES, DocumentInvalid, Finding, has_errors, in_reading_order
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import MAX_BYTES, NOT_READABLE, TOO_LARGE, parse_yaml
from liangcai.standard import Standard

SHAPE = RULES.add(
    "evidence.shape", "error", zh="结构不符合佐证格式", en="The shape is not that of evidence"
)
UNKNOWN_FORMAT = RULES.add(
    "evidence.format", "error", zh="不支持的文件格式", en="The file format is not supported"
)

#: A raw value with the place of each of its parts; None when it could not be read at all.
Raw = tuple[Any, Spot] | None
_Reader = Callable[[bytes, str], tuple[Raw, tuple[Finding, ...]]]


class EvidenceInvalid(DocumentInvalid):
    """The evidence has errors; `findings` holds all of them."""

    code = "evidence.invalid"


def check_evidence(
    path: str | Path, *, standard: Standard | None = None, scheme: Scheme | None = None
) -> tuple[EvidenceFile | None, tuple[Finding, ...]]:
    """Read and check a person's evidence from YAML, JSON, CSV or XLSX, by the file's suffix.

    With a standard (and a scheme) units, levels and components are looked up too. The evidence
    is None when it cannot be parsed or has the wrong shape; with other errors it comes back.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(_READERS)
        zh, en = f"只读取 {known}", f"Files that can be read: {known}"
        return None, (_finding(UNKNOWN_FORMAT.id, path.name, zh, en),)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "I/O error"
        zh, en = f"无法读取：{reason}", f"It cannot be read: {reason}"
        return None, (_finding(NOT_READABLE.id, path.name, zh, en),)
    return _check(raw, path.name, reader, standard=standard, scheme=scheme)


def read_evidence(
    path: str | Path, *, standard: Standard | None = None, scheme: Scheme | None = None
) -> EvidenceFile:
    """Return valid evidence from a file.

    Raises:
        EvidenceInvalid: the file cannot be read or has errors; they are in `findings`.

    """
    evidence, findings = check_evidence(path, standard=standard, scheme=scheme)
    if evidence is None or has_errors(findings):
        raise EvidenceInvalid(str(path), findings)
    return evidence


def check_evidence_lines(
    path: str | Path, *, standard: Standard | None = None, scheme: Scheme | None = None
) -> Iterator[tuple[int, EvidenceFile | None, tuple[Finding, ...]]]:
    """Yield (line, evidence or None, findings) of a JSON-lines file, one person a line, streaming.

    Raises:
        OSError: the file cannot be read.

    """
    path = Path(path)
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(MAX_BYTES + 1):
            number += 1
            if not raw.strip():
                continue
            evidence, findings = _check(
                raw, path.name, _read_line(number), standard=standard, scheme=scheme
            )
            yield number, evidence, findings
            while len(raw) > MAX_BYTES and not raw.endswith(b"\n"):
                raw = file.readline(MAX_BYTES + 1)


def _check(
    raw: bytes,
    name: str,
    reader: _Reader,
    *,
    standard: Standard | None,
    scheme: Scheme | None,
) -> tuple[EvidenceFile | None, tuple[Finding, ...]]:
    if len(raw) > MAX_BYTES:
        size = MAX_BYTES // 1024 // 1024
        zh, en = f"超过 {size} MiB 上限，未读取", f"It is over {size} MiB and was not read"
        return None, (_finding(TOO_LARGE.id, name, zh, en),)
    read, findings = reader(raw, name)
    if read is None:
        return None, in_reading_order(findings)
    value, spot = read
    evidence, faults = validate(EvidenceFile, value, rule=SHAPE, file=name, spot=spot)
    faults += findings
    if evidence is not None:
        faults += check_rules(evidence, file=name, spot=spot)
        if standard is not None:
            faults += check_against(evidence, standard, scheme, file=name, spot=spot)
    return (None if has_errors(findings) else evidence), in_reading_order(faults)


def _read_yaml(raw: bytes, name: str) -> tuple[Raw, tuple[Finding, ...]]:
    tree, findings = parse_yaml(raw, name=name)
    return (None if tree is None else (tree.value, spot_in(tree))), findings


def _read_line(number: int) -> _Reader:
    def read(raw: bytes, name: str) -> tuple[Raw, tuple[Finding, ...]]:
        found, findings = parse_json(raw.strip(), name=name, first_line=number)
        return (None if found is None else (found[0], lambda _: (number, None))), findings

    return read


def _finding(rule: str, file: str, zh: str, en: str) -> Finding:
    return Finding(rule, "error", file, 1, LocalizedText(zh=zh, en=en))


_READERS: dict[str, _Reader] = {
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
    ".json": lambda raw, name: parse_json(raw, name=name),
    ".csv": read_csv,
    ".xlsx": read_xlsx,
}
