"""The public pages of the standards, read signed out and in both languages."""

import json

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation
from hypothesis import given, settings
from pytest_django import DjangoAssertNumQueries
from tests.server.conftest import World
from tests.server.stored_standards import reworded, store, tea_grower
from tests.standard.tiny import standards, text, tiny_record, tiny_standard

from liangcai.kernel.canonical import content_hash
from liangcai.server.queries.explorer import matrix_of
from liangcai.server.queries.search import LONGEST_QUESTION, MOST_WORDS, search_standards
from liangcai.standard import Standard
from liangcai.standard.diff import diff_standards
from liangcai.standard.exchange import EXPORTS

pytestmark = pytest.mark.django_db
TASTER = "/standards/tea-taster/"
EDITION = f"{TASTER}1.2.3/"


def page(address: str, *, language: str = "en", client: Client | None = None) -> str:
    """Return the text of a page that must be there."""
    response = (client or Client()).get(address, headers={"accept-language": language})
    assert response.status_code == 200, address
    return response.content.decode()


def test_the_list_shows_each_published_standard_with_role_counts_and_notice() -> None:
    store(tiny_standard())
    store(tea_grower(), status="draft")

    shown = page("/standards/")

    assert "Tea taster" in shown
    assert "<b>2</b> levels" in shown
    assert "<b>3</b> indicators" in shown
    assert "For tests only" in shown
    assert "Tea grower" not in shown


def test_the_list_costs_one_query_however_many_standards_there_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for code in ("tea-taster", "tea-judge", "tea-blender"):
        store(tiny_standard(code=code))
    page("/standards/")  # parses the documents

    with django_assert_num_queries(1):
        page("/standards/")


def test_the_explorer_costs_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    store(tiny_standard())
    page(TASTER)

    with django_assert_num_queries(2):
        page(TASTER)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ["Tea taster", "Junior", "Growing tea"]), ("zh-hans", ["评茶员", "初级", "种植茶树"])],
)
def test_the_explorer_speaks_the_readers_language(language: str, said: list[str]) -> None:
    store(tiny_standard())

    shown = page(TASTER, language=language)

    for words in said:
        assert words in shown


def test_the_explorer_shows_every_part_of_the_standard() -> None:
    store(tiny_standard())

    shown = page(TASTER)

    for words in (
        "For tests only",  # notice
        "Leads",  # level descriptor
        "Judge tea",  # duty
        "Samples",  # hand-off
        "Not named",  # weight of an unnamed element
        "Practice",  # evaluation component
        "The liquid that brewing gives",  # term
        "Old list 1",  # crosswalk
        "First version",  # history
        tiny_standard().hash,
    ):
        assert words in shown, words


def test_a_number_in_the_matrix_leads_to_its_indicators() -> None:
    store(tiny_standard())

    shown = page(TASTER)

    assert f'href="{EDITION}units/A1/#level-low">1' in shown
    assert 'id="level-low"' in page(f"{EDITION}units/A1/")
    assert f'href="{EDITION}units/B1/#level-high"' not in shown  # nothing is asked there


def test_a_unit_shows_all_levels_and_says_evidence_and_methods_in_words() -> None:
    store(tiny_standard())

    shown = page(f"{EDITION}units/B1/")

    for words in (
        "Shall, guided, brew a sample",
        "a result in a practical lab",
        "Judged by: Practical lab.",
        "about 8 hours",
        "Brewing practice",
        "A1 Kinds of tea",
        "This unit asks for nothing at this level.",
        "The bank holds no knowledge item on this unit.",
        "For tests only",
    ):
        assert words in shown, words


def test_the_unit_of_a_shipped_standard_counts_its_items_and_shows_none_of_them() -> None:
    from liangcai.items import read_items
    from liangcai.standard import load_standard

    standard = load_standard("llm-product-engineer")
    items = read_items("llm-product-engineer").of_unit("ZS1")
    store(standard)

    shown = page(f"/standards/{standard.code}/{standard.version}/units/ZS1/")

    assert f"holds {len(items)} knowledge items" in shown
    assert "pilot items, not calibrated" in shown
    assert not any(item.stem.en in shown for item in items)


