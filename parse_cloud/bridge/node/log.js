'use strict';
/* What user code prints and logs, as lines of the server's log. */
const { format, inspect } = require('node:util');
const { currentId } = require('./current');

const LONGEST = 16 * 1024; // characters of one line
const LEVELS = ['error', 'warn', 'info', 'verbose', 'debug', 'silly'];
const OF_CONSOLE = { error: 'error', warn: 'warn', info: 'info', log: 'info', debug: 'debug', trace: 'debug' };

let channel;

/** Sends a line; a server that is gone reads none. */
function say(level, ...parts) {
  const text = format(...parts);
  try {
    channel.send({ type: 'log', level, for: currentId(), text: text.length > LONGEST ? text.slice(0, LONGEST) + '…' : text });
  } catch {
    // Half a surrogate pair, or the end of the process: not worth losing the handler for.
  }
}

/** Logs to `to` from now on, `console` included. */
function install(to) {
  channel = to;
  for (const [name, level] of Object.entries(OF_CONSOLE)) {
    console[name] = (...parts) => say(level, ...parts);
  }
  console.dir = (value, options) => say('info', inspect(value, options));
}

/** `request.log`: winston's methods as the reference offers them. */
const logger = Object.freeze({
  ...Object.fromEntries(LEVELS.map(level => [level, (...parts) => say(level, ...parts)])),
  log: (level, ...parts) => say(LEVELS.includes(level) ? level : 'info', ...parts),
});

module.exports = { install, logger, say };
