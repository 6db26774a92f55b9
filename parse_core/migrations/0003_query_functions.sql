-- What conditions and order ask of a document where plain operators do not do. Each has a twin in Python (parse_core/query)
-- and both are tested with the same tables. None of them raises, whatever is stored.

-- What a path leads to in a document: a step descends an object; a number indexes an array; any other step on an array
-- descends into each object in it. NULL where it leads nowhere.
CREATE OR REPLACE FUNCTION parse.leaves_at(document jsonb, path text[]) RETURNS SETOF jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 4 AS $$
DECLARE
    step text;
    found jsonb[] := ARRAY[document];
    below jsonb[];
    value jsonb;
BEGIN
    FOREACH step IN ARRAY path LOOP
        below := '{}';
        FOREACH value IN ARRAY found LOOP
            IF jsonb_typeof(value) = 'array' AND step ~ '^[0-9]{1,9}$' THEN
                below := array_append(below, value -> step::int);
            ELSIF jsonb_typeof(value) = 'array' THEN
                below := below || ARRAY(
                    SELECT item -> step FROM jsonb_array_elements(value) AS element(item)
                    WHERE jsonb_typeof(item) = 'object');
            ELSE
                below := array_append(below, value -> step);
            END IF;
        END LOOP;
        found := below;
    END LOOP;
    RETURN QUERY SELECT unnest(found);
END $$;

-- The leaves, and the elements of those that are arrays.
CREATE OR REPLACE FUNCTION parse.values_at(document jsonb, path text[]) RETURNS SETOF jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 8 AS $$
    SELECT each.value
    FROM parse.leaves_at(document, path) AS leaf(value),
        LATERAL (
            SELECT leaf.value
            UNION ALL
            SELECT element.value FROM jsonb_array_elements(
                CASE WHEN jsonb_typeof(leaf.value) = 'array' THEN leaf.value ELSE '[]' END) AS element(value)
        ) AS each(value)
$$;

-- A value reduced, at any depth, to what tells it from others: a pointer to class and id, a file to its name, a point to
-- its coordinates.
CREATE OR REPLACE FUNCTION parse.identity(value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF jsonb_typeof(value) NOT IN ('object', 'array') OR position('"__type"' IN value::text) = 0 THEN
        RETURN value;
    END IF;
    IF jsonb_typeof(value) = 'array' THEN
        RETURN (
            SELECT coalesce(jsonb_agg(parse.identity(element.item) ORDER BY element.place), '[]')
            FROM jsonb_array_elements(value) WITH ORDINALITY AS element(item, place));
    END IF;
    IF value ->> '__type' = 'Pointer' THEN
        RETURN jsonb_build_object(
            '__type', 'Pointer', 'className', value -> 'className', 'objectId', value -> 'objectId');
    ELSIF value ->> '__type' = 'File' THEN
        RETURN jsonb_build_object('__type', 'File', 'name', value -> 'name');
    ELSIF value ->> '__type' = 'GeoPoint' THEN
        RETURN jsonb_build_object(
            '__type', 'GeoPoint', 'latitude', value -> 'latitude', 'longitude', value -> 'longitude');
    END IF;
    RETURN (SELECT jsonb_object_agg(member.key, parse.identity(member.value)) FROM jsonb_each(value) AS member);
END $$;

-- Values of all kinds in one order: missing and null, numbers, strings, objects, arrays, bytes, booleans, dates.
-- Pointers among objects by id.
DO $$
BEGIN
    IF to_regtype('parse.sort_key') IS NULL THEN
        CREATE TYPE parse.sort_key AS (rank int, number numeric, text text COLLATE "C");
    END IF;
END $$;

CREATE OR REPLACE FUNCTION parse.value_sort_key(value jsonb) RETURNS parse.sort_key
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(value)
    WHEN 'number' THEN ROW(2, value::numeric, '')::parse.sort_key
    WHEN 'string' THEN ROW(3, 0, value #>> '{}')::parse.sort_key
    WHEN 'array' THEN ROW(5, 0, '')::parse.sort_key
    WHEN 'boolean' THEN ROW(7, value::boolean::int, '')::parse.sort_key
    WHEN 'object' THEN CASE value ->> '__type'
        WHEN 'Bytes' THEN ROW(6, 0, coalesce(value ->> 'base64', ''))::parse.sort_key
        WHEN 'Date' THEN ROW(8, 0, coalesce(value ->> 'iso', ''))::parse.sort_key
        WHEN 'Pointer' THEN ROW(4, 0, coalesce(value ->> 'objectId', ''))::parse.sort_key
        ELSE ROW(4, 0, '')::parse.sort_key END
    ELSE ROW(1, 0, '')::parse.sort_key END;

-- The sort keys of all values at a path; an empty array sorts below null.
CREATE OR REPLACE FUNCTION parse.sort_keys_at(document jsonb, path text[]) RETURNS SETOF parse.sort_key
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (each.key).*
    FROM parse.leaves_at(document, path) AS leaf(value),
        LATERAL (
            SELECT parse.value_sort_key(leaf.value) WHERE jsonb_typeof(leaf.value) IS DISTINCT FROM 'array'
            UNION ALL
            SELECT ROW(0, 0, '')::parse.sort_key WHERE leaf.value = '[]'
            UNION ALL
            SELECT parse.value_sort_key(element.value) FROM jsonb_array_elements(
                CASE WHEN jsonb_typeof(leaf.value) = 'array' THEN leaf.value ELSE '[]' END) AS element(value)
        ) AS each(key)
$$;

-- What a document sorts by: of several values the smallest ascending, the largest descending. Never NULL.
CREATE OR REPLACE FUNCTION parse.order_key(document jsonb, path text[], descending boolean) RETURNS parse.sort_key
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    leaf jsonb := document #> path;
    found parse.sort_key;
BEGIN
    IF jsonb_typeof(leaf) <> 'array' THEN
        RETURN parse.value_sort_key(leaf);
    ELSIF descending THEN
        SELECT (key).* INTO found FROM parse.sort_keys_at(document, path) AS key ORDER BY key DESC LIMIT 1;
    ELSE
        SELECT (key).* INTO found FROM parse.sort_keys_at(document, path) AS key ORDER BY key LIMIT 1;
    END IF;
    RETURN CASE WHEN found.rank IS NULL THEN parse.value_sort_key(NULL) ELSE found END;
END $$;
