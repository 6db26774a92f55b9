'use strict';
/*
 * Connects the SDK to the server named by the environment and offers what every file needs:
 * fresh names, so that no case sees another's data, and checks for errors by code.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { randomBytes } = require('node:crypto');
const Parse = require('parse/node');

const {
  PARSE_TEST_SERVER_URL: serverURL = 'http://127.0.0.1:1337/parse',
  PARSE_TEST_APP_ID: appId = 'test',
  PARSE_TEST_JS_KEY: javascriptKey = 'js',
  PARSE_TEST_MASTER_KEY: masterKey = 'master',
  PARSE_TEST_REFERENCE: onReference,
} = process.env;

Parse.initialize(appId, javascriptKey, masterKey);
Parse.serverURL = serverURL;
// The SDK tries again on every 5xx; a case must see the first one.
Parse.CoreManager.set('REQUEST_ATTEMPT_LIMIT', 1);

const MASTER = { useMasterKey: true };

/** Name that nothing on the server has yet: letters and digits only, so good for classes, roles and users. */
const fresh = (stem = 'Thing') => `${stem}${randomBytes(6).toString('hex')}`;

/** A case that the reference server is known to fail (README.md says why). */
const differs = (name, run) => test(name, { todo: Boolean(onReference) }, run);

/** Awaits a refusal and checks its `code`; gives back the error for further checks. */
async function refused(promise, code) {
  let error;
  await assert.rejects(promise, found => {
    error = found;
    return true;
  });
  assert.ok(error instanceof Parse.Error, `not a Parse.Error: ${error}`);
  assert.equal(error.code, code, `code ${error.code} (${error.message}), expected ${code}`);
  return error;
}

/** Saves one object of the class. */
const create = (className, attributes = {}, options) =>
  new Parse.Object(className, attributes).save(null, options);

/** Saves one object per list entry, in order, and gives them back. */
const createAll = (className, rows, options) =>
  Parse.Object.saveAll(rows.map(row => new Parse.Object(className, row)), options);

/** The object as the server has it now, through an instance of its own. */
const reload = (object, options) => new Parse.Query(object.className).get(object.id, options);

/** A new user who is signed in, without becoming the current user; `as(user)` makes requests in their name. */
const newUser = (stem = 'user', attributes = {}) =>
  new Parse.User({ username: fresh(stem), password: 'correct horse', ...attributes }).signUp();

const as = user => ({ sessionToken: user.getSessionToken() });

/** Values of one key, in the order of the results. */
const pluck = (objects, key = 'name') => objects.map(object => object.get(key));

module.exports = {
  Parse, assert, test, differs, MASTER, serverURL, appId, javascriptKey,
  fresh, refused, create, createAll, reload, newUser, as, pluck,
};
