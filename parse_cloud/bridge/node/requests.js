'use strict';
/*
 * What a handler is given, by kind, and what is made of its result: each kind is `{build, settle}`.
 *
 * `build` adds to the request; `settle` gets the handler's result and whether it was a promise, and gives the members
 * of the reply: `success`, `effects`.
 */
const objects = require('./objects');
const files = require('./files');
const { logger } = require('./log');

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

/** Parameters: moments, files and pointers at any depth are the SDK's, everything else as it came. */
function parameters(Parse, value) {
  if (Array.isArray(value)) {
    return value.map(item => parameters(Parse, item));
  }
  if (!value || typeof value !== 'object') {
    return value;
  }
  switch (value.__type) {
    case 'Date':
      return Object.assign(new Date(value.iso), value);
    case 'File':
      return Parse.File.fromJSON(value);
    case 'Pointer':
      return Parse.Object.fromJSON({ __type: 'Pointer', className: value.className, objectId: value.objectId });
    case 'MultipartFile':
      return { filename: value.filename, contentType: value.contentType, data: Buffer.from(value.base64, 'base64') };
    default:
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, parameters(Parse, item)]));
  }
}

const call = {
  build: (Parse, request, { name, told }) => {
    request.params = parameters(Parse, told.params);
    request.functionName = name;
  },
  settle: (Parse, request, result) => (result === undefined ? {} : { success: Parse._encode(result) }),
};

const job = {
  build: (Parse, request, { name, told, message }) => {
    request.params = parameters(Parse, told.params);
    request.jobName = name;
    request.jobId = told.jobId;
    request.message = message;
  },
  settle: (Parse, request, result) => (typeof result === 'string' ? { success: result } : {}),
};

const beforeSave = {
  build: (Parse, request, { name, told }) => {
    const { objectId, original, operations } = told;
    request.object = objects.pending(Parse, { className: name, objectId, original, operations });
    if (original) {
      request.original = objects.stored(Parse, name, original);
    }
    Object.defineProperty(request, '_sent', { value: objects.changes(Parse, request.object) });
  },
  settle: (Parse, request, result, isPromise, saved) => {
    const replacement = isPromise && result && !(result instanceof Parse.Object) ? result.object : undefined;
    if (replacement && typeof replacement === 'object' && !(replacement instanceof Parse.Object)) {
      return { effects: { replace: Parse._encode(replacement) } };
    }
    return { effects: objects.difference(request._sent, objects.changes(Parse, saved)) };
  },
};

const afterSave = {
  build: (Parse, request, { name, told }) => {
    request.object = objects.stored(Parse, name, told.object);
    request.object._setExisted(Boolean(told.original));
    if (told.original) {
      request.original = objects.stored(Parse, name, told.original);
    }
    Object.defineProperty(request, '_stored', { value: objects.fields(Parse, request.object) });
  },
  settle: (Parse, request, result, isPromise, saved) => {
    if (result && typeof result === 'object' && !(result instanceof Parse.Object) && !Array.isArray(result)) {
      return Object.keys(result).length ? { effects: { body: Parse._encode(result) } } : {};
    }
    const shown = result instanceof Parse.Object ? result : saved;
    const { operations, reverted } = objects.difference(request._stored, objects.fields(Parse, shown));
    const gone = reverted.map(key => [key, { __op: 'Delete' }]);
    const { createdAt, updatedAt, ...told } = { ...operations, ...Object.fromEntries(gone) };
    return { effects: { shown: told } };
  },
};

/** Deletes and the login family: one object, that is only looked at. */
const witness = {
  build: (Parse, request, { name, told }) => {
    request.object = objects.stored(Parse, name, told.object);
    if (told.original) {
      request.original = objects.stored(Parse, name, told.original);
    }
    if (told.isChallenge) {
      request.isChallenge = true;
    }
  },
  settle: () => ({}),
};

const PREFERENCES = ['readPreference', 'includeReadPreference', 'subqueryReadPreference'];

function queryOf(Parse, className, { excludeKeys, ...query }) {
  const built = new Parse.Query(className).withJSON(query);
  // The SDK would keep these aside, and what the handler excludes would be lost.
  built._exclude = excludeKeys ? excludeKeys.split(',') : [];
  return built;
}

