import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# Who looks up why a decision was made must find the rules as they were.
FROZEN = """
CREATE FUNCTION routing_policy_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state <> 'draft'
       AND (NEW.domain_id, NEW.number, NEW.document, NEW.note, NEW.based_on_id, NEW.published_at)
           IS NOT DISTINCT FROM
           (OLD.domain_id, OLD.number, OLD.document, OLD.note, OLD.based_on_id, OLD.published_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Version % of the routing rules was published and is never changed.', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER routing_policy_frozen BEFORE UPDATE OR DELETE ON routing_policy
    FOR EACH ROW EXECUTE FUNCTION routing_policy_is_frozen();
"""
THAWED = """
DROP TRIGGER routing_policy_frozen ON routing_policy;
DROP FUNCTION routing_policy_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("routing", "0001_first_light"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Policy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.PositiveIntegerField(blank=True, help_text="From 1, by domain; a draft has none", null=True),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "In force"), ("retired", "Earlier")],
                        default="draft",
                        max_length=9,
                    ),
                ),
                ("document", models.JSONField(help_text="The rules, as routing/rules/schema.py describes them")),
                ("note", models.CharField(blank=True, help_text="What changed and why", max_length=200)),
                ("revision", models.PositiveIntegerField(default=1, help_text="Raised whenever a draft is saved")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "based_on",
                    models.ForeignKey(
                        blank=True,
                        help_text="In force when it was begun",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="routing.policy",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "domain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="policies", to="routing.domain"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "policies",
                "constraints": [
                    models.UniqueConstraint(fields=("domain", "number"), name="one_policy_of_a_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")), fields=("domain",), name="one_draft"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "published")), fields=("domain",), name="one_policy_in_force"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number", None), ("published_at", None), ("state", "draft")),
                            models.Q(
                                models.Q(("state", "draft"), _negated=True),
                                ("number__gte", 1),
                                ("published_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="what_is_published_has_a_number",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="domain",
            name="policy",
            field=models.ForeignKey(
                blank=True,
                help_text="The rules in force; none are the ordinary ones",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="routing.policy",
            ),
        ),
        migrations.AddField(
            model_name="interaction",
            name="importance",
            field=models.FloatField(default=1.0, help_text="What the rules made of it, beside its queue's importance"),
        ),
        migrations.RunSQL(FROZEN, THAWED),
    ]
