"""What the router remembers between runs, what it was told, and its explanations packed."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import routing.packed

WRITTEN_BY = "The transaction that wrote this row last, or the skills of this agent; the database sees to it"

STAMPS = """
CREATE FUNCTION routing_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;

CREATE FUNCTION routing_stamp_agent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE routing_agent SET changed = 0 WHERE id = OLD.agent_id;
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.agent_id <> OLD.agent_id) THEN
        UPDATE routing_agent SET changed = 0 WHERE id = NEW.agent_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER routing_stamp BEFORE INSERT OR UPDATE ON routing_interaction
    FOR EACH ROW EXECUTE FUNCTION routing_stamp();
CREATE TRIGGER routing_stamp BEFORE INSERT OR UPDATE ON routing_agent
    FOR EACH ROW EXECUTE FUNCTION routing_stamp();
CREATE TRIGGER routing_stamp AFTER INSERT OR UPDATE OR DELETE ON routing_agentskill
    FOR EACH ROW EXECUTE FUNCTION routing_stamp_agent();
"""
NO_STAMPS = """
DROP TRIGGER routing_stamp ON routing_agentskill;
DROP TRIGGER routing_stamp ON routing_agent;
DROP TRIGGER routing_stamp ON routing_interaction;
DROP FUNCTION routing_stamp_agent();
DROP FUNCTION routing_stamp();
"""


def pack_explanations(apps, schema_editor):
    decisions = apps.get_model("routing", "Decision").objects.only("explanation", "packed")
    batch = []
    for decision in decisions.iterator(1000):
        decision.packed = decision.explanation
        batch.append(decision)
        if len(batch) == 1000:
            decisions.bulk_update(batch, ["packed"])
            batch.clear()
    decisions.bulk_update(batch, ["packed"])


def unpack_explanations(apps, schema_editor):
    for decision in apps.get_model("routing", "Decision").objects.only("explanation", "packed").iterator(1000):
        decision.explanation = decision.packed
        decision.save(update_fields=["explanation"])


class Migration(migrations.Migration):
    dependencies = [("routing", "0002_policies")]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="changed",
            field=models.BigIntegerField(default=0, editable=False, help_text=WRITTEN_BY),
        ),
        migrations.AddField(
            model_name="interaction",
            name="changed",
            field=models.BigIntegerField(default=0, editable=False, help_text=WRITTEN_BY),
        ),
        migrations.AddIndex(
            model_name="interaction", index=models.Index(fields=["changed"], name="interaction_changed")
        ),
        migrations.RunSQL(STAMPS, NO_STAMPS),
        migrations.CreateModel(
            name="Dispatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "epoch",
                    models.PositiveBigIntegerField(help_text="Also the seed by which equals are told apart"),
                ),
                ("at", models.DateTimeField(help_text="The time of the decision, by the database's clock")),
                (
                    "policy",
                    models.PositiveIntegerField(default=0, help_text="Number of the routing rules in force"),
                ),
                ("trigger", models.CharField(max_length=24)),
                ("base", models.PositiveBigIntegerField()),
                ("inputs", models.BinaryField(null=True)),
                (
                    "domain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="dispatches", to="routing.domain"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=Q(inputs__isnull=False), fields=["at"], name="dispatch_with_inputs"),
                    models.Index(fields=["domain", "base", "epoch"], name="dispatch_by_base"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("domain", "epoch"), name="dispatch_of_an_epoch"),
                ],
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="packed",
            field=routing.packed.PackedJSONField(default=dict, help_text="As routing/engine/facts.py writes it"),
        ),
        migrations.RunPython(pack_explanations, unpack_explanations, elidable=True),
        migrations.AlterField(model_name="decision", name="explanation", field=models.JSONField(default=dict)),
        migrations.RemoveField(model_name="decision", name="explanation"),
        migrations.RenameField(model_name="decision", old_name="packed", new_name="explanation"),
        migrations.AlterField(
            model_name="interaction",
            name="ticket",
            field=models.ForeignKey(
                related_name="interactions",
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="tickets.ticket",
            ),
        ),
        migrations.AlterField(
            model_name="interaction",
            name="queue",
            field=models.ForeignKey(
                related_name="interactions",
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="tickets.queue",
            ),
        ),
        migrations.AlterField(
            model_name="interaction",
            name="reserved_for",
            field=models.ForeignKey(
                blank=True,
                null=True,
                related_name="+",
                help_text="Transferred to a person",
                db_index=False,
                on_delete=django.db.models.deletion.SET_NULL,
                to="routing.agent",
            ),
        ),
        migrations.AlterField(
            model_name="interaction",
            name="last_agent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                related_name="+",
                help_text="Served this ticket last",
                db_index=False,
                on_delete=django.db.models.deletion.SET_NULL,
                to="routing.agent",
            ),
        ),
        migrations.AlterField(
            model_name="interaction",
            name="disposition",
            field=models.ForeignKey(
                blank=True,
                null=True,
                related_name="+",
                db_index=False,
                on_delete=django.db.models.deletion.SET_NULL,
                to="routing.disposition",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="interaction",
            field=models.ForeignKey(
                related_name="decisions",
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="routing.interaction",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="agent",
            field=models.ForeignKey(
                null=True,
                related_name="+",
                db_index=False,
                db_constraint=False,
                on_delete=django.db.models.deletion.SET_NULL,
                to="routing.agent",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="domain",
            field=models.ForeignKey(
                related_name="+",
                db_index=False,
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="routing.domain",
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="agent",
            field=models.ForeignKey(
                related_name="offers", db_index=False, on_delete=django.db.models.deletion.CASCADE, to="routing.agent"
            ),
        ),
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(
                fields=["reserved_for"], name="interaction_reserved", condition=Q(reserved_for__isnull=False)
            ),
        ),
    ]
