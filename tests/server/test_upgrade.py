"""An installation of an earlier schema, with people in it, comes up to date and loses nothing."""

import json
import sqlite3
from pathlib import Path

import psycopg
import pytest
from tests.server.installations import Installation, new_database

SCHEMAS = Path(__file__).parent / "schemas"
_LOOK = """
import json
from liangcai.server.queries.schema import pending_migrations
from liangcai.server.services.tokens import token_of
from liangcai.server.store.models import *
person = User.objects.get(email="person@people.example")
print(json.dumps({
    "pending": pending_migrations(),
    "name": person.name,
    "password": person.check_password("correct horse battery staple"),
    "roles": sorted(person.memberships.values_list("organisation__name_zh", "role")),
    "evidence": [row.record["score"] for row in person.evidence.all()],
    "decision": [row.document["probability_correct"] for row in person.decisions.all()],
    "answers": [row.answer for run in person.self_assessments.all() for row in run.answers.all()],
    "standard": StandardVersion.objects.get(code="small").document["title"]["zh"],
    "invited": [row.email for row in Invitation.objects.all()],
    "tokens": [row.name for row in person.tokens.all()],
    "mail": OutboxMessage.objects.count(),
}))
"""


def _load(schema: str, folder: Path) -> str:
    """Fill a new database of the engine under test with an earlier installation."""
    database = new_database(f"upgrade-{schema}")
    if database:
        with psycopg.connect(database) as server:
            text = (SCHEMAS / f"{schema}-postgresql.sql").read_text(encoding="utf-8")
            server.execute(text)  # type: ignore[call-overload]
        return database
    store = sqlite3.connect(folder / "liangcai.sqlite3")
    store.executescript((SCHEMAS / f"{schema}-sqlite.sql").read_text(encoding="utf-8"))
    store.close()
    return ""


@pytest.mark.parametrize(
    "schema", sorted({path.name.split("-")[0] for path in SCHEMAS.glob("*.sql")})
)
def test_an_earlier_installation_is_upgraded_with_its_data(schema: str, tmp_path: Path) -> None:
    installation = Installation(tmp_path, _load(schema, tmp_path))

    upgraded = installation.run("init")

    assert upgraded.returncode == 0, upgraded.stderr
    assert json.loads(installation.script(_LOOK)) == {
        "pending": [],
        "name": "某人",
        "password": True,
        "roles": [["这里", "person"]],
        "evidence": [71.5],
        "decision": [0.8125],
        "answers": [{"key": "b"}],
        "standard": "小标准",
        "invited": ["new@people.example"],
        "tokens": ["CI"],
        "mail": 1,
    }
    examined = installation.doctor()
    assert (examined["migrations"], examined["audit"]) == ("ok", "ok")
