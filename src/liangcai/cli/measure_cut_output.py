"""How a cut score leaves the command line: every method alike."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liangcai.cli.measure_output import Answer, code_of, deliver, document_of, report_of
from liangcai.cli.output import Format, Lang

if TYPE_CHECKING:
    from liangcai.measurement.results import Result

_TITLE = {Lang.zh: "分数线报告", Lang.en: "Report on a cut score"}


def deliver_cut(
    found: "Result",
    *,
    others: Sequence["Result"] = (),
    scores: Sequence[float] | None = None,
    format: Format,  # noqa: A002  (the option's name)
    output: Path | None,
    language: Lang,
) -> None:
    """Write the result of a standard-setting method, with what it rests on; `scores` are drawn in the report."""
    document: dict[str, Any] = document_of(found)
    if hasattr(found, "cut"):
        document |= {"cut": found.cut, "standard_error": found.standard_error}  # type: ignore[attr-defined]  # a cut has its error beside

    def report() -> str:
        from liangcai.measurement.report.cut import cut_report

        if not hasattr(found, "cut"):
            return report_of(_TITLE, [found, *others], language)()
        return cut_report(found, others=others, scores=scores, language=code_of(language))

    deliver(
        Answer((found, *others), document, report), format=format, output=output, language=language
    )
