"""What must always be true, and the indexes."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0002_records")]

    operations = [
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"), name="user_email_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at", None),
                    models.Q(("is_active", False), ("name", "")),
                    _connector="OR",
                ),
                name="user_erased_is_empty",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                name="token_expires_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("name_zh", ""), _negated=True), name="organisation_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=("user", "organisation", "role"), name="membership_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "person",
                            "rater",
                            "author",
                            "officer",
                            "decider",
                            "hr",
                            "trainer",
                            "drafter",
                            "administrator",
                        ],
                    )
                ),
                name="membership_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("accepted_at", None)),
                fields=("organisation", "email", "role"),
                name="invitation_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "person",
                            "rater",
                            "author",
                            "officer",
                            "decider",
                            "hr",
                            "trainer",
                            "drafter",
                            "administrator",
                        ],
                    )
                ),
                name="invitation_role_known",
            ),
        ),
        migrations.AddIndex(
            model_name="evidencerecord",
            index=models.Index(fields=["person", "standard_code"], name="evidence_of_person"),
        ),
        migrations.AddConstraint(
            model_name="evidencerecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("hash__startswith", "sha256:")), name="evidence_hash_is_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="evidencerecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("organisation__isnull", False)),
                fields=("person", "organisation", "standard_code", "record_id"),
                name="evidence_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidencerecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("organisation", None)),
                fields=("person", "standard_code", "record_id"),
                name="own_evidence_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidencerecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("organisation__isnull", False), ("source", "organisation")),
                    models.Q(("organisation", None), ("source__in", ["self", "assessment"])),
                    _connector="OR",
                ),
                name="evidence_source_fits",
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["target_kind", "target_id"], name="audit_of_target"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["organisation", "-at"], name="audit_of_organisation"),
        ),
        migrations.AddConstraint(
            model_name="auditevent",
            constraint=models.UniqueConstraint(
                fields=("chain", "number"), name="audit_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("hash__startswith", "sha256:")), name="audit_hash_is_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="selfassessmentanswer",
            constraint=models.UniqueConstraint(fields=("assessment", "code"), name="answer_once"),
        ),
        migrations.AddConstraint(
            model_name="selfassessmentanswer",
            constraint=models.UniqueConstraint(
                fields=("assessment", "position"), name="answer_position_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="selfassessmentanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["indicator", "item"])), name="answer_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="standardversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("organisation__isnull", False)),
                fields=("organisation", "code", "version"),
                name="standard_version_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="standardversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("organisation", None)),
                fields=("code", "version"),
                name="public_standard_version_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="standardversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "published", "withdrawn"])),
                name="standard_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="standardversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("hash__startswith", "sha256:")), name="standard_hash_is_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="standardversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at", None), ("status", "draft")),
                    models.Q(
                        models.Q(("status", "draft"), _negated=True),
                        ("published_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="standard_published_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="selfassessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["in-progress", "finished", "abandoned"])),
                name="assessment_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="selfassessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", False), ("state", "finished")),
                    models.Q(models.Q(("state", "finished"), _negated=True), ("finished_at", None)),
                    _connector="OR",
                ),
                name="assessment_finished_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="selfassessment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "in-progress")),
                fields=("person", "standard"),
                name="assessment_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("hash__startswith", "sha256:")), name="decision_hash_is_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionrecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("organisation__isnull", False)),
                fields=("person", "organisation", "hash"),
                name="decision_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionrecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("organisation", None)),
                fields=("person", "hash"),
                name="own_decision_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("indicative", True), ("organisation", None)),
                    models.Q(("indicative", False), ("organisation__isnull", False)),
                    _connector="OR",
                ),
                name="decision_is_an_organisations",
            ),
        ),
    ]