def test_a_standards_text_is_never_markup() -> None:
    hostile = "<script>alert(1)</script>"
    store(tiny_standard(title=text(hostile, hostile), notice=text(hostile, hostile)))

    for address in (TASTER, "/standards/", f"{EDITION}units/A1/", "/search/?q=alert"):
        shown = page(address)
        assert hostile not in shown
        assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    "address",
    [
        "/standards/none/",
        f"{TASTER}9.9.9/",
        f"{EDITION}units/none/",
        f"{TASTER}levels/?low=none",
        f"{TASTER}versions/?old=9.9.9",
        "/standards/compare/?one=none",
        "/search/?q=tea&standard=none",
        f"{EDITION}export/exe",
    ],
)
def test_what_there_is_not_is_not_found(address: str) -> None:
    store(tiny_standard())

    assert Client().get(address).status_code == 404


def test_the_latest_version_is_the_highest_published_one() -> None:
    for version, status in (("1.9.0", "published"), ("1.10.0", "published"), ("2.0.0", "draft")):
        store(tiny_standard(version=version), status=status)

    assert "/standards/tea-taster/1.10.0/units/A1/" in page(TASTER)
    assert Client().get(f"{TASTER}2.0.0/").status_code == 404


def test_a_withdrawn_version_stays_readable_with_a_notice_and_leaves_the_list() -> None:
    store(tiny_standard(), status="withdrawn")

    assert "withdrawn by its publisher" in page(EDITION)
    assert "withdrawn by its publisher" in page(TASTER)
    assert "Tea taster" not in page("/standards/")


def test_an_organisations_standard_is_for_its_members_only(world: World) -> None:
    store(tiny_standard(), organisation=world.here)
    member = Client()
    member.force_login(world.members["person"])
    outsider = Client()
    outsider.force_login(world.outsider)

    assert "Tea taster" in page(EDITION, client=member)
    for stranger in (outsider, Client()):
        for address in (TASTER, EDITION, f"{EDITION}units/A1/", f"{EDITION}export/json"):
            assert stranger.get(address).status_code == 404
        assert "Tea taster" not in page("/standards/", client=stranger)
        assert "Tea taster" not in page("/search/?q=tea", client=stranger)


def test_members_read_their_organisations_own_edition_of_a_public_version(world: World) -> None:
    store(tiny_standard())
    store(tiny_standard(notice=text("正式文本", "The adopted text")), organisation=world.here)
    member = Client()
    member.force_login(world.members["person"])

    assert "The adopted text" in page(EDITION, client=member)
    assert "For tests only" in page(EDITION)


def test_two_levels_stand_side_by_side_whatever_their_order() -> None:
    store(tiny_standard())

    shown = page(f"{TASTER}levels/?low=high&high=low")

    assert "Junior → Senior" in shown
    assert shown.index("Shall name kinds by a chart") < shown.index("Shall lead making a chart")


def test_units_follow_the_order_of_their_elements_on_every_page() -> None:
    record = tiny_record()
    store(tiny_standard(units=[record["units"][1], record["units"][0]]))  # B1, then A1

    matrix, levels, search = page(TASTER), page(f"{TASTER}levels/"), page("/search/?q=shall")

    for shown in (matrix, levels, search):
        assert shown.index("units/A1/") < shown.index("units/B1/")
    assert 'rel="next" href="/standards/tea-taster/1.2.3/units/B1/"' in page(f"{EDITION}units/A1/")


def test_two_versions_show_what_was_struck_and_what_was_added_word_by_word() -> None:
    store(tiny_standard())
    store(reworded())

    shown = page(f"{TASTER}versions/?old=1.2.3&new=1.2.4")

    assert "<del>, guided, brew</del>" in shown or "<del>, guided,</del>" in shown
    assert "<ins> alone</ins>" in shown
    assert "it should be at least 1.3.0" in shown
    assert "Junior" in shown


