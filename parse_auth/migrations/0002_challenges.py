"""What `/challenge` began and a sign-in ends: `parse_auth/challenges.py`.

Unlogged: they live for minutes, and a crash may lose them. Whoever waited for one asks for another.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

SQL = """
CREATE UNLOGGED TABLE parse_challenge (
    application_id text NOT NULL,
    id text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    link text COLLATE "C",
    data jsonb NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (application_id, id)
);
CREATE UNIQUE INDEX parse_challenge_link ON parse_challenge (application_id, link) WHERE link IS NOT NULL;
CREATE INDEX parse_challenge_ends_at ON parse_challenge (ends_at)
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("parse_auth", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(SQL, "DROP TABLE parse_challenge")]
