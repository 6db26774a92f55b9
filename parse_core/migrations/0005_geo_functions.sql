-- Places in documents as PostgreSQL's geometric types, which every server has. Conditions and indexes are made of them
-- (parse_core/store/geography.py); the twins in Python are in parse_core/values/geo.py. None raises, whatever is stored.

-- A GeoPoint as (longitude, latitude), NULL for anything else. Written so that it is inlined.
CREATE OR REPLACE FUNCTION parse.geo_point(value jsonb) RETURNS point
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(value -> 'longitude') = 'number' AND jsonb_typeof(value -> 'latitude') = 'number'
    THEN point((value -> 'longitude')::float8, (value -> 'latitude')::float8) END;

-- The radians between two points of (longitude, latitude). Not in SQL: inlined, it would read each point many times.
CREATE OR REPLACE FUNCTION parse.geo_angle(one point, other point) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN 2 * asin(least(1, sqrt(
        sin(radians(one[1] - other[1]) / 2) ^ 2
        + cos(radians(one[1])) * cos(radians(other[1])) * sin(radians(one[0] - other[0]) / 2) ^ 2)));
END $$;

-- A Polygon in (latitude, longitude), as it is stored, every coordinate times `scale`; NULL for anything else.
-- Its JSON text, with other brackets, is how PostgreSQL writes a path.
CREATE OR REPLACE FUNCTION parse.geo_polygon(value jsonb, scale float8) RETURNS polygon
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    coordinates text := (value -> 'coordinates')::text;
    pair constant text := '\[-?\d{1,3}(\.\d+)?, -?\d{1,3}(\.\d+)?\]';
BEGIN
    IF coordinates ~ ('^\[' || pair || '(, ' || pair || ')*\]$') THEN
        RETURN polygon(translate(coordinates, '[]', '()')::path * point(scale, 0));
    END IF;
    RETURN NULL;
END $$;

-- The box that holds a Polygon.
CREATE OR REPLACE FUNCTION parse.geo_bounds(value jsonb) RETURNS box
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN box(parse.geo_polygon(value, 1));
END $$;
