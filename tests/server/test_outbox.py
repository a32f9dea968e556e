"""A message leaves once its cause is committed, tries again when it fails, and is written once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django_tasks_db.models import DBTaskResult
from tests.server.conftest import NOW

from liangcai.server.services import outbox
from liangcai.server.store.models import OutboxMessage
from liangcai.server.store.models.mail import MailStatus

pytestmark = pytest.mark.django_db


class MailServerDown(BaseEmailBackend):
    """A backend that cannot reach its server."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError("nobody listens")


@pytest.fixture
def server_down(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.MailServerDown"


def _message(key: str = "one") -> OutboxMessage:
    return outbox.enqueue_text(
        key=key, to="a@b.example", subject="Hello\nBcc: all", text="a link", language="en", at=NOW
    )


def _planned_runs() -> list[datetime]:
    return list(DBTaskResult.objects.order_by("run_after").values_list("run_after", flat=True))


def test_a_message_is_sent_and_its_text_forgotten() -> None:
    message = _message()

    status = outbox.attempt(message_id=message.pk, at=NOW)

    message.refresh_from_db()
    assert (status, message.status, message.sent_at) == ("sent", "sent", NOW)
    assert (message.text, message.html) == ("", "")
    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["a@b.example"], "Hello Bcc: all", "a link")


def test_a_sent_message_is_not_sent_again() -> None:
    message = _message()
    outbox.attempt(message_id=message.pk, at=NOW)

    outbox.attempt(message_id=message.pk, at=NOW + timedelta(days=1))

    assert len(mail.outbox) == 1


def test_the_same_key_writes_one_message() -> None:
    assert _message() == _message()
    assert OutboxMessage.objects.count() == 1
    assert DBTaskResult.objects.count() == 1


def test_a_cause_that_is_rolled_back_sends_nothing() -> None:
    with transaction.atomic():
        _message()
        transaction.set_rollback(True)

    assert not OutboxMessage.objects.exists()
    assert not DBTaskResult.objects.exists()


@pytest.mark.usefixtures("server_down")
def test_a_failure_plans_the_next_attempt_and_nothing_is_sent_before_it() -> None:
    message = _message()

    outbox.attempt(message_id=message.pk, at=NOW)

    message.refresh_from_db()
    next_attempt = NOW + timedelta(minutes=1)
    assert (message.status, message.attempts) == (MailStatus.PENDING, 1)
    assert message.next_attempt_at == next_attempt
    assert message.last_error == "ConnectionRefusedError: nobody listens"
    assert next_attempt in _planned_runs()
    assert outbox.attempt(message_id=message.pk, at=NOW + timedelta(seconds=59)) == "pending"
    message.refresh_from_db()
    assert message.attempts == 1


@pytest.mark.usefixtures("server_down")
def test_attempts_spread_out_and_end() -> None:
    message, at, waits = _message(), NOW, []

    while outbox.attempt(message_id=message.pk, at=at) == MailStatus.PENDING:
        message.refresh_from_db()
        waits.append((message.next_attempt_at - at).total_seconds() / 60)
        at = message.next_attempt_at

    message.refresh_from_db()
    assert tuple(waits) == outbox.MINUTES_BETWEEN
    assert (message.status, message.attempts) == (MailStatus.FAILED, outbox.MAX_ATTEMPTS)
    assert message.text == "a link"


def test_a_message_that_failed_once_arrives_later(settings: LazySettings) -> None:
    message = _message()
    usual = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.MailServerDown"
    outbox.attempt(message_id=message.pk, at=NOW)

    settings.EMAIL_BACKEND = usual
    status = outbox.attempt(message_id=message.pk, at=NOW + timedelta(minutes=1))

    message.refresh_from_db()
    assert (status, message.last_error, len(mail.outbox)) == ("sent", "", 1)


def test_a_message_whose_worker_died_is_planned_again() -> None:
    _message()
    DBTaskResult.objects.all().delete()

    early = outbox.enqueue_lost(at=NOW + timedelta(minutes=5))
    late = outbox.enqueue_lost(at=NOW + timedelta(minutes=16))

    assert (early, late, DBTaskResult.objects.count()) == (0, 1, 1)


def test_a_lost_message_is_planned_once_until_it_is_late_again() -> None:
    _message()
    DBTaskResult.objects.all().delete()

    planned = [outbox.enqueue_lost(at=NOW + timedelta(minutes=late)) for late in (16, 20, 32)]

    assert planned == [1, 0, 1]


def test_a_message_whose_person_was_erased_is_gone() -> None:
    message = _message()
    OutboxMessage.objects.all().delete()

    assert outbox.attempt(message_id=message.pk, at=NOW) == "gone"


def test_a_worker_that_fails_late_does_not_unsend_what_another_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = _message()

    def slow(_message: OutboxMessage) -> None:
        row = OutboxMessage.objects.filter(pk=message.pk)
        row.update(status="sent", sent_at=NOW, text="")
        raise TimeoutError("the server took too long")

    monkeypatch.setattr(outbox, "_send", slow)

    assert outbox.attempt(message_id=message.pk, at=NOW) == "sent"
    message.refresh_from_db()
    assert (message.status, message.last_error) == ("sent", "")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("template", "link"),
    [
        ("confirm-address", "activate_url"),
        ("reset-password", "password_reset_url"),
        ("account-exists", "password_reset_url"),
        ("invitation", "link"),
        ("unknown-account", None),
    ],
)
def test_every_template_has_a_subject_and_its_link_in_both_languages(
    template: str, link: str | None, language: str
) -> None:
    context = {
        link or "unused": "https://here.example/a?b=1&c=2",
        "organisation": "Müller & Co",
        "role": "Rater",
        "expires": NOW,
    }

    message = outbox.enqueue(
        key="k", to="a@b.example", template=template, language=language, context=context, at=NOW
    )

    assert 5 < len(message.subject) < 100
    assert "&amp;" not in message.subject + message.text
    assert link is None or "https://here.example/a?b=1&c=2" in message.text
    assert message.text.isascii() == (language == "en" and template != "invitation")
