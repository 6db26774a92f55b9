-- Full-text search (parse_core/query/full_text.py). Words are told apart here and not by PostgreSQL's parser, which takes
-- "shop.example" for a host and depends on the locale of the database. None raises, whatever is stored or asked.

-- In lower case, with the best collation there is: a database in the C locale would fold ASCII only.
DO $$
DECLARE
    chosen text := (
        SELECT quote_ident(collname) FROM pg_collation
        WHERE collname IN ('pg_c_utf8', 'und-x-icu', 'C.utf8') AND collnamespace = 'pg_catalog'::regnamespace
        ORDER BY array_position(ARRAY['pg_c_utf8', 'und-x-icu', 'C.utf8'], collname::text) LIMIT 1);
BEGIN
    EXECUTE 'CREATE OR REPLACE FUNCTION parse.fold_case(value text) RETURNS text '
        'LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN lower(value COLLATE ' || coalesce(chosen, '"default"') || ')';
END $$;

-- Without diacritics. Those that make another letter in Cyrillic (й, ї) stay, except on ё.
CREATE OR REPLACE FUNCTION parse.fold_marks(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(value) = char_length(value) THEN
        RETURN value;
    END IF;
    RETURN normalize(
        regexp_replace(
            normalize(value, NFD) COLLATE "C",
            '(?<![\u0400-\u04ff])[\u0300-\u036f]+|(?<=[\u0415\u0435])\u0308|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]'
            '|[\u064b-\u065f\u0670]', '', 'g'),
        NFC);
END $$;

-- The words of a text, each between blanks: ' buy coffee now '. What stands beyond 100,000 characters is not searched:
-- PostgreSQL's vectors have room for no more.
CREATE OR REPLACE FUNCTION parse.search_words(value text, keep_case boolean, keep_marks boolean) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    words text := left(value, 100000);
BEGIN
    IF octet_length(words) <> char_length(words) THEN
        words := normalize(words, NFC);
    END IF;
    IF NOT keep_case THEN
        words := parse.fold_case(words);
    END IF;
    IF NOT keep_marks THEN
        words := parse.fold_marks(words);
    END IF;
    RETURN ' ' || btrim(regexp_replace(
        words COLLATE "C",
        '[\u0001-/:-@\[-`{-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u02c2-\u02df\u037e\u0387\u055a-\u055f'
        '\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u1680'
        '\u2000-\u200b\u200e-\u2027\u202a-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030'
        '\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufeff]+', ' ', 'g')) || ' ';
END $$;

-- The words of a question that count, without the language's stop words.
CREATE OR REPLACE FUNCTION parse.search_terms(config regconfig, value text, keep_case boolean, keep_marks boolean)
RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
    SELECT CASE WHEN keep_marks THEN word ELSE parse.fold_marks(word) END
    FROM unnest(string_to_array(btrim(parse.search_words(value, keep_case, TRUE)), ' ')) AS each(word)
    WHERE length(to_tsvector(config, parse.fold_case(word))) > 0);

-- What is looked for in: the stems of all words, and, unless marks count, of the words without them too; so that endings
-- are still known for what they are, and a question without marks finds a text with them. Made for an index.
CREATE OR REPLACE FUNCTION parse.search_vector(config regconfig, value text, keep_marks boolean) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    words text := parse.search_words(value, FALSE, TRUE);
    bare text := parse.fold_marks(words);
BEGIN
    IF keep_marks OR bare = words THEN
        RETURN to_tsvector(config, words);
    END IF;
    RETURN to_tsvector(config, words) || to_tsvector(config, bare);
END $$;

-- Any of the words of a question that count; NULL, which finds nothing, if none does.
CREATE OR REPLACE FUNCTION parse.search_query(config regconfig, value text, keep_marks boolean) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    words text := array_to_string(parse.search_terms(config, value, FALSE, TRUE), ' ');
    bare text := parse.fold_marks(words);
    wanted tsquery;
BEGIN
    IF words = '' THEN
        RETURN NULL;
    END IF;
    -- Words hold no signs, so every ampersand is an operator.
    wanted := replace(plainto_tsquery(config, words)::text, '&', '|')::tsquery;
    IF keep_marks OR bare = words THEN
        RETURN wanted;
    END IF;
    RETURN wanted || replace(plainto_tsquery(config, bare)::text, '&', '|')::tsquery;
END $$;