def test_a_single_version_says_that_there_is_nothing_to_compare() -> None:
    store(tiny_standard())

    assert "nothing to compare it with yet" in page(f"{TASTER}versions/")


def test_two_roles_show_their_boundary() -> None:
    store(tiny_standard())
    store(tea_grower())

    shown = page("/standards/compare/?one=tea-taster&other=tea-grower")

    for words in ("Garden", "Judge tea", "Growing tea", "Comments", "in return: Samples", "1.00"):
        assert words in shown, words
    assert shown.count("For tests only") == 2  # the notice of either standard


@pytest.mark.parametrize("question", ["brew", "冲泡", "BREW sample", "Ｂ1-1-1"])
def test_a_search_finds_either_language_whatever_the_case_or_width(question: str) -> None:
    store(tiny_standard())

    shown = page(f"/search/?q={question}")

    assert "B1-1-1" in shown
    assert "<mark>" in shown


def test_every_word_of_a_search_must_be_there() -> None:
    store(tiny_standard())

    assert "Nothing contains" in page("/search/?q=brew mountain")


def test_a_search_in_one_standard_leaves_out_the_others() -> None:
    store(tiny_standard())
    store(tea_grower())

    shown = page("/search/?q=judge&standard=tea-grower")

    assert 'id="in-tea-grower"' in shown
    assert 'id="in-tea-taster"' not in shown


def test_a_search_is_shown_as_text_and_kept_short(world: World) -> None:
    store(tiny_standard())

    shown = page("/search/?q=<script>alert(1)</script>")
    answer = search_standards(world.stranger, "茶 " * 500)
    long = search_standards(world.stranger, "x" * 10_000)

    assert "<script>alert" not in shown
    assert answer is not None
    assert len(answer.question.split()) <= MOST_WORDS
    assert long is not None
    assert len(long.question) == LONGEST_QUESTION
    assert search_standards(world.stranger, "  ") is None


def test_an_export_is_tagged_by_content_and_answers_unchanged() -> None:
    standard = tiny_standard()
    store(standard)

    first = Client().get(f"{EDITION}export/json")
    again = Client().get(f"{EDITION}export/json", headers={"if-none-match": first["ETag"]})

    assert content_hash(json.loads(first.content)) == standard.hash
    assert first["Content-Disposition"] == 'attachment; filename="tea-taster-1.2.3.json"'
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("name", EXPORTS)
def test_every_format_on_the_page_can_be_taken_away(name: str) -> None:
    store(tiny_standard())

    assert f'href="{EDITION}export/{name}"' in page(TASTER)
    assert Client().get(f"{EDITION}export/{name}").status_code == 200


@settings(deadline=None, max_examples=40)
@given(standards())
def test_the_matrix_counts_every_indicator_once(standard: Standard) -> None:
    matrix = matrix_of(standard)

    counted = sum(cell.count for group in matrix for row in group.rows for cell in row.cells)

    assert counted == len(standard.indicators)
    assert all(0 <= c.heat <= 5 for g in matrix for row in g.rows for c in row.cells)


@settings(deadline=None, max_examples=40)
@given(standards(), standards())
def test_any_two_versions_make_a_page_without_markup_of_theirs(
    old: Standard, new: Standard
) -> None:
    with translation.override("en"):
        shown = render_to_string(
            "standards/_diff.html", {"diff": diff_standards(old, new), "standard": new}
        )

    assert shown.count("<ins>") == shown.count("</ins>")
    assert shown.count("<del>") == shown.count("</del>")


def test_a_standard_with_one_level_can_be_read(world: World) -> None:
    record = tiny_record()
    units = [{**unit, "indicators": unit["indicators"][:1]} for unit in record["units"]]
    profile = record["weight_profiles"][0] | {"weights": {"low": {"A": 50, "B": 50}}}
    store(tiny_standard(levels=record["levels"][:1], units=units, weight_profiles=[profile]))

    for address in (TASTER, f"{TASTER}levels/", f"{EDITION}units/A1/"):
        page(address)
