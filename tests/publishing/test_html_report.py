"""A report in one file: escaped, self-contained, with a heading for each section and a table for each figure."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangcai.kernel.findings import Finding
from liangcai.kernel.text import LocalizedText
from liangcai.publishing.html_report import Facts, Findings, Paragraph, Section, html_report
from liangcai.publishing.plots.figure import Figure
from liangcai.publishing.tables import Table, cell_text, legible, table_of

TABLE = Table("题目", ("item", "a", "remark"), (("q1", 1.25, None), ("q2", -0.5, "ok")))
PICTURE = Figure(
    '<svg aria-labelledby="figure-0123456789-title"><title id="figure-0123456789-title">t</title></svg>',
    "Curves",
    "Two curves.",
    TABLE,
)
FINDING = Finding("x.y", "warning", "exam.csv", 3, LocalizedText(zh="注意", en="look"))


class Outline(HTMLParser):
    """What stands in a document: tags in order, ids, texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def report(*parts: object, language: str = "en") -> str:
    return html_report("Report", [Section("First", parts)], language=language)  # type: ignore[arg-type]


def test_a_report_has_one_main_heading_and_a_heading_for_each_section() -> None:
    html = html_report(
        "R", [Section("A", (Paragraph("p"),)), Section("B", (TABLE,))], language="en"
    )
    outline = Outline(html)

    assert outline.tags.count("h1") == 1
    assert outline.tags.count("h2") == 2
    assert outline.open == []
    assert {value[1:] for _, name, value in outline.attributes if name == "href"} <= set(
        outline.ids
    )
    assert ("html", "lang", "en") in outline.attributes


def test_a_table_has_a_caption_and_headings_with_a_scope() -> None:
    html = report(TABLE)

    assert html.count('<th scope="col"') == 3
    assert html.count('<th scope="row"') == 2
    assert "<caption>题目</caption>" in html
    assert '<td class="number">−0.500</td><td class="short">ok</td>' in html
    assert '<td class="short">–</td>' in html


def test_a_figure_comes_with_its_description_and_its_table() -> None:
    html = report(PICTURE)

    assert "<figcaption><strong>Curves</strong> Two curves.</figcaption>" in html
    assert "<details><summary>The values as a table: Curves</summary>" in html


def test_a_figure_that_stands_twice_has_ids_of_its_own() -> None:
    outline = Outline(report(PICTURE, PICTURE))

    assert len(set(outline.ids)) == len(outline.ids)
    named = [value for _, name, value in outline.attributes if name == "aria-labelledby"]
    assert set(" ".join(named).split()) <= set(outline.ids)


def test_findings_bear_their_severity_in_words() -> None:
    assert '<li class="warning"><strong>Warning</strong>look</li>' in report(Findings((FINDING,)))
    assert "<strong>警告</strong>注意" in report(Findings((FINDING,)), language="zh")


def test_what_is_empty_leaves_no_empty_list() -> None:
    html = report(Facts(()), Findings(()))

    assert "<dl></dl>" not in html
    assert "<ul" not in html


def test_a_long_table_is_cut_and_says_so() -> None:
    html = report(Table("t", ("n",), tuple((str(n),) for n in range(1203))))

    assert html.count('scope="row"') == 500
    assert "703 more rows are not shown." in html


def test_a_report_holds_no_script_and_no_address() -> None:
    html = report(TABLE, PICTURE, Facts((("a", True),)))

    assert "<script" not in html
    assert not re.search(r"https?://|@import|url\(", html.replace("http-equiv", ""))
    assert html.count("<style>") == 1
    assert "default-src 'none'" in html


@given(st.text(max_size=60))
def test_hostile_text_stays_text_wherever_it_stands(text: str) -> None:
    table = Table(text, (text, "b"), ((text, text),))
    parts = (Paragraph(text), Facts(((text, text),)), table)

    hostile = Outline(html_report(text, [Section(text, parts)], language="zh"))
    tame = Outline(
        html_report(
            "t",
            [
                Section(
                    "t",
                    (Paragraph("t"), Facts((("t", "t"),)), Table("t", ("t", "b"), (("t", "t"),))),
                )
            ],
        )
    )

    assert hostile.tags == tame.tags
    assert hostile.open == []


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (True, "yes"),
        (12345, "12,345"),
        (-3, "−3"),
        (0.0, "0.000"),
        (1e-7, "1.0e−07"),
        (-123456.789, "−123,456.8"),
        ("a\x00b\u202e", "a�b�"),
    ],
)
def test_a_cell_reads_as_a_person_writes_it(cell: object, text: str) -> None:
    assert cell_text(cell, "en") == text  # type: ignore[arg-type]


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert legible("甲" * 100, longest=10) == "甲" * 9 + "…"


def test_a_table_of_columns_holds_plain_values() -> None:
    np = pytest.importorskip("numpy")

    made = table_of("t", {"item": ("a", "b"), "x": np.array([1.0, 2.0]), "steps": [[1, 2], None]})

    assert made.rows == (("a", 1.0, "1, 2"), ("b", 2.0, None))
    assert [made.is_number(place) for place in range(3)] == [False, True, False]


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 2 cells"):
        Table("t", ("a", "b"), (("x",),))
