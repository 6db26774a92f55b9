"""Work that must be done after an answer, and survives whoever was to do it (`parse_core/tasks`)."""

from django.db import migrations

SQL = """
CREATE TABLE parse_task (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application_id text NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    turn text,
    due_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    claimed_by text,
    claimed_until timestamptz
);
CREATE INDEX parse_task_due ON parse_task (application_id, due_at);
CREATE INDEX parse_task_turn ON parse_task (application_id, turn) WHERE turn IS NOT NULL AND claimed_by IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("parse_core", "0008_stale_class")]
    operations = [migrations.RunSQL(SQL, "DROP TABLE parse_task")]
