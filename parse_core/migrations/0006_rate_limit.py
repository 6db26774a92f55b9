"""The counters of rate limits, for servers without a shared cache.

Unlogged: they live for a window, and a crash may start them anew. Nothing is flushed to disk for a counted request.
"""

from django.db import migrations

SQL = """
CREATE UNLOGGED TABLE parse_rate_limit (
    application_id text NOT NULL,
    key text COLLATE "C" NOT NULL,
    hits bigint NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (application_id, key)
) WITH (fillfactor = 50)
"""


class Migration(migrations.Migration):
    dependencies = [("parse_core", "0005_geo_and_search_functions")]
    operations = [migrations.RunSQL(SQL, "DROP TABLE parse_rate_limit")]
