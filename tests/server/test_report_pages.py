"""A decision's report as a page and as a PDF, and the public example reports."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.server.conftest import World
from tests.server.personal import decide_about_member, page, publish, shipped, signed_in

from liangcai.grading import decide, load_scheme, read_evidence
from liangcai.grading.report import decision_report
from liangcai.publishing.typeset import typeset
from liangcai.server.queries import report as pages
from liangcai.server.store.models import DecisionRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision(world: World) -> DecisionRecord:
    return decide_about_member(world, publish())


@pytest.mark.parametrize("role", ["person", "hr", "officer", "decider", "trainer"])
def test_a_decision_is_read_by_its_person_and_the_desk(
    world: World, decision: DecisionRecord, role: str
) -> None:
    text = page(world.members[role], "decision", decision.pk)

    assert decision.hash in text
    assert decision.document["evidence"]["hash"] in text
    assert "Rule by rule" in text
    assert shipped()[0].notice.en in text


def test_the_page_says_what_was_stored_not_what_is_computed_now(
    world: World, decision: DecisionRecord
) -> None:
    decision.document["trace"][0]["en"] = "As it was decided then."
    DecisionRecord.objects.filter(pk=decision.pk).update(document=decision.document)

    assert "As it was decided then." in page(world.members["person"], "decision", decision.pk)


def test_a_persons_name_is_text_and_never_markup(world: World, decision: DecisionRecord) -> None:
    person = world.members["person"]
    type(person).objects.filter(pk=person.pk).update(name="<b>#eval</b> $x$")

    text = page(world.members["hr"], "decision", decision.pk)
    pdf = signed_in(world.members["hr"]).get(reverse("decision-pdf", args=[decision.pk]))

    assert "<b>#eval</b>" not in text
    assert "&lt;b&gt;#eval" in text
    assert pdf.content.startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["borderline", "clear-intermediate", "too-little"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_example_people_are_public_and_labelled_synthetic(
    client: Client, name: str, language: str
) -> None:
    client.cookies["django_language"] = language
    words = {"en": "the person and the evidence are invented", "zh-hans": "人物与证据均为虚构"}

    answer = client.get(reverse("example", args=[name]))
    pdf = client.get(reverse("example-pdf", args=[name]))

    assert answer.status_code == 200
    assert words[language] in answer.content.decode()
    assert pdf.content.startswith(b"%PDF-")


def test_the_examples_are_listed(client: Client) -> None:
    text = client.get(reverse("examples")).content.decode()

    for name in pages.example_names():
        assert reverse("example", args=[name]) in text


@pytest.mark.parametrize("name", ["nobody", "..", "borderline-"])
def test_an_example_that_is_not_there_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/examples/{name}/").status_code == 404


def test_an_example_is_decided_as_the_library_decides_it(client: Client) -> None:
    evidence = read_evidence(pages.EXAMPLES / "borderline" / "evidence.yaml")
    standard = shipped()[0]
    made = decide(standard, evidence, load_scheme("default", standard=standard))

    text = client.get(reverse("example", args=["borderline"])).content.decode()

    assert made.hash in text


def test_the_same_report_gives_the_same_bytes() -> None:
    evidence = read_evidence(pages.EXAMPLES / "too-little" / "evidence.yaml")
    standard = shipped()[0]
    scheme = load_scheme("default", standard=standard)
    record = decide(standard, evidence, scheme).as_record()
    data = decision_report(record, standard, scheme, language="zh").as_data()

    assert typeset("grade_report.typ", data) == typeset("grade_report.typ", data)


def test_without_a_chinese_font_the_page_says_which_package_to_install(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liangcai.publishing.typeset._families", lambda: frozenset({"Other"}))

    answer = client.get(reverse("example-pdf", args=["borderline"]))

    assert answer.status_code == 503
    assert "fonts-noto-cjk" in answer.content.decode()
