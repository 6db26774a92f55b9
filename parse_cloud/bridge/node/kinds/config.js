'use strict';
/* The global config, which its triggers may refuse and cannot change. */

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

module.exports = { config };
