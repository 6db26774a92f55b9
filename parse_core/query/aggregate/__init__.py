"""Aggregation pipelines (`contract/queries.md` §13): parsed, and compiled stage by stage, in order, to one statement.

Documents flow between stages as jsonb under the names of stored columns (`_id`, `_created_at`), their values in wire
form; a missing value is NULL. Each stage, operator and accumulator is one small class, found by its name.
"""
