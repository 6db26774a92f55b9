"""The registry of applications and classes, and the PostgreSQL schema `parse` for our SQL functions."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = []
    operations: ClassVar = [
        migrations.RunSQL("CREATE SCHEMA IF NOT EXISTS parse", "DROP SCHEMA parse CASCADE"),
        migrations.CreateModel(
            name="Application",
            fields=[
                ("application_id", models.TextField(primary_key=True, serialize=False)),
                ("namespace", models.TextField(help_text="The PostgreSQL schema of its tables.")),
                ("schema_version", models.BigIntegerField(default=0, db_default=0)),
            ],
            options={"db_table": "parse_application"},
        ),
        migrations.CreateModel(
            name="ParseClass",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("application_id", models.TextField()),
                ("name", models.TextField(db_collation="C")),
                ("table_name", models.TextField()),
                ("fields", models.JSONField(default=dict)),
                (
                    "permissions",
                    models.JSONField(
                        null=True, help_text="Class-level permissions; null: everybody may do everything."
                    ),
                ),
                ("indexes", models.JSONField(default=dict)),
                ("version", models.BigIntegerField(default=0, db_default=0)),
            ],
            options={
                "db_table": "parse_class",
                "verbose_name": "class",
                "verbose_name_plural": "classes",
                "ordering": ("application_id", "name"),
            },
        ),
        migrations.AddConstraint(
            model_name="parseclass",
            constraint=models.UniqueConstraint(fields=("application_id", "name"), name="parse_class_unique"),
        ),
    ]
