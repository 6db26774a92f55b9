"""The two fixed tables of the core: the applications of a database and the schemas of their classes.

Requests never touch these models: `schema/cache.py` and `schema/changes.py` read and write the tables by SQL. Here they
exist for migrations and the admin. Objects live in one table per class (`store/tables.py`).
"""

from __future__ import annotations

from django.db import models


class Application(models.Model):
    """An application that has its PostgreSQL schema in this database."""

    application_id = models.TextField(primary_key=True)
    namespace = models.TextField(help_text="The PostgreSQL schema of its tables.")
    # Grows with every change of a class, so that one look tells a process whether its schemas are current.
    schema_version = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "parse_application"

    def __str__(self) -> str:
        return self.application_id


class ParseClass(models.Model):
    """The schema of one class of one application."""

    # No foreign key: a class is written in the same statement as its application.
    application_id = models.TextField()
    name = models.TextField(db_collation="C")
    table_name = models.TextField()
    fields = models.JSONField(default=dict)
    permissions = models.JSONField(null=True, help_text="Class-level permissions; null: everybody may do everything.")
    indexes = models.JSONField(default=dict)
    version = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "parse_class"
        verbose_name = "class"
        verbose_name_plural = "classes"
        ordering = ("application_id", "name")
        constraints = (models.UniqueConstraint(fields=("application_id", "name"), name="parse_class_unique"),)

    def __str__(self) -> str:
        return self.name
