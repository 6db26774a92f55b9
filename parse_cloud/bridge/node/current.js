'use strict';
/*
 * Which call of the server the code that runs belongs to: what it asks the server is then counted as nested in that
 * call, and what it logs bears the call's request id. Holds across `await`, timers and promises.
 */
const { AsyncLocalStorage } = require('node:async_hooks');

const storage = new AsyncLocalStorage();

module.exports = {
  /** Runs `code` for a call. */
  within: (invocation, code) => storage.run(invocation, code),
  /** The id of the call, undefined while main.js is loaded. */
  currentId: () => storage.getStore(),
};
