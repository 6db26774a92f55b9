"""Stages: each is one class, registered by its name; every module here is loaded."""
