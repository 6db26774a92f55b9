"""Deletions are noted for the classes that need it, and without an index: `0009_deleted_rows.sql`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("parse_core", "0008_tasks")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
