'use strict';
/*
 * What a handler is given, and what is made of its result. Each kind is `{build, settle}`: `build` adds to the request;
 * `settle` gets the handler's result and whether it was a promise, and gives members of the reply: `success`, `effects`.
 */
const { call, job } = require('./kinds/calls');
const { config } = require('./kinds/config');
const { file } = require('./kinds/files');
const { afterFind, beforeFind } = require('./kinds/finds');
const { connection } = require('./kinds/live');
const { afterSave, beforeSave, witness } = require('./kinds/saves');
const { logger } = require('./log');
const objects = require('./objects');

/** The request, without what its kind adds. */
function common(Parse, { kind, name, told }) {
  const request = {
    master: told.master,
    isReadOnly: told.isReadOnly,
    headers: told.headers,
    ip: told.ip,
    log: logger,
  };
  if (told.user) {
    request.user = objects.stored(Parse, '_User', told.user);
  }
  if (told.installationId) {
    request.installationId = told.installationId;
  }
  if (told.context) {
    request.context = Object.assign(Object.create(null), told.context);
  }
  // Not enumerable: whoever prints a request must not print the keys of the server.
  Object.defineProperty(request, 'config', { get: () => Parse.Server, configurable: true });
  if (kind !== 'function' && kind !== 'job') {
    request.triggerName = kind;
  }
  return request;
}

const KINDS = {
  function: call,
  job,
  beforeSave,
  afterSave,
  beforeFind,
  afterFind,
  beforeConnect: connection,
  beforeSubscribe: connection,
  afterEvent: connection,
  onLiveQueryEvent: connection,
};

/** How a kind is built and settled; files and configurations are of their own. */
function kindOf(kind, name) {
  if (name === '@File') return file;
  if (name === '@Config') return config;
  return KINDS[kind] ?? witness;
}

module.exports = { common, kindOf };
