"""What authors of Cloud Code work with: objects, queries, users and the rest, as in the other SDKs.

Importing it makes all types known that values are decoded to.
"""
