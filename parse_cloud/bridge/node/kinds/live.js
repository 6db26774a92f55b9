'use strict';
/* Connections, subscriptions and events of live queries. */
const objects = require('../objects');
const { queryOf } = require('./finds');

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

module.exports = { connection };
