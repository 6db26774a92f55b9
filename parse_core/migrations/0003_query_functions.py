"""The SQL functions behind conditions and order: `0003_query_functions.sql`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("parse_core", "0002_object_functions")]
    operations = [migrations.RunSQL(SQL.replace("%", "%%"), migrations.RunSQL.noop)]
