
-- Operands -----------------------------------------------------------------------------------------------------------
-- Each is NULL for null and missing, and refuses other kinds.

CREATE OR REPLACE FUNCTION parse.number_operand(operator text, value jsonb) RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF jsonb_typeof(value) = 'number' THEN
        RETURN value::float8;
    ELSIF value IS NOT NULL AND value <> 'null' THEN
        PERFORM parse.refuse(format('%s only supports numeric types, not %s', operator, parse.kind(value)));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION parse.integer_operand(operator text, value jsonb) RETURNS int
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    number float8 := parse.number_operand(operator, value);
BEGIN
    IF number <> trunc(number) OR abs(number) > 2147483647 THEN
        PERFORM parse.refuse(format('%s needs an argument that is a 32-bit integer', operator));
    END IF;
    RETURN number::int;
END $$;

CREATE OR REPLACE FUNCTION parse.text_operand(operator text, value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF jsonb_typeof(value) = 'string' THEN
        RETURN value #>> '{}';
    ELSIF value IS NOT NULL AND value <> 'null' THEN
        PERFORM parse.refuse(format('%s only supports strings, not %s', operator, parse.kind(value)));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION parse.array_operand(operator text, value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF jsonb_typeof(value) = 'array' THEN
        RETURN value;
    ELSIF value IS NOT NULL AND value <> 'null' THEN
        PERFORM parse.refuse(format('%s needs an argument that is an array, not %s', operator, parse.kind(value)));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION parse.date_operand(operator text, value jsonb) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF value ->> '__type' = 'Date' THEN
        RETURN (value ->> 'iso')::timestamptz;
    ELSIF value IS NOT NULL AND value <> 'null' THEN
        PERFORM parse.refuse(format('%s can''t convert from %s to Date', operator, parse.kind(value)));
    END IF;
    RETURN NULL;
END $$;

-- Text as `$substr`, `$toLower` and their like take it: numbers and dates too.
CREATE OR REPLACE FUNCTION parse.coerced_text(operator text, value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    CASE parse.kind(value)
        WHEN 'missing', 'null' THEN RETURN '';
        WHEN 'string', 'number' THEN RETURN value #>> '{}';
        WHEN 'date' THEN RETURN value ->> 'iso';
        ELSE PERFORM parse.refuse(format('%s can''t convert from %s to String', operator, parse.kind(value)));
    END CASE;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION parse.json_date(moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF moment NOT BETWEEN '0001-01-01T00:00:00Z' AND '9999-12-31T23:59:59.999Z' THEN
        PERFORM parse.refuse('a date is beyond the years 1 to 9999');
    END IF;
    RETURN parse.date_json(to_jsonb(to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
END $$;

-- Arithmetic ---------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION parse.milliseconds(amount float8) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN make_interval(secs => trunc(amount) / 1000);

CREATE OR REPLACE FUNCTION parse.expression_add(VARIADIC operands jsonb[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    total float8 := 0;
    moment timestamptz;
    operand jsonb;
BEGIN
    FOREACH operand IN ARRAY operands LOOP
        IF operand IS NULL OR operand = 'null' THEN
            RETURN 'null';
        ELSIF parse.kind(operand) <> 'date' THEN
            total := total + parse.number_operand('$add', operand);
        ELSIF moment IS NOT NULL THEN
            PERFORM parse.refuse('only one date allowed in an $add expression');
        ELSE
            moment := parse.date_operand('$add', operand);
        END IF;
    END LOOP;
    IF moment IS NOT NULL THEN
        RETURN parse.json_date(moment + parse.milliseconds(total));
    END IF;
    RETURN to_jsonb(total);
END $$;

CREATE OR REPLACE FUNCTION parse.expression_subtract(one jsonb, other jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF one IS NULL OR one = 'null' OR other IS NULL OR other = 'null' THEN
        RETURN 'null';
    ELSIF parse.kind(one) <> 'date' THEN
        RETURN to_jsonb(parse.number_operand('$subtract', one) - parse.number_operand('$subtract', other));
    ELSIF parse.kind(other) = 'date' THEN
        RETURN to_jsonb(round(extract(epoch FROM
            parse.date_operand('$subtract', one) - parse.date_operand('$subtract', other)) * 1000)::bigint);
    END IF;
    RETURN parse.json_date(
        parse.date_operand('$subtract', one) - parse.milliseconds(parse.number_operand('$subtract', other)));
END $$;

CREATE OR REPLACE FUNCTION parse.expression_multiply(VARIADIC operands jsonb[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    product float8 := 1;
    operand jsonb;
BEGIN
    FOREACH operand IN ARRAY operands LOOP
        IF operand IS NULL OR operand = 'null' THEN
            RETURN 'null';
        END IF;
        product := product * parse.number_operand('$multiply', operand);
    END LOOP;
    RETURN to_jsonb(product);
END $$;

CREATE OR REPLACE FUNCTION parse.expression_divide(one jsonb, other jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    dividend float8 := parse.number_operand('$divide', one);
    divisor float8 := parse.number_operand('$divide', other);
BEGIN
    IF divisor = 0 AND dividend IS NOT NULL THEN
        PERFORM parse.refuse('can''t $divide by zero');
    END IF;
    RETURN coalesce(to_jsonb(dividend / divisor), 'null');
END $$;

CREATE OR REPLACE FUNCTION parse.expression_mod(one jsonb, other jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    dividend float8 := parse.number_operand('$mod', one);
    divisor float8 := parse.number_operand('$mod', other);
BEGIN
    IF divisor = 0 AND dividend IS NOT NULL THEN
        PERFORM parse.refuse('can''t $mod by zero');
    END IF;
    RETURN coalesce(to_jsonb(mod(dividend::numeric, divisor::numeric)::float8), 'null');
END $$;

-- `$abs $ceil $floor $sqrt $exp $ln $log10`
CREATE OR REPLACE FUNCTION parse.expression_math(operator text, value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    number float8 := parse.number_operand(operator, value);
BEGIN
    IF number < 0 AND operator = '$sqrt' OR number <= 0 AND operator IN ('$ln', '$log10') THEN
        PERFORM parse.refuse(format('%s''s argument must be a %s number', operator,
            CASE operator WHEN '$sqrt' THEN 'non-negative' ELSE 'positive' END));
    END IF;
    RETURN coalesce(to_jsonb(CASE operator
        WHEN '$abs' THEN abs(number)
        WHEN '$ceil' THEN ceil(number)
        WHEN '$floor' THEN floor(number)
        WHEN '$sqrt' THEN sqrt(number)
        WHEN '$exp' THEN exp(number)
        WHEN '$ln' THEN ln(number)
        WHEN '$log10' THEN log(number) END + 0), 'null');
END $$;

CREATE OR REPLACE FUNCTION parse.expression_pow(one jsonb, other jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(to_jsonb(parse.number_operand('$pow', one) ^ parse.number_operand('$pow', other)), 'null');
END $$;

-- `$round` (halves to the even neighbour) and `$trunc`, to a place after the point or, negative, before it
CREATE OR REPLACE FUNCTION parse.expression_round(operator text, value jsonb, place jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    number float8 := parse.number_operand(operator, value);
    places int := parse.integer_operand(operator, place);
    scaled numeric;
BEGIN
    IF places NOT BETWEEN -20 AND 100 THEN
        PERFORM parse.refuse(format('cannot apply %s with a precision value that is not between -20 and 100', operator));
    END IF;
    scaled := number::numeric * power(10::numeric, places);
    IF operator = '$trunc' THEN
        scaled := trunc(scaled);
    ELSE
        scaled := CASE WHEN abs(scaled - trunc(scaled)) = 0.5 THEN 2 * round(scaled / 2) ELSE round(scaled) END;
    END IF;
    RETURN coalesce(to_jsonb((scaled / power(10::numeric, places))::float8), 'null');
END $$;

-- Text ---------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION parse.expression_concat(VARIADIC operands jsonb[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    whole text := '';
    operand jsonb;
BEGIN
    FOREACH operand IN ARRAY operands LOOP
        whole := whole || parse.text_operand('$concat', operand);
    END LOOP;
    RETURN coalesce(to_jsonb(whole), 'null');
END $$;

-- `$substrBytes` and `$substrCP`: a negative length takes all that is left
CREATE OR REPLACE FUNCTION parse.expression_substr(operator text, value jsonb, first jsonb, size jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    whole text := parse.coerced_text(operator, value);
    start int := parse.integer_operand(operator, first);
    length int := parse.integer_operand(operator, size);
BEGIN
    IF start IS NULL OR length IS NULL OR operator = '$substrCP' AND (start < 0 OR length < 0) THEN
        PERFORM parse.refuse(format('%s needs a start and a length that are not negative', operator));
    ELSIF start < 0 THEN
        RETURN '""';
    ELSIF operator = '$substrCP' THEN
        RETURN to_jsonb(substr(right(whole, -start), 1, length));
    ELSIF length < 0 THEN
        RETURN to_jsonb(convert_from(substr(convert_to(whole, 'UTF8'), start + 1), 'UTF8'));
    END IF;
    RETURN to_jsonb(convert_from(
        substr(convert_to(whole, 'UTF8'), start + 1, least(length, octet_length(whole))), 'UTF8'));
END $$;

-- Letters of ASCII alone have two cases here
CREATE OR REPLACE FUNCTION parse.expression_case(operator text, value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN to_jsonb(CASE operator
        WHEN '$toLower' THEN lower(parse.coerced_text(operator, value) COLLATE "C")
        ELSE upper(parse.coerced_text(operator, value) COLLATE "C") END);
END $$;

CREATE OR REPLACE FUNCTION parse.expression_trim(operator text, value jsonb, chars jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    whole text := parse.text_operand(operator, value);
    stripped text := CASE WHEN chars IS NULL
        THEN E' \t\n\r\f\u000b\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'
        ELSE parse.text_operand(operator, chars) END;
BEGIN
    RETURN coalesce(to_jsonb(CASE operator
        WHEN '$trim' THEN btrim(whole, stripped)
        WHEN '$ltrim' THEN ltrim(whole, stripped)
        ELSE rtrim(whole, stripped) END), 'null');
END $$;

CREATE OR REPLACE FUNCTION parse.expression_split(value jsonb, delimiter jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    whole text := parse.text_operand('$split', value);
    between_parts text := parse.text_operand('$split', delimiter);
BEGIN
    IF between_parts = '' THEN
        PERFORM parse.refuse('$split requires a non-empty separator');
    ELSIF whole IS NULL OR between_parts IS NULL THEN
        RETURN 'null';
    END IF;
    RETURN CASE WHEN whole = '' THEN '[""]' ELSE to_jsonb(string_to_array(whole, between_parts)) END;
END $$;

CREATE OR REPLACE FUNCTION parse.expression_length(operator text, value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    whole text := parse.text_operand(operator, value);
BEGIN
    IF whole IS NULL THEN
        PERFORM parse.refuse(format('%s requires a string argument, found: %s', operator, parse.kind(value)));
    END IF;
    RETURN to_jsonb(CASE operator WHEN '$strLenCP' THEN length(whole) ELSE octet_length(whole) END);
END $$;

CREATE OR REPLACE FUNCTION parse.expression_index_of(value jsonb, part jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce(to_jsonb(
        position(parse.text_operand('$indexOfCP', part) IN parse.text_operand('$indexOfCP', value)) - 1), 'null');
END $$;

CREATE OR REPLACE FUNCTION parse.expression_replace(operator text, value jsonb, part jsonb, new jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    whole text := parse.text_operand(operator, value);
    old text := parse.text_operand(operator, part);
    place int := position(old IN whole);
BEGIN
    IF operator = '$replaceAll' THEN
        RETURN coalesce(to_jsonb(replace(whole, old, parse.text_operand(operator, new))), 'null');
    ELSIF place = 0 THEN
        RETURN to_jsonb(whole);
    END IF;
    RETURN coalesce(to_jsonb(overlay(
        whole PLACING parse.text_operand(operator, new) FROM place FOR length(old))), 'null');
END $$;

-- Arrays -------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION parse.expression_size(value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF jsonb_typeof(value) IS DISTINCT FROM 'array' THEN
        PERFORM parse.refuse(format('The argument to $size must be an array, but was of type: %s', parse.kind(value)));
    END IF;
    RETURN to_jsonb(jsonb_array_length(value));
END $$;

CREATE OR REPLACE FUNCTION parse.expression_element(operator text, value jsonb, place jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    elements jsonb := parse.array_operand(operator, value);
    number int := parse.integer_operand(operator, place);
BEGIN
    RETURN CASE WHEN elements IS NULL OR number IS NULL THEN 'null' ELSE elements -> number END;
END $$;

CREATE OR REPLACE FUNCTION parse.expression_in(value jsonb, list jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF jsonb_typeof(list) IS DISTINCT FROM 'array' THEN
        PERFORM parse.refuse(format('$in requires an array as a second argument, found: %s', parse.kind(list)));
    END IF;
    RETURN to_jsonb(EXISTS (SELECT 1 FROM jsonb_array_elements(list) AS element(item) WHERE item = value));
END $$;

-- `size` elements from `first` on, which counts from the end when it is negative
CREATE OR REPLACE FUNCTION parse.expression_slice(value jsonb, first jsonb, size jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    elements jsonb := parse.array_operand('$slice', value);
    start int := parse.integer_operand('$slice', first);
    count int := parse.integer_operand('$slice', size);
    length int := jsonb_array_length(elements);
BEGIN
    IF elements IS NULL OR start IS NULL OR count IS NULL THEN
        RETURN 'null';
    ELSIF count <= 0 THEN
        PERFORM parse.refuse('Third argument to $slice must be positive');
    END IF;
    start := CASE WHEN start < 0 THEN greatest(length + start, 0) ELSE least(start, length) END;
    RETURN (
        SELECT coalesce(jsonb_agg(element.item ORDER BY element.place), '[]')
        FROM jsonb_array_elements(elements) WITH ORDINALITY AS element(item, place)
        WHERE element.place > start AND element.place <= start::bigint + count);
END $$;

-- The first elements, or the last when the number is negative
CREATE OR REPLACE FUNCTION parse.expression_slice(value jsonb, number jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    count int := parse.integer_operand('$slice', number);
BEGIN
    IF count = 0 THEN
        RETURN coalesce(CASE WHEN parse.array_operand('$slice', value) IS NOT NULL THEN '[]'::jsonb END, 'null');
    ELSIF count < 0 THEN
        RETURN parse.expression_slice(value, number, to_jsonb(-count));
    END IF;
    RETURN parse.expression_slice(value, '0', number);
END $$;

CREATE OR REPLACE FUNCTION parse.expression_concat_arrays(VARIADIC operands jsonb[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    whole jsonb := '[]';
    operand jsonb;
BEGIN
    FOREACH operand IN ARRAY operands LOOP
        whole := whole || parse.array_operand('$concatArrays', operand);
    END LOOP;
    RETURN coalesce(whole, 'null');
END $$;

CREATE OR REPLACE FUNCTION parse.expression_reverse(value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF parse.array_operand('$reverseArray', value) IS NULL THEN
        RETURN 'null';
    END IF;
    RETURN (
        SELECT coalesce(jsonb_agg(element.item ORDER BY element.place DESC), '[]')
        FROM jsonb_array_elements(value) WITH ORDINALITY AS element(item, place));
END $$;

CREATE OR REPLACE FUNCTION parse.expression_range(first jsonb, past jsonb, step jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    start int := parse.integer_operand('$range', first);
    stop int := parse.integer_operand('$range', past);
    pace int := parse.integer_operand('$range', step);
BEGIN
    IF start IS NULL OR stop IS NULL OR coalesce(pace, 0) = 0 THEN
        PERFORM parse.refuse('$range requires integers, and a step that is not zero');
    ELSIF (stop::bigint - start) / pace > 1000000 THEN
        PERFORM parse.refuse('$range would make too large an array');
    END IF;
    RETURN (
        SELECT coalesce(jsonb_agg(number), '[]')
        FROM generate_series(start::bigint, stop::bigint - sign(pace)::bigint, pace::bigint) AS number);
END $$;

-- `$sum $avg $min $max` outside of `$group`: over the values, or the elements of a single array
CREATE OR REPLACE FUNCTION parse.expression_total(operator text, VARIADIC operands jsonb[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    items jsonb[] := operands;
BEGIN
    IF cardinality(operands) = 1 AND jsonb_typeof(operands[1]) = 'array' THEN
        items := ARRAY(SELECT jsonb_array_elements(operands[1]));
    END IF;
    RETURN (
        SELECT CASE operator
            WHEN '$sum' THEN to_jsonb(coalesce(sum(parse.number_of(item)), 0)::float8)
            WHEN '$avg' THEN coalesce(to_jsonb(avg(parse.number_of(item))::float8), 'null')
            WHEN '$min' THEN coalesce(parse.least_value(item), 'null')
            ELSE coalesce(parse.greatest_value(item), 'null') END
        FROM unnest(items) AS element(item));
END $$;

-- Sets: arrays without repetitions, whatever their order
CREATE OR REPLACE FUNCTION parse.expression_set(operator text, one jsonb, other jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    ours jsonb := parse.array_operand(operator, one);
    theirs jsonb := parse.array_operand(operator, other);
BEGIN
    IF ours IS NULL OR theirs IS NULL THEN
        RETURN 'null';
    END IF;
    RETURN coalesce(CASE operator
        WHEN '$setUnion' THEN (SELECT jsonb_agg(DISTINCT item) FROM jsonb_array_elements(ours || theirs) AS e(item))
        WHEN '$setIntersection' THEN (
            SELECT jsonb_agg(item) FROM (
                SELECT jsonb_array_elements(ours) INTERSECT SELECT jsonb_array_elements(theirs)) AS e(item))
        WHEN '$setDifference' THEN (
            SELECT jsonb_agg(item) FROM (
                SELECT jsonb_array_elements(ours) EXCEPT SELECT jsonb_array_elements(theirs)) AS e(item))
        WHEN '$setIsSubset' THEN to_jsonb(NOT EXISTS (
            SELECT jsonb_array_elements(ours) EXCEPT SELECT jsonb_array_elements(theirs)))
        ELSE to_jsonb(NOT EXISTS (
            (SELECT jsonb_array_elements(ours) EXCEPT SELECT jsonb_array_elements(theirs))
            UNION (SELECT jsonb_array_elements(theirs) EXCEPT SELECT jsonb_array_elements(ours)))) END, '[]');
END $$;

-- Objects ------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION parse.expression_merge(VARIADIC operands jsonb[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    merged jsonb := '{}';
    operand jsonb;
BEGIN
    FOREACH operand IN ARRAY operands LOOP
        IF parse.kind(operand) = 'object' THEN
            merged := merged || operand;
        ELSIF operand IS NOT NULL AND operand <> 'null' THEN
            PERFORM parse.refuse(format('$mergeObjects requires object inputs, not %s', parse.kind(operand)));
        END IF;
    END LOOP;
    RETURN merged;
END $$;

CREATE OR REPLACE FUNCTION parse.expression_object_to_array(value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF value IS NULL OR value = 'null' THEN
        RETURN 'null';
    ELSIF parse.kind(value) <> 'object' THEN
        PERFORM parse.refuse(format('$objectToArray requires a document input, found: %s', parse.kind(value)));
    END IF;
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('k', member.key, 'v', member.value) ORDER BY member.key), '[]')
        FROM jsonb_each(value) AS member);
END $$;

-- From `[{"k": …, "v": …}]` or `[[k, v]]`; of two members with one name the last stays
CREATE OR REPLACE FUNCTION parse.expression_array_to_object(value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    elements jsonb := parse.array_operand('$arrayToObject', value);
    result jsonb := '{}';
    item jsonb;
    name jsonb;
    member jsonb;
BEGIN
    IF elements IS NULL THEN
        RETURN 'null';
    END IF;
    FOR item IN SELECT jsonb_array_elements(elements) LOOP
        IF jsonb_typeof(item) = 'array' AND jsonb_array_length(item) = 2 THEN
            name := item -> 0;
            member := item -> 1;
        ELSIF jsonb_typeof(item) = 'object' THEN
            name := item -> 'k';
            member := item -> 'v';
        ELSE
            name := NULL;
        END IF;
        IF jsonb_typeof(name) IS DISTINCT FROM 'string' OR member IS NULL THEN
            PERFORM parse.refuse('$arrayToObject requires an array of pairs, or of objects with the fields ''k'' and ''v''');
        END IF;
        result := result || jsonb_build_object(name #>> '{}', member);
    END LOOP;
    RETURN result;
END $$;

-- Dates --------------------------------------------------------------------------------------------------------------

-- The time on the clocks of a zone: "Europe/Paris", "+02:00", missing for UTC
CREATE OR REPLACE FUNCTION parse.local_time(operator text, value jsonb, zone jsonb) RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    moment timestamptz := parse.date_operand(operator, value);
    name text := CASE WHEN zone IS NULL THEN 'UTC' ELSE parse.text_operand(operator, zone) END;
    distance text[] := regexp_match(name, '^([+-])(\d\d):?(\d\d)?$');
BEGIN
    IF distance IS NOT NULL THEN
        RETURN moment AT TIME ZONE 'UTC' + (distance[1] || distance[2] || ':' || coalesce(distance[3], '00'))::interval;
    ELSIF name !~ '^[A-Za-z][A-Za-z0-9_+/-]*$' THEN
        PERFORM parse.refuse(format('%s: unrecognized time zone identifier', operator));
    END IF;
    RETURN moment AT TIME ZONE name;
END $$;

CREATE OR REPLACE FUNCTION parse.expression_date_part(operator text, value jsonb, zone jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    clock timestamp := parse.local_time(operator, value, zone);
BEGIN
    RETURN coalesce(to_jsonb(CASE operator
        WHEN '$year' THEN extract(year FROM clock)
        WHEN '$month' THEN extract(month FROM clock)
        WHEN '$dayOfMonth' THEN extract(day FROM clock)
        WHEN '$dayOfYear' THEN extract(doy FROM clock)
        WHEN '$dayOfWeek' THEN extract(dow FROM clock) + 1
        WHEN '$week' THEN floor((extract(doy FROM clock) + 6 - extract(dow FROM clock)) / 7)
        WHEN '$isoWeek' THEN extract(week FROM clock)
        WHEN '$isoWeekYear' THEN extract(isoyear FROM clock)
        WHEN '$isoDayOfWeek' THEN extract(isodow FROM clock)
        WHEN '$hour' THEN extract(hour FROM clock)
        WHEN '$minute' THEN extract(minute FROM clock)
        WHEN '$second' THEN floor(extract(second FROM clock))
        ELSE floor(extract(milliseconds FROM clock))::bigint % 1000 END::int), 'null');
END $$;

CREATE OR REPLACE FUNCTION parse.expression_date_to_string(value jsonb, format jsonb, zone jsonb, on_null jsonb)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    clock timestamp := parse.local_time('$dateToString', value, zone);
    pattern text := CASE WHEN format IS NULL AND zone IS NULL THEN '%Y-%m-%dT%H:%M:%S.%LZ'
        WHEN format IS NULL THEN '%Y-%m-%dT%H:%M:%S.%L' ELSE parse.text_operand('$dateToString', format) END;
    distance int;
    written text := '';
    piece text;
BEGIN
    IF value IS NULL OR value = 'null' THEN
        RETURN on_null;
    ELSIF clock IS NULL OR pattern IS NULL THEN
        RETURN 'null';
    END IF;
    distance := extract(epoch FROM clock - parse.date_operand('$dateToString', value) AT TIME ZONE 'UTC')::int / 60;
    FOREACH piece IN ARRAY ARRAY(SELECT (regexp_matches(pattern, '%.?|[^%]+', 'g'))[1]) LOOP
        written := written || CASE WHEN left(piece, 1) <> '%' THEN piece ELSE coalesce(CASE piece
            WHEN '%Y' THEN to_char(clock, 'YYYY')
            WHEN '%m' THEN to_char(clock, 'MM')
            WHEN '%d' THEN to_char(clock, 'DD')
            WHEN '%H' THEN to_char(clock, 'HH24')
            WHEN '%M' THEN to_char(clock, 'MI')
            WHEN '%S' THEN to_char(clock, 'SS')
            WHEN '%L' THEN to_char(clock, 'MS')
            WHEN '%j' THEN to_char(clock, 'DDD')
            WHEN '%u' THEN to_char(clock, 'ID')
            WHEN '%w' THEN to_char(clock, 'D')
            WHEN '%V' THEN to_char(clock, 'IW')
            WHEN '%G' THEN to_char(clock, 'IYYY')
            WHEN '%U' THEN lpad(floor((extract(doy FROM clock) + 6 - extract(dow FROM clock)) / 7)::text, 2, '0')
            WHEN '%z' THEN CASE WHEN distance < 0 THEN '-' ELSE '+' END
                || lpad((abs(distance) / 60)::text, 2, '0') || lpad((abs(distance) % 60)::text, 2, '0')
            WHEN '%Z' THEN distance::text
            WHEN '%%' THEN '%' END,
            parse.refuse(format('Invalid format character in $dateToString: %s', piece)) #>> '{}') END;
    END LOOP;
    RETURN to_jsonb(written);
END $$;

-- Conversion ---------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION parse.expression_to_string(value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    CASE parse.kind(value)
        WHEN 'missing', 'null' THEN RETURN 'null';
        WHEN 'string', 'bool' THEN RETURN to_jsonb(value #>> '{}');
        WHEN 'number' THEN RETURN to_jsonb(trim_scale(value::numeric)::text);
        WHEN 'date' THEN RETURN value -> 'iso';
        ELSE RETURN parse.refuse(format('Unsupported conversion from %s to string in $convert', parse.kind(value)));
    END CASE;
END $$;

-- `$toInt $toLong $toDouble`
CREATE OR REPLACE FUNCTION parse.expression_to_number(operator text, value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    number float8;
    is_whole CONSTANT boolean := operator <> '$toDouble';
BEGIN
    CASE parse.kind(value)
        WHEN 'missing', 'null' THEN RETURN 'null';
        WHEN 'number' THEN number := value::float8;
        WHEN 'bool' THEN number := value::boolean::int;
        WHEN 'date' THEN
            IF operator = '$toInt' THEN
                PERFORM parse.refuse('Unsupported conversion from date to int in $convert');
            END IF;
            number := floor(extract(epoch FROM parse.date_operand(operator, value)) * 1000);
        WHEN 'string' THEN
            IF (value #>> '{}') !~ (CASE WHEN is_whole THEN '^[+-]?\d{1,19}$'
                    ELSE '^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$' END) THEN
                PERFORM parse.refuse(format('Failed to parse number in $convert: %s', operator));
            END IF;
            number := (value #>> '{}')::float8;
        ELSE PERFORM parse.refuse(format('Unsupported conversion from %s in $convert: %s', parse.kind(value), operator));
    END CASE;
    number := CASE WHEN is_whole THEN trunc(number) ELSE number END;
    IF operator = '$toInt' AND number NOT BETWEEN -2147483648 AND 2147483647 THEN
        PERFORM parse.refuse('Conversion would overflow target type in $convert: $toInt');
    END IF;
    RETURN to_jsonb(number);
END $$;

CREATE OR REPLACE FUNCTION parse.expression_to_bool(value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value IS NULL OR value = 'null' THEN 'null' ELSE to_jsonb(parse.truth(value)) END;

CREATE OR REPLACE FUNCTION parse.expression_to_date(value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    CASE parse.kind(value)
        WHEN 'missing', 'null' THEN RETURN 'null';
        WHEN 'date' THEN RETURN value;
        WHEN 'number' THEN
            IF abs(value::float8) > 1e15 THEN
                PERFORM parse.refuse('a date is beyond the years 1 to 9999');
            END IF;
            RETURN parse.json_date(to_timestamp(trunc(value::float8) / 1000));
        WHEN 'string' THEN
            IF (value #>> '{}') !~ '^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?$' THEN
                PERFORM parse.refuse('Error parsing date string in $convert: $toDate');
            END IF;
            RETURN parse.json_date(date_trunc('milliseconds', (value #>> '{}')::timestamptz));
        ELSE RETURN parse.refuse(format('Unsupported conversion from %s to date in $convert', parse.kind(value)));
    END CASE;
END $$;
