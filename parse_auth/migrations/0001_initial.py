"""The places of users and sessions in the admin; no tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


def _place(name: str) -> migrations.CreateModel:
    key = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
    return migrations.CreateModel(
        name=name, fields=[("id", key)], options={"managed": False, "default_permissions": ("view",)}
    )


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = []
    operations: ClassVar = [_place("Session"), _place("User")]
