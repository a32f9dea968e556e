"""Background work survives a restart and runs once; the worker delivers the mail."""

import pytest
from django.core import mail
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult
from tests.server.conftest import NOW

from liangcai.server.services import outbox
from liangcai.server.store.models import OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)


def _work() -> None:
    call_command(
        "db_worker", queue_name="*", batch=True, interval=0, startup_delay=False, verbosity=0
    )


def test_the_worker_sends_what_is_waiting_and_stops_when_it_is_done() -> None:
    for number in range(3):
        outbox.enqueue_text(
            key=str(number), to="a@b.example", subject="s", text="t", language="en", at=NOW
        )

    _work()

    assert len(mail.outbox) == 3
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"sent"}
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}


def test_a_task_that_fails_is_kept_with_its_reason() -> None:
    outbox.deliver.enqueue("not an identifier")

    _work()

    task = DBTaskResult.objects.get()
    assert task.status == "FAILED"
    assert task.exception_class_path.endswith("ValueError")