const beforeFind = {
  build: (Parse, request, { name, told }) => {
    request.query = queryOf(Parse, name, told.query);
    request.count = told.count;
    request.isGet = told.isGet;
    Object.defineProperty(request, '_asked', { value: { query: request.query, text: JSON.stringify(request.query) } });
  },
  settle: (Parse, request, result) => {
    const effects = Object.fromEntries(PREFERENCES.filter(name => request[name]).map(name => [name, request[name]]));
    const found = result instanceof Parse.Object ? [result] : result;
    if (Array.isArray(found) && found.every(each => each instanceof Parse.Object)) {
      effects.objects = found.map(each => objects.document(Parse, each));
      return { effects };
    }
    const query = result instanceof Parse.Query ? result : request._asked.query;
    if (query !== request._asked.query || JSON.stringify(query) !== request._asked.text) {
      effects.query = query.toJSON();
    }
    return { effects };
  },
};

const afterFind = {
  build: (Parse, request, { name, told }) => {
    request.object = null;
    request.query = queryOf(Parse, name, told.query);
    request.isGet = told.isGet;
    request.objects = told.objects.map(each => objects.stored(Parse, each.className ?? name, each));
    const texts = new Map(request.objects.map((each, i) => [each, [i, JSON.stringify(objects.document(Parse, each))]]));
    Object.defineProperty(request, '_found', { value: texts });
  },
  settle: (Parse, request, result) => {
    const found = result || request.objects;
    if (!Array.isArray(found)) {
      throw new Parse.Error(Parse.Error.SCRIPT_FAILED, 'afterFind must return a list');
    }
    // An object that is as it was goes back as its place in the list.
    const told = found.map(each => {
      if (!(each instanceof Parse.Object)) return Parse._encode(each);
      const [place, text] = request._found.get(each) ?? [];
      const document = objects.document(Parse, each);
      return text !== undefined && text === JSON.stringify(document) ? place : document;
    });
    return { effects: { objects: told } };
  },
};

const file = {
  build: (Parse, request, { told }) => {
    request.file = files.fileOf(Parse, told.file);
    request.fileSize = told.fileSize;
    if (told.stream) request.stream = true;
    if (told.kind === 'afterFind') {
      request.forceDownload = told.forceDownload;
      request.responseHeaders = told.responseHeaders;
    }
    delete request.context;
  },
  settle: (Parse, request, result, isPromise, saved, told) => {
    const returned = result instanceof Parse.File ? result : result?.file;
    const given = returned?._name === undefined ? request.file : returned;
    const { forceDownload, responseHeaders } = request;
    return { effects: { file: files.told(given, told.file.base64), forceDownload, responseHeaders } };
  },
};

const config = {
  build: (Parse, request, { told }) => {
    request.object = configOf(Parse, told.object);
    if (told.original) {
      request.original = configOf(Parse, told.original);
    }
  },
  settle: () => ({}),
};

function configOf(Parse, params) {
  const built = new Parse.Config();
  for (const [key, value] of Object.entries(params)) {
    built.attributes[key] = Parse._decode(undefined, value);
  }
  return built;
}

const connection = {
  build: (Parse, request, { kind, name, told }) => {
    Object.assign(request, told.details);
    if (told.event) request.event = told.event;
    if (kind === 'beforeSubscribe') {
      request.query = queryOf(Parse, name, told.query ?? {});
    }
    if (kind === 'afterEvent') {
      request.object = told.object ? objects.stored(Parse, name, told.object) : null;
      request.original = told.original ? objects.stored(Parse, name, told.original) : null;
      request.sendEvent = true;
    }
  },
  settle: (Parse, request, result, isPromise, saved, told) => {
    const effects = {};
    if (told.kind === 'beforeSubscribe') {
      effects.query = (result instanceof Parse.Query ? result : request.query).toJSON();
    }
    if (told.kind === 'afterEvent') {
      effects.event = request.event;
      effects.sendEvent = Boolean(request.sendEvent);
      effects.object = shownOf(Parse, request.object);
      effects.original = shownOf(Parse, request.original);
    }
    return { effects };
  },
};

function shownOf(Parse, object) {
  if (!object) return null;
  const { className, ...fields } = objects.document(Parse, object);
  return fields;
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
