'use strict';
/* What user code throws, as the server is told of it. */
const { isNativeError } = require('node:util').types;

/**
 * `{code, message}` for a Parse error, `{message}` for anything else, with `isException` for a native error; `message`
 * may be any JSON, and is missing where there is none. Which code and text stand for something without them is the server's to say.
 */
function described(Parse, thrown) {
  if (isParseError(Parse, thrown)) {
    return { code: Number.isInteger(thrown.code) ? thrown.code : undefined, message: plain(thrown.message) };
  }
  if (!thrown) {
    return {};
  }
  if (isNativeError(thrown)) {
    return { message: plain(thrown.message), isException: true, stack: String(thrown.stack) };
  }
  return { message: plain(thrown.message || thrown) };
}

/** Also of another copy of the SDK, which main.js may have brought. */
function isParseError(Parse, thrown) {
  return thrown instanceof Parse.Error || (thrown?.constructor?.name === 'ParseError' && Number.isInteger(thrown.code));
}

/** A value that certainly has JSON. */
function plain(value) {
  if (value === undefined || value === null || typeof value === 'string') {
    return value ?? undefined;
  }
  try {
    return JSON.parse(JSON.stringify(value) ?? JSON.stringify(String(value)));
  } catch {
    return String(value);
  }
}

module.exports = { described };
