"""A standard as a page for people: Markdown and HTML."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, settings
from tests.standard.tiny import standards, text, tiny_record, tiny_standard

from liangcai.standard import Standard, load_standard
from liangcai.standard.exchange import EXPORTS, FormatUnknown, export, to_html, to_markdown
from liangcai.standard.exchange.labels import label, listed
from liangcai.standard.exchange.markdown import escaped
from liangcai.standard.exchange.outline import Paragraph

_VOID = {"meta", "br", "hr", "link", "img"}


class Page(HTMLParser):
    """Collects what a browser would see, and complains about what is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        assert not any(name.startswith("on") for name in given)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_holds_every_indicator_and_the_notice(language: str) -> None:
    standard = load_standard("llm-product-engineer")

    page = Page(to_html(standard, language))

    shown = "".join(page.text)
    assert standard.notice.in_language(language) in shown
    assert all(x.text.in_language(language) in shown for x in standard.indicators)
    assert standard.hash in shown


def test_the_page_is_complete_and_loads_nothing() -> None:
    html = to_html(load_standard("llm-product-engineer"), "zh")
    page = Page(html)

    assert html.startswith('<!DOCTYPE html>\n<html lang="zh-Hans">')
    assert page.open == []
    assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("nav") == 1
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_headings_go_down_one_step_at_a_time() -> None:
    tags = Page(to_html(load_standard("llm-product-engineer"), "en")).tags

    depths = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(depths))


def test_markup_in_a_standard_stays_text() -> None:
    attack = "<script>alert(1)</script>\" onload='x'"
    record = tiny_record()
    record["units"][0]["indicators"][0]["text"] = text(attack, attack)

    page = Page(to_html(Standard.model_validate(record), "zh"))

    assert "script" not in page.tags
    assert attack in "".join(page.text)


@settings(deadline=None, max_examples=25)
@given(standards())
def test_any_standard_makes_a_well_formed_page(standard: Standard) -> None:
    for language in ("zh", "en"):
        assert Page(to_html(standard, language)).open == []


def test_markdown_escapes_what_would_be_markup() -> None:
    assert escaped("a|b *c* <d> [e](f)\n# g") == r"a\|b \*c\* \<d\> \[e\](f) \# g"


@pytest.mark.parametrize("start", ["- a", "+ a", "1. a", "2) a", "=== a", ": a"])
def test_a_paragraph_never_becomes_a_list(start: str) -> None:
    summary = text(start, start)
    record = tiny_record()
    record["elements"][0]["summary"] = summary

    lines = to_markdown(Standard.model_validate(record), "en").splitlines()

    assert start not in lines
    assert start in {line.replace("\\", "") for line in lines}


def test_a_markdown_table_has_one_number_of_cells() -> None:
    for block in to_markdown(load_standard("llm-product-engineer"), "zh").split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) <= 1


def test_an_empty_notice_makes_no_empty_quotation() -> None:
    assert "> ****" not in to_markdown(tiny_standard(notice=text("", "")), "zh")


def test_words_for_codes_exist_in_both_languages() -> None:
    assert (label("shall", "zh"), label("shall", "en")) == ("应", "shall")
    assert listed(["lab", "X9"], "en") == "practical lab, X9"
    assert Paragraph("x").strong is False


@pytest.mark.parametrize("name", list(EXPORTS))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_format_is_written_from_the_registry(name: str, language: str) -> None:
    standard = tiny_standard()

    assert export(standard, name, language)
    assert export(standard, name, language) == export(standard, name, language)


def test_an_unknown_format_says_which_are_known() -> None:
    with pytest.raises(FormatUnknown, match="markdown"):
        export(tiny_standard(), "stone")
