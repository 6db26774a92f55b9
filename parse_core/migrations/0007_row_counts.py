"""Exact counts of large classes: `0007_row_counts.sql`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("parse_core", "0006_rate_limit")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
