-- What aggregation pipelines ask of documents and values. A value is jsonb in wire form; NULL is a missing one.
-- As in MongoDB an operator that is given a value of a kind it does not take refuses the whole pipeline: SQLSTATE 22PRS,
-- whose text is for the client and says kinds, never values.

-- Volatile, or the planner would call it.
CREATE OR REPLACE FUNCTION parse.refuse(message text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = '22PRS';
END $$;

-- Documents ----------------------------------------------------------------------------------------------------------

-- The name MongoDB has for the kind of a value.
CREATE OR REPLACE FUNCTION parse.kind(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(value)
    WHEN 'object' THEN CASE value ->> '__type' WHEN 'Date' THEN 'date' WHEN 'Bytes' THEN 'binData' ELSE 'object' END
    WHEN 'boolean' THEN 'bool'
    ELSE coalesce(jsonb_typeof(value), 'missing') END;

CREATE OR REPLACE FUNCTION parse.date_json(iso jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN iso IS NOT NULL THEN jsonb_build_object('__type', 'Date', 'iso', iso) END;

-- An object as pipelines see it: under the names of stored columns, without ACL.
CREATE OR REPLACE FUNCTION parse.aggregate_document(data jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (data - '{ACL,objectId,createdAt,updatedAt}'::text[]) || jsonb_build_object(
    '_id', data -> 'objectId',
    '_created_at', jsonb_build_object('__type', 'Date', 'iso', data -> 'createdAt'),
    '_updated_at', jsonb_build_object('__type', 'Date', 'iso', data -> 'updatedAt'));

-- The same where it becomes a value in another document: under both names.
CREATE OR REPLACE FUNCTION parse.aggregate_nested(document jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN document || jsonb_strip_nulls(jsonb_build_object(
    'objectId', document -> '_id',
    'createdAt', document -> '_created_at',
    'updatedAt', document -> '_updated_at'));

-- An object of these members; missing ones are left out.
CREATE OR REPLACE FUNCTION parse.members(names text[], members jsonb[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(jsonb_object_agg(member.name, member.value) FILTER (WHERE member.value IS NOT NULL), '{}')
    FROM unnest(names, members) AS member(name, value));

-- A value as the one member of a document, for conditions on it.
CREATE OR REPLACE FUNCTION parse.boxed(value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('v', value) END;

-- A pointer as its column stores it: "Class$id".
CREATE OR REPLACE FUNCTION parse.pointer_text(value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE value ->> '__type' WHEN 'Pointer' THEN
    to_jsonb((value ->> 'className') || '$' || (value ->> 'objectId')) ELSE value END;

-- What a field path leads to: through an array, the array of what it leads to in each object of it.
CREATE OR REPLACE FUNCTION parse.path_value(value jsonb, path text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    found jsonb := value;
    at int := 1;
BEGIN
    WHILE at <= cardinality(path) LOOP
        IF jsonb_typeof(found) = 'array' THEN
            RETURN (
                SELECT coalesce(jsonb_agg(below.value ORDER BY element.place), '[]')
                FROM jsonb_array_elements(found) WITH ORDINALITY AS element(item, place),
                    LATERAL (SELECT parse.path_value(element.item, path[at:])) AS below(value)
                WHERE jsonb_typeof(element.item) = 'object' AND below.value IS NOT NULL);
        ELSIF left(path[at], 3) = '_p_' AND NOT found ? path[at] THEN
            found := parse.pointer_text(found -> substr(path[at], 4));
        ELSE
            found := found -> path[at];
        END IF;
        at := at + 1;
    END LOOP;
    RETURN found;
END $$;

-- A document with another value at a path, or without one; arrays on the way are changed element by element.
CREATE OR REPLACE FUNCTION parse.with_value(value jsonb, path text[], new jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    document jsonb := CASE WHEN jsonb_typeof(value) = 'object' THEN value ELSE '{}' END;
    below jsonb := new;
BEGIN
    IF jsonb_typeof(value) = 'array' THEN
        RETURN (
            SELECT coalesce(jsonb_agg(parse.with_value(element.item, path, new) ORDER BY element.place), '[]')
            FROM jsonb_array_elements(value) WITH ORDINALITY AS element(item, place));
    END IF;
    IF cardinality(path) > 1 THEN
        below := parse.with_value(document -> path[1], path[2:], new);
    END IF;
    IF below IS NULL THEN
        RETURN document - path[1];
    END IF;
    RETURN document || jsonb_build_object(path[1], below);
END $$;

-- A value with nothing but the members of a tree: {"name": true, "address": {"city": true}}. What has no members and
-- is asked for some is left out.
CREATE OR REPLACE FUNCTION parse.including(value jsonb, tree jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF tree = 'true' THEN
        RETURN value;
    ELSIF jsonb_typeof(value) = 'array' THEN
        RETURN (
            SELECT coalesce(jsonb_agg(kept.value ORDER BY element.place) FILTER (WHERE kept.value IS NOT NULL), '[]')
            FROM jsonb_array_elements(value) WITH ORDINALITY AS element(item, place),
                LATERAL (SELECT parse.including(element.item, tree)) AS kept(value));
    ELSIF jsonb_typeof(value) = 'object' THEN
        RETURN (
            SELECT coalesce(jsonb_object_agg(kept.name, kept.value) FILTER (WHERE kept.value IS NOT NULL), '{}')
            FROM (
                SELECT branch.key, parse.including(including.value -> branch.key, branch.value)
                FROM jsonb_each(tree) AS branch
            ) AS kept(name, value));
    END IF;
    RETURN NULL;
END $$;

-- A value without the members of a tree.
CREATE OR REPLACE FUNCTION parse.excluding(value jsonb, tree jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    result jsonb := value;
    branch record;
BEGIN
    IF jsonb_typeof(value) = 'array' THEN
        RETURN (
            SELECT coalesce(jsonb_agg(parse.excluding(element.item, tree) ORDER BY element.place), '[]')
            FROM jsonb_array_elements(value) WITH ORDINALITY AS element(item, place));
    ELSIF jsonb_typeof(value) = 'object' THEN
        FOR branch IN SELECT * FROM jsonb_each(tree) LOOP
            IF branch.value = 'true' THEN
                result := result - branch.key;
            ELSIF result ? branch.key THEN
                result := result || jsonb_build_object(
                    branch.key, parse.excluding(result -> branch.key, branch.value));
            END IF;
        END LOOP;
    END IF;
    RETURN result;
END $$;

-- A value that becomes the document itself: under the names of stored columns.
CREATE OR REPLACE FUNCTION parse.as_document(value jsonb, stage text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF parse.kind(value) <> 'object' THEN
        PERFORM parse.refuse(format('''newRoot'' expression of %s must evaluate to an object, not %s',
            stage, parse.kind(value)));
    END IF;
    RETURN (value - '{objectId,createdAt,updatedAt}'::text[])
        || CASE WHEN value ? 'objectId' THEN jsonb_build_object('_id', value -> 'objectId') ELSE '{}' END
        || CASE WHEN value ? 'createdAt' THEN jsonb_build_object('_created_at', value -> 'createdAt') ELSE '{}' END
        || CASE WHEN value ? 'updatedAt' THEN jsonb_build_object('_updated_at', value -> 'updatedAt') ELSE '{}' END;
END $$;

-- The elements of an array with their places; what is no array counts as one element without a place.
CREATE OR REPLACE FUNCTION parse.unwound(value jsonb, kept boolean)
RETURNS TABLE (item jsonb, place bigint)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 4 AS $$
BEGIN
    IF jsonb_typeof(value) = 'array' AND value <> '[]' THEN
        RETURN QUERY SELECT element.item, element.place - 1
            FROM jsonb_array_elements(value) WITH ORDINALITY AS element(item, place);
    ELSIF value IS NULL OR value IN ('null', '[]') THEN
        IF kept THEN
            RETURN QUERY SELECT nullif(value, '[]'), NULL::bigint;
        END IF;
    ELSE
        RETURN QUERY SELECT value, NULL::bigint;
    END IF;
END $$;

-- What a value of one document matches in another: itself and the elements of an array, missing as null; and the ids of
-- pointers, by which they match the objects they lead to.
CREATE OR REPLACE FUNCTION parse.matched_values(value jsonb) RETURNS SETOF jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
    SELECT parse.identity(coalesce(value, 'null'))
    UNION SELECT parse.identity(element.item)
    FROM jsonb_array_elements(CASE WHEN jsonb_typeof(value) = 'array' THEN value ELSE '[]' END) AS element(item);
END;

CREATE OR REPLACE FUNCTION parse.matched_ids(value jsonb, class_name text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT DISTINCT CASE
        WHEN jsonb_typeof(item) = 'string' THEN item #>> '{}'
        WHEN item ->> '__type' = 'Pointer' AND item ->> 'className' = class_name THEN item ->> 'objectId' END
    FROM jsonb_array_elements(
        CASE WHEN jsonb_typeof(value) = 'array' THEN value ELSE jsonb_build_array(value) END) AS element(item)
    WHERE jsonb_typeof(item) = 'string' OR item ->> '__type' = 'Pointer';
END;

-- What a pointer is found by: itself, its text and its id; missing as null.
CREATE OR REPLACE FUNCTION parse.matched_pointer(value jsonb) RETURNS SETOF jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT form FROM unnest(ARRAY[coalesce(value, 'null'), parse.pointer_text(value), value -> 'objectId']) AS forms(form)
    WHERE form IS NOT NULL;
END;

-- The distinct values of a field in a document: of an array its elements; null and missing are none.
CREATE OR REPLACE FUNCTION parse.distinct_values(leaf jsonb) RETURNS SETOF jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT item FROM jsonb_array_elements(
        CASE WHEN jsonb_typeof(leaf) = 'array' THEN leaf ELSE jsonb_build_array(leaf) END) AS element(item)
    WHERE item <> 'null';
END;

-- Results ------------------------------------------------------------------------------------------------------------

-- A document as a client reads it: public names, times as texts, nothing under a name that no field can have.
CREATE OR REPLACE FUNCTION parse.aggregate_result(document jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(jsonb_object_agg(
        CASE member.key WHEN '_id' THEN 'objectId' WHEN '_created_at' THEN 'createdAt'
            WHEN '_updated_at' THEN 'updatedAt' ELSE member.key END,
        CASE WHEN member.key = '_id' AND member.value IN ('""', '{}', '[]') THEN 'null'
            WHEN member.key IN ('_created_at', '_updated_at') AND member.value ->> '__type' = 'Date'
                THEN member.value -> 'iso'
            ELSE member.value END), '{}')
    FROM jsonb_each(document) AS member
    WHERE member.key ~ '^[A-Za-z][0-9A-Za-z_]*$' OR member.key IN ('_id', '_created_at', '_updated_at'));

-- A document under the names of stored columns: `_p_owner` is "Class$id".
CREATE OR REPLACE FUNCTION parse.aggregate_raw_names(document jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(jsonb_object_agg(
        CASE WHEN member.value ->> '__type' = 'Pointer' THEN '_p_' || member.key ELSE member.key END,
        CASE WHEN member.key IN ('_created_at', '_updated_at') AND member.value ->> '__type' = 'Date'
            THEN member.value -> 'iso' ELSE parse.pointer_text(member.value) END), '{}')
    FROM jsonb_each(document) AS member);

-- A value in MongoDB's extended JSON.
CREATE OR REPLACE FUNCTION parse.extended_json(value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF jsonb_typeof(value) = 'array' THEN
        RETURN (
            SELECT coalesce(jsonb_agg(parse.extended_json(element.item) ORDER BY element.place), '[]')
            FROM jsonb_array_elements(value) WITH ORDINALITY AS element(item, place));
    ELSIF jsonb_typeof(value) <> 'object' THEN
        RETURN value;
    ELSIF value ->> '__type' = 'Date' THEN
        RETURN jsonb_build_object('$date', regexp_replace(value ->> 'iso', '\.000Z$', 'Z'));
    ELSIF value ->> '__type' = 'Bytes' THEN
        RETURN jsonb_build_object('$binary', jsonb_build_object('base64', value -> 'base64', 'subType', '00'));
    END IF;
    RETURN (SELECT coalesce(jsonb_object_agg(member.key, parse.extended_json(member.value)), '{}')
        FROM jsonb_each(value) AS member);
END $$;

-- Comparison ---------------------------------------------------------------------------------------------------------

-- -1, 0 or 1: values of all kinds have one order, missing before null.
CREATE OR REPLACE FUNCTION parse.compare(one jsonb, other jsonb) RETURNS int
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    kinds CONSTANT text[] := '{missing,"null",number,string,object,array,binData,bool,date}';
    kind text := parse.kind(one);
    difference int := array_position(kinds, kind) - array_position(kinds, parse.kind(other));
    pair record;
BEGIN
    IF difference <> 0 THEN
        RETURN sign(difference);
    ELSIF one IS NOT DISTINCT FROM other THEN
        RETURN 0;
    ELSIF kind = 'string' THEN
        RETURN CASE WHEN (one #>> '{}') COLLATE "C" < (other #>> '{}') COLLATE "C" THEN -1 ELSE 1 END;
    ELSIF kind = 'date' THEN
        RETURN CASE WHEN (one ->> 'iso') COLLATE "C" < (other ->> 'iso') COLLATE "C" THEN -1 ELSE 1 END;
    ELSIF kind = 'array' THEN
        FOR pair IN
            SELECT left_one.item AS one, right_one.item AS other
            FROM jsonb_array_elements(one) WITH ORDINALITY AS left_one(item, place)
            FULL JOIN jsonb_array_elements(other) WITH ORDINALITY AS right_one(item, place) USING (place)
            ORDER BY place
        LOOP
            difference := parse.compare(pair.one, pair.other);
            EXIT WHEN difference <> 0;
        END LOOP;
        RETURN difference;
    ELSIF kind = 'object' THEN
        FOR pair IN
            SELECT coalesce(one_member.key, other_member.key) AS key, one_member.value AS one, other_member.value AS other
            FROM jsonb_each(one) AS one_member FULL JOIN jsonb_each(other) AS other_member USING (key)
            ORDER BY key COLLATE "C"
        LOOP
            difference := parse.compare(pair.one, pair.other);
            EXIT WHEN difference <> 0;
        END LOOP;
        RETURN difference;
    END IF;
    RETURN CASE WHEN one < other THEN -1 ELSE 1 END;
END $$;

-- An object without a type, by which objects are told from each other in an order.
CREATE OR REPLACE FUNCTION parse.members_of(value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(value) = 'object' AND NOT value ? '__type' THEN value END;

CREATE OR REPLACE FUNCTION parse.truth(value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(value NOT IN ('false', 'null', '0'), FALSE);

CREATE OR REPLACE FUNCTION parse.lesser(one jsonb, other jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF one IS NULL OR one = 'null' OR other IS NULL OR other = 'null' THEN
        RETURN coalesce(nullif(one, 'null'), other);
    END IF;
    RETURN CASE WHEN parse.compare(other, one) < 0 THEN other ELSE one END;
END $$;

CREATE OR REPLACE FUNCTION parse.greater(one jsonb, other jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF one IS NULL OR one = 'null' OR other IS NULL OR other = 'null' THEN
        RETURN coalesce(nullif(one, 'null'), other);
    END IF;
    RETURN CASE WHEN parse.compare(other, one) > 0 THEN other ELSE one END;
END $$;

CREATE OR REPLACE AGGREGATE parse.least_value(jsonb) (
    SFUNC = parse.lesser, STYPE = jsonb, COMBINEFUNC = parse.lesser, PARALLEL = SAFE);
CREATE OR REPLACE AGGREGATE parse.greatest_value(jsonb) (
    SFUNC = parse.greater, STYPE = jsonb, COMBINEFUNC = parse.greater, PARALLEL = SAFE);

-- The number a value is, NULL for anything else.
CREATE OR REPLACE FUNCTION parse.number_of(value jsonb) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(value) = 'number' THEN value::numeric END;

-- Where a number belongs between ascending boundaries: the one below it.
CREATE OR REPLACE FUNCTION parse.bucket(value jsonb, boundaries jsonb, other jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    last int := jsonb_array_length(boundaries) - 1;
BEGIN
    FOR place IN 1..last LOOP
        IF parse.compare(value, boundaries -> place - 1) >= 0 AND parse.compare(value, boundaries -> place) < 0 THEN
            RETURN boundaries -> place - 1;
        END IF;
    END LOOP;
    RETURN coalesce(other, parse.refuse('$bucket: a value is in none of the boundaries, and there is no ''default'''));
END $$;

-- Great-circle distance in radians; NULL when either is no point.
CREATE OR REPLACE FUNCTION parse.angle_between(point jsonb, latitude float8, longitude float8) RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    north float8;
    east float8;
BEGIN
    IF point ->> '__type' IS DISTINCT FROM 'GeoPoint' THEN
        RETURN NULL;
    END IF;
    north := radians((point ->> 'latitude')::float8);
    east := radians((point ->> 'longitude')::float8);
    RETURN 2 * asin(least(1, sqrt(
        sin((north - radians(latitude)) / 2) ^ 2
        + cos(north) * cos(radians(latitude)) * sin((east - radians(longitude)) / 2) ^ 2)));
END $$;
