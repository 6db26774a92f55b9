'use strict';
/* Saves, deletes and the login family: the kinds that see one object. */
const objects = require('../objects');

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

module.exports = { afterSave, beforeSave, witness };
