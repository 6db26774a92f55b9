-- What operations do to one stored value. Each has a twin in Python (parse_core/operations/data.py) and the two are
-- tested with the same table of cases. None of them raises on odd stored values.

-- A number plus an amount, as JavaScript adds (IEEE double); missing, null and other kinds count as 0.
CREATE OR REPLACE FUNCTION parse.add_number(current jsonb, amount float8) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_jsonb((CASE WHEN jsonb_typeof(current) = 'number' THEN (current #>> '{}')::float8 ELSE 0 END) + amount);

-- A stored array, an empty one for anything else.
CREATE OR REPLACE FUNCTION parse.as_array(current jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(current) = 'array' THEN current ELSE '[]'::jsonb END;

-- A value as deep equality sees it: a pointer is its class and id, extra keys ignored.
CREATE OR REPLACE FUNCTION parse.comparable(item jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN item ->> '__type' = 'Pointer'
    THEN jsonb_build_object('__type', 'Pointer', 'className', item -> 'className', 'objectId', item -> 'objectId')
    ELSE item END;

CREATE OR REPLACE FUNCTION parse.array_add(current jsonb, items jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN parse.as_array(current) || items;

CREATE OR REPLACE FUNCTION parse.array_add_unique(current jsonb, items jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN parse.as_array(current) || coalesce((
    SELECT jsonb_agg(fresh.item ORDER BY fresh.place)
    FROM (
        SELECT DISTINCT ON (parse.comparable(item)) item, place
        FROM jsonb_array_elements(items) WITH ORDINALITY AS listed(item, place)
        WHERE NOT EXISTS (
            SELECT 1 FROM jsonb_array_elements(parse.as_array(current)) AS present(item)
            WHERE parse.comparable(present.item) = parse.comparable(listed.item))
        ORDER BY parse.comparable(item), place
    ) AS fresh), '[]'::jsonb);

CREATE OR REPLACE FUNCTION parse.array_remove(current jsonb, items jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce((
    SELECT jsonb_agg(present.item ORDER BY present.place)
    FROM jsonb_array_elements(parse.as_array(current)) WITH ORDINALITY AS present(item, place)
    WHERE NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements(items) AS gone(item)
        WHERE parse.comparable(gone.item) = parse.comparable(present.item))), '[]'::jsonb);

-- The value at a path of object keys and array indexes, NULL when there is none. A digit step into an object is a key.
CREATE OR REPLACE FUNCTION parse.value_at(current jsonb, path text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN current #> path;

-- `current` with the value at `path` replaced; missing parents become objects, arrays are padded with nulls.
CREATE OR REPLACE FUNCTION parse.set_at(current jsonb, path text[], value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    step text := path[1];
    rest text[] := path[2:];
    place int;
BEGIN
    IF step IS NULL THEN
        RETURN value;
    END IF;
    IF step ~ '^[0-9]{1,4}$' AND (current IS NULL OR jsonb_typeof(current) IN ('array', 'null')) THEN
        place := step::int;
        IF current IS NULL OR jsonb_typeof(current) = 'null' THEN
            current := '[]'::jsonb;
        END IF;
        IF jsonb_array_length(current) <= place THEN
            current := current || (
                SELECT jsonb_agg(NULL::jsonb) FROM generate_series(jsonb_array_length(current), place));
        END IF;
        RETURN jsonb_set(current, ARRAY[step], parse.set_at(current -> place, rest, value));
    END IF;
    IF jsonb_typeof(current) IS DISTINCT FROM 'object' THEN
        current := '{}'::jsonb;
    END IF;
    RETURN current || jsonb_build_object(step, parse.set_at(current -> step, rest, value));
END $$;

-- `current` without the value at `path`; in an array the place stays and holds null.
CREATE OR REPLACE FUNCTION parse.unset_at(current jsonb, path text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    parent text[] := path[:cardinality(path) - 1];
    step text := path[cardinality(path)];
    holder jsonb := current #> parent;
BEGIN
    IF holder IS NULL OR holder -> step IS NULL AND jsonb_typeof(holder) = 'object' THEN
        RETURN current;
    END IF;
    IF jsonb_typeof(holder) = 'object' THEN
        RETURN CASE WHEN cardinality(parent) = 0 THEN holder - step ELSE jsonb_set(current, parent, holder - step) END;
    END IF;
    IF jsonb_typeof(holder) = 'array' AND step ~ '^[0-9]{1,4}$' AND jsonb_array_length(holder) > step::int THEN
        RETURN jsonb_set(current, path, 'null'::jsonb);
    END IF;
    RETURN current;
END $$;
