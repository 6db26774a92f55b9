"""The SQL functions behind conditions on places (`0005_geo_functions.sql`) and full text (`0005_search_functions.sql`)."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__)
SQL = "".join(HERE.with_name(f"0005_{part}_functions.sql").read_text() for part in ("geo", "search"))


class Migration(migrations.Migration):
    dependencies = [("parse_core", "0004_aggregate_functions")]
    operations = [migrations.RunSQL(SQL.replace("%", "%%"), migrations.RunSQL.noop)]
