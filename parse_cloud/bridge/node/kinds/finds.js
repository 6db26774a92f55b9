'use strict';
/* Finds, before and after. */
const objects = require('../objects');

const PREFERENCES = ['readPreference', 'includeReadPreference', 'subqueryReadPreference'];

/** A query of the SDK of what the server tells of one. */
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

module.exports = { afterFind, beforeFind, queryOf };
