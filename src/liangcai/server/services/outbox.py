"""Mail as part of the transaction that causes it, sent afterwards by the worker.

    enqueue(key="invitation:<id>", to="a@b.example", template="invitation", language="en",
            context={...}, at=now)        same key: no second message

Templates are `templates/mail/<template>.<language>.txt`; their first line is the subject. A sent
message keeps its subject and loses its text, which may hold a link that opens an account.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import DatabaseError, connection
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone
from django_tasks import task

from liangcai.server.store.models import OutboxMessage
from liangcai.server.store.models.mail import MailStatus

MINUTES_BETWEEN = (1, 5, 30, 120, 360, 720, 1440)  # after the first, second … failed attempt
MAX_ATTEMPTS = len(MINUTES_BETWEEN) + 1
_LOST_AFTER = timedelta(minutes=15)
_logger = logging.getLogger(__name__)


def enqueue(
    *,
    key: str,
    to: str,
    template: str,
    language: str,
    context: Mapping[str, Any],
    at: datetime,
) -> OutboxMessage:
    """Write a message from a template; it is sent once this transaction is committed."""
    values = {**context, "site": settings.LIANGCAI_PUBLIC_URL}
    rendered = render_to_string(f"mail/{template}.{language}.txt", values)
    subject, _newline, text = rendered.partition("\n")
    return enqueue_text(
        key=key, to=to, subject=subject, text=text.lstrip("\n"), language=language, at=at
    )


def enqueue_text(
    *, key: str, to: str, subject: str, text: str, language: str, at: datetime, html: str = ""
) -> OutboxMessage:
    """Write a message whose text is ready."""
    message, created = OutboxMessage.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "subject": " ".join(subject.split())[:200],
            "text": text,
            "html": html,
            "language": language,
            "created_at": at,
            "next_attempt_at": at,
        },
    )
    if created:
        deliver.enqueue(str(message.pk))
    return message


@task(queue_name="mail")
def deliver(message_id: str) -> str:
    """Try to send one message; a failure plans the next attempt."""
    return attempt(message_id=UUID(message_id), at=timezone.now())


def attempt(*, message_id: UUID, at: datetime) -> str:
    """Send a message that is due and return its status; one that is not due stays as it is.

    The claim and the send are two steps, so a crash between them means a second attempt: a
    message may arrive twice, never not at all.
    """
    message = OutboxMessage.objects.filter(pk=message_id).first()
    if message is None:  # its person was erased
        return "gone"
    planned = at + timedelta(minutes=MINUTES_BETWEEN[min(message.attempts, MAX_ATTEMPTS - 2)])
    due = OutboxMessage.objects.filter(
        pk=message_id,
        status=MailStatus.PENDING,
        next_attempt_at__lte=at,
        attempts=message.attempts,  # another worker may have claimed it since it was read
    )
    if not due.update(attempts=F("attempts") + 1, next_attempt_at=planned):
        return message.status
    try:
        _send(message)
    except (
        OSError,
        ValueError,
    ) as error:  # smtplib's errors are OSErrors; a bad header a ValueError
        return _failed(message, error, planned)
    row = OutboxMessage.objects.filter(pk=message_id)
    row.update(status=MailStatus.SENT, sent_at=at, text="", html="", last_error="")
    return MailStatus.SENT


def enqueue_lost(*, at: datetime) -> int:
    """Plan a delivery for messages that nobody works on (a worker died) and return how many."""
    lost = OutboxMessage.objects.filter(
        status=MailStatus.PENDING, next_attempt_at__lt=at - _LOST_AFTER
    )
    keys = list(lost.values_list("pk", flat=True))
    lost.filter(pk__in=keys).update(next_attempt_at=at)  # lost once, until it is late again
    for key in keys:
        deliver.enqueue(str(key))
    return len(keys)


def counts() -> dict[str, int]:
    """Return how many messages there are by status."""
    statuses = Counter(OutboxMessage.objects.values_list("status", flat=True).order_by())
    return {status.value: statuses[status.value] for status in MailStatus}


def watch(stop: Event, *, every: timedelta = _LOST_AFTER) -> None:
    """Plan lost messages again from time to time until told to stop; what `worker` does beside."""
    while not stop.is_set():
        try:
            enqueue_lost(at=timezone.now())
        except DatabaseError:
            _logger.exception("lost mail could not be looked for")
        finally:
            connection.close()
        stop.wait(every.total_seconds())


def _send(message: OutboxMessage) -> None:
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        to=[message.to],
        headers={"Message-ID": f"<{message.pk}@liangcai>", "Content-Language": message.language},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    mail.send()


def _failed(message: OutboxMessage, error: Exception, planned: datetime) -> str:
    given_up = message.attempts + 1 >= MAX_ATTEMPTS
    status = MailStatus.FAILED if given_up else MailStatus.PENDING
    reason = f"{type(error).__name__}: {error}"[:500]
    row = OutboxMessage.objects.filter(pk=message.pk, status=MailStatus.PENDING)
    if not row.update(status=status, last_error=reason):
        return MailStatus.SENT  # another worker got through while this one was waiting
    _logger.warning("mail not sent", extra={"message_id": str(message.pk), "reason": reason})
    if not given_up:
        deliver.using(run_after=planned).enqueue(str(message.pk))
    return status
