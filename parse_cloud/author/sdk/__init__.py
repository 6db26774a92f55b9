"""What authors of Cloud Code work with: objects, queries, users and the rest, as in the other SDKs.

Importing it makes all types known that values are decoded to, and the classes that stand for the server's own.
"""

from importlib import import_module

for _name in ("file", "geopoint", "installation", "object", "polygon", "relation", "role", "session", "user"):
    import_module(f"{__name__}.{_name}")
