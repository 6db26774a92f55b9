'use strict';
/* `Parse.Server`: the running configuration, readable at once and changed by assignment. */
const { isDeepStrictEqual } = require('node:util');

const RateLimitZone = Object.freeze({ global: 'global', session: 'session', user: 'user', ip: 'ip' });

/** Offers the options on `Parse`; gives the receiver of newer ones. */
function install(Parse, channel, options) {
  let current = options;
  Object.defineProperty(Parse, 'Server', {
    configurable: true,
    get: () => ({ ...structuredClone(current), RateLimitZone }),
    set(wanted) {
      const changes = Object.fromEntries(
        Object.entries(wanted).filter(([name, value]) => name !== 'RateLimitZone' && !isDeepStrictEqual(current[name], value)),
      );
      channel.send({ type: 'options', changes });
      current = { ...current, ...changes };
    },
  });
  return frame => {
    current = frame.options;
  };
}

module.exports = { install };
