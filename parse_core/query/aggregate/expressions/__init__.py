"""Expressions: each operator is one class, registered by its name; every module here is loaded."""
