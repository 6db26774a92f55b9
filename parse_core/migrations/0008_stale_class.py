"""`parse.stale_class()`: refuses a write that was checked against a class as it was (`schema/unchanged.py`)."""

from django.db import migrations

SQL = """
CREATE FUNCTION parse.stale_class() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '40PRS', MESSAGE = 'the class has changed';
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("parse_core", "0007_row_counts")]
    operations = [migrations.RunSQL(SQL, "DROP FUNCTION parse.stale_class()")]
