-- The exact number of rows of large class tables without reading them: docs/decisions/0031-exact-counts.md.

-- Of the rows up to number `upto`, `counted` were there when this was last brought forward. While an entry exists, deleted
-- rows are noted. `candidate` becomes `upto` when the transactions `waits_for` are over.
CREATE TABLE IF NOT EXISTS parse.row_count (
    namespace text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    upto bigint NOT NULL DEFAULT 0,
    counted bigint NOT NULL DEFAULT 0,
    candidate bigint,
    waits_for text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (namespace, name)
);
CREATE TABLE IF NOT EXISTS parse.row_deleted (
    namespace text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS row_deleted_table ON parse.row_deleted (namespace, name, sequence);

CREATE OR REPLACE FUNCTION parse.note_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM parse.row_count WHERE namespace = TG_TABLE_SCHEMA AND name = TG_TABLE_NAME) THEN
        INSERT INTO parse.row_deleted SELECT TG_TABLE_SCHEMA, TG_TABLE_NAME, sequence FROM gone;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION parse.forget_rows(in_namespace text, in_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM parse.row_count WHERE namespace = in_namespace AND name = in_name;
    DELETE FROM parse.row_deleted WHERE namespace = in_namespace AND name = in_name;
END $$;

CREATE OR REPLACE FUNCTION parse.note_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM parse.forget_rows(TG_TABLE_SCHEMA, TG_TABLE_NAME);
    RETURN NULL;
END $$;

-- One step forward, in a transaction of its own that waits for nobody; returns whether there was nothing left to do.
CREATE OR REPLACE FUNCTION parse.advance_count(in_namespace text, in_name text, step bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    relation_id oid := to_regclass(format('%I.%I', in_namespace, in_name));
    state parse.row_count;
    edge bigint;
BEGIN
    IF relation_id IS NULL OR NOT pg_try_advisory_xact_lock(hashtextextended('parse.row_count', relation_id::bigint)) THEN
        RETURN TRUE;
    END IF;
    EXECUTE format('LOCK TABLE %I.%I IN ACCESS SHARE MODE', in_namespace, in_name);
    SELECT * INTO state FROM parse.row_count WHERE namespace = in_namespace AND name = in_name;
    IF state.namespace IS NULL THEN
        -- From the commit on, deletions are noted; who began before has to end before the next step counts.
        INSERT INTO parse.row_count (namespace, name) VALUES (in_namespace, in_name);
        RETURN FALSE;
    END IF;
    IF state.candidate IS NULL THEN
        EXECUTE format('SELECT max(sequence) FROM %I.%I', in_namespace, in_name) INTO edge;
        IF coalesce(edge, 0) - state.upto < step AND (
            SELECT count(*) FROM (
                SELECT 1 FROM parse.row_deleted WHERE namespace = in_namespace AND name = in_name LIMIT step) AS noted) < step
        THEN
            RETURN TRUE;
        END IF;
        -- Whoever drew a number up to the edge holds a lock since before, or is over: the edge is looked for first.
        state.candidate := greatest(edge, state.upto);
        state.waits_for := ARRAY(
            SELECT virtualtransaction FROM pg_locks
            WHERE locktype = 'relation' AND relation = relation_id AND mode = 'RowExclusiveLock'
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()));
        UPDATE parse.row_count SET candidate = state.candidate, waits_for = state.waits_for
        WHERE namespace = in_namespace AND name = in_name;
    END IF;
    IF EXISTS (
        SELECT 1 FROM pg_locks
        WHERE locktype = 'relation' AND relation = relation_id AND virtualtransaction = ANY(state.waits_for))
    THEN
        RETURN FALSE;
    END IF;
    -- One statement, so one view of rows and notes: a deletion it does not see counts as there, and is noted later.
    EXECUTE format($statement$
        WITH noted AS (
            DELETE FROM parse.row_deleted WHERE namespace = $1 AND name = $2 AND sequence <= $4 RETURNING sequence)
        UPDATE parse.row_count SET upto = $4, candidate = NULL, waits_for = '{}', counted = counted
            + (SELECT count(*) FROM %I.%I WHERE sequence > $3 AND sequence <= $4)
            - (SELECT count(*) FROM noted WHERE sequence <= $3)
        WHERE namespace = $1 AND name = $2 $statement$, in_namespace, in_name)
    USING in_namespace, in_name, state.upto, state.candidate;
    RETURN TRUE;
END $$;

CREATE OR REPLACE FUNCTION parse.watch_rows(in_namespace text, in_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM parse.forget_rows(in_namespace, in_name);
    EXECUTE format(
        'CREATE TRIGGER note_deleted AFTER DELETE ON %I.%I REFERENCING OLD TABLE AS gone'
        ' FOR EACH STATEMENT EXECUTE FUNCTION parse.note_deleted()', in_namespace, in_name);
    EXECUTE format(
        'CREATE TRIGGER note_emptied AFTER TRUNCATE ON %I.%I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION parse.note_emptied()', in_namespace, in_name);
END $$;

SELECT parse.watch_rows(a.namespace, c.table_name)
FROM parse_class c JOIN parse_application a USING (application_id)
WHERE to_regclass(format('%I.%I', a.namespace, c.table_name)) IS NOT NULL;
