"""The SQL functions behind aggregation: documents and values (`0004_aggregate_functions.sql`), operators of expressions
(`0004_aggregate_operators.sql`).
"""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__)
SQL = "".join(HERE.with_name(f"0004_aggregate_{part}.sql").read_text() for part in ("functions", "operators"))


class Migration(migrations.Migration):
    dependencies = [("parse_core", "0003_query_functions")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
