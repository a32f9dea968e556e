"""The chart of estimates: what it draws, and what it never lets through."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from liangcai.publishing.interval_chart import IntervalRow, Mark, Scale, interval_chart

SVG = "{http://www.w3.org/2000/svg}"
MARKS = (Mark("初级", -1.0), Mark("中级", 0.0), Mark("高级", 1.0))


def drawn(*rows: IntervalRow) -> ElementTree.Element:
    svg = interval_chart(
        rows, MARKS, title="能力画像", description="各单元的估计", axis="能力（logit）"
    )
    return ElementTree.fromstring(svg)


def by_class(tree: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [node for node in tree.iter() if name in node.get("class", "").split()]


def test_an_estimate_is_drawn_with_its_interval() -> None:
    tree = drawn(IntervalRow("JN5", 0.0, -0.5, 0.5))

    (estimate,) = by_class(tree, "estimate")
    (interval,) = by_class(tree, "interval")

    assert float(estimate.get("cx", "")) == Scale().x(0.0)
    assert (
        float(interval.get("x1", ""))
        < float(estimate.get("cx", ""))
        < float(interval.get("x2", ""))
    )


def test_a_unit_without_an_estimate_says_why_and_draws_no_point() -> None:
    tree = drawn(IntervalRow("SJ1", remark="证据不足"))

    assert not by_class(tree, "estimate")
    assert by_class(tree, "remark")[0].text == "证据不足"


def test_a_self_rating_is_drawn_apart_from_tested_evidence() -> None:
    tree = drawn(IntervalRow("ZH1", remark="仅自评", apart=0.4))

    assert not by_class(tree, "estimate")
    assert len(by_class(tree, "apart")) == 1


def test_each_cut_has_its_line_and_its_name() -> None:
    tree = drawn(IntervalRow("JN5", 0.0, -0.5, 0.5))

    assert [node.text for node in by_class(tree, "cut-label")] == ["初级", "中级", "高级"]
    assert len(by_class(tree, "cut")) == 3


def test_the_chart_has_a_title_and_a_description_for_a_screen_reader() -> None:
    tree = drawn(IntervalRow("JN5", 0.0, -0.5, 0.5))

    assert tree.get("role") == "img"
    assert tree.findtext(f"{SVG}title") == "能力画像"
    assert tree.findtext(f"{SVG}desc") == "各单元的估计"


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=40),
    st.floats(-1e9, 1e9),
)
def test_hostile_labels_and_far_values_stay_inside_the_picture(label: str, value: float) -> None:
    tree = drawn(IntervalRow(label, value, value - 1, value + 1, remark=label))

    assert by_class(tree, "row-label")[0].text in (label, label or None)
    assert 0 <= float(by_class(tree, "estimate")[0].get("cx", "")) <= 360


def test_the_chart_carries_no_script_and_no_style_element() -> None:
    tree = drawn(IntervalRow("<script>alert(1)</script>", 0.0, -1.0, 1.0))

    assert {node.tag.removeprefix(SVG) for node in tree.iter()} <= {
        "svg",
        "title",
        "desc",
        "rect",
        "line",
        "text",
        "circle",
        "path",
    }
    assert not [node for node in tree.iter() if node.get("style")]
