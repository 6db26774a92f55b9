-- Deletions are noted in a table beside each class that is counted so, and nowhere else:
-- docs/decisions/0031-exact-counts.md. Takes the place of what 0007_row_counts.sql made.

-- Of the rows up to number `upto`, `counted` were there when this was last brought forward. `candidate` becomes `upto`
-- when the transactions `waits_for` are over. A class with an entry has a table of the numbers of deleted rows beside it,
-- `"Post:deleted"`, which a trigger fills: it has no index and no other use, so that a deletion hardly notices.
DROP FUNCTION IF EXISTS parse.note_deleted() CASCADE;
DROP TABLE IF EXISTS parse.row_deleted;
DELETE FROM parse.row_count;

-- What the table of deletions is called, and the function that fills it: as no class can be, in at most 63 bytes.
CREATE OR REPLACE FUNCTION parse.deleted_of(in_namespace text, in_name text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT format('%I.%I', in_namespace, CASE
        WHEN octet_length(in_name) <= 55 THEN in_name || ':deleted' ELSE left(in_name, 20) || ':deleted:' || md5(in_name) END)
$$;

-- Has deletions noted from the commit on. That takes a lock writers wait for: for 50 ms at most, else it says FALSE, and
-- will be asked again. Whoever deletes after the commit finds the trigger, whenever his transaction began.
CREATE OR REPLACE FUNCTION parse.note_deletions(in_namespace text, in_name text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    deleted text := parse.deleted_of(in_namespace, in_name);
BEGIN
    IF to_regclass(deleted) IS NOT NULL THEN
        RETURN TRUE;
    END IF;
    BEGIN
        PERFORM set_config('lock_timeout', '50ms', TRUE);
        EXECUTE format('LOCK TABLE %I.%I IN SHARE ROW EXCLUSIVE MODE', in_namespace, in_name);
    EXCEPTION WHEN lock_not_available THEN
        RETURN FALSE;
    END;
    EXECUTE format('CREATE TABLE %s (sequence bigint NOT NULL)', deleted);
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS %L',
        deleted, format('BEGIN INSERT INTO %s VALUES (OLD.sequence); RETURN NULL; END', deleted));
    EXECUTE format(
        'CREATE TRIGGER note_deleted AFTER DELETE ON %I.%I FOR EACH ROW EXECUTE FUNCTION %s()',
        in_namespace, in_name, deleted);
    RETURN TRUE;
END $$;

CREATE OR REPLACE FUNCTION parse.forget_rows(in_namespace text, in_name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    deleted text := parse.deleted_of(in_namespace, in_name);
BEGIN
    DELETE FROM parse.row_count WHERE namespace = in_namespace AND name = in_name;
    IF to_regclass(deleted) IS NOT NULL THEN
        EXECUTE format('DROP FUNCTION IF EXISTS %s() CASCADE', deleted);
        EXECUTE format('DROP TABLE %s', deleted);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION parse.note_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM parse.row_count WHERE namespace = TG_TABLE_SCHEMA AND name = TG_TABLE_NAME;
    RETURN NULL;
END $$;

-- The number of rows, in the caller's view of the database.
CREATE OR REPLACE FUNCTION parse.rows_of(in_namespace text, in_name text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    state parse.row_count;
    found bigint;
BEGIN
    SELECT * INTO state FROM parse.row_count WHERE namespace = in_namespace AND name = in_name;
    IF state.namespace IS NULL THEN
        EXECUTE format('SELECT count(*) FROM %I.%I', in_namespace, in_name) INTO found;
        RETURN found;
    END IF;
    EXECUTE format(
        'SELECT (SELECT count(*) FROM %I.%I WHERE sequence > $1) - (SELECT count(*) FROM %s WHERE sequence <= $1)',
        in_namespace, in_name, parse.deleted_of(in_namespace, in_name))
    INTO found USING state.upto;
    RETURN state.counted + found;
END $$;

-- One step forward, in a transaction of its own that waits for nobody; returns whether there was nothing left to do.
CREATE OR REPLACE FUNCTION parse.advance_count(in_namespace text, in_name text, step bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    relation_id oid := to_regclass(format('%I.%I', in_namespace, in_name));
    state parse.row_count;
    deleted text := parse.deleted_of(in_namespace, in_name);
    edge bigint;
    noted bigint;
BEGIN
    IF relation_id IS NULL OR NOT pg_try_advisory_xact_lock(hashtextextended('parse.row_count', relation_id::bigint)) THEN
        RETURN TRUE;
    END IF;
    EXECUTE format('LOCK TABLE %I.%I IN ACCESS SHARE MODE', in_namespace, in_name);
    SELECT * INTO state FROM parse.row_count WHERE namespace = in_namespace AND name = in_name;
    IF state.namespace IS NULL THEN
        IF NOT parse.note_deletions(in_namespace, in_name) THEN
            RETURN TRUE;
        END IF;
        INSERT INTO parse.row_count (namespace, name) VALUES (in_namespace, in_name);
        RETURN FALSE;
    END IF;
    IF state.candidate IS NULL THEN
        EXECUTE format('SELECT max(sequence) FROM %I.%I', in_namespace, in_name) INTO edge;
        EXECUTE format('SELECT count(*) FROM (SELECT 1 FROM %s LIMIT $1) AS noted', deleted) INTO noted USING step;
        IF coalesce(edge, 0) - state.upto < step AND noted < step THEN
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
        WITH noted AS (DELETE FROM %3$s WHERE sequence <= $4 RETURNING sequence)
        UPDATE parse.row_count SET upto = $4, candidate = NULL, waits_for = '{}', counted = counted
            + (SELECT count(*) FROM %1$I.%2$I WHERE sequence > $3 AND sequence <= $4)
            - (SELECT count(*) FROM noted WHERE sequence <= $3)
        WHERE namespace = $1 AND name = $2 $statement$, in_namespace, in_name, deleted)
    USING in_namespace, in_name, state.upto, state.candidate;
    RETURN TRUE;
END $$;

CREATE OR REPLACE FUNCTION parse.watch_rows(in_namespace text, in_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM parse.forget_rows(in_namespace, in_name);
    EXECUTE format(
        'CREATE TRIGGER note_emptied AFTER TRUNCATE ON %I.%I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION parse.note_emptied()', in_namespace, in_name);
END $$;
