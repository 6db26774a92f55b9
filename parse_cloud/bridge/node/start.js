'use strict';
/*
 * The process beside the server in which main.js runs: `node start.js <fd>`, where the descriptor is one end of a pair
 * of sockets. The server says hello, main.js is loaded and listed, then the server calls.
 */
const path = require('node:path');
const { Channel } = require('./channel');
const { Registry, install: installCloud } = require('./cloud');
const { Invoker } = require('./invoke');
const { load } = require('./load');
const log = require('./log');
const { restController } = require('./rest');
const sdk = require('./sdk');
const { install: installOptions } = require('./server_options');
const watchdog = require('./watchdog');

const receivers = { hello: start };

const channel = new Channel(Number(process.argv[2]), {
  largest: Number(process.argv[3]),
  receive: frame => receivers[frame.type]?.(frame),
  closed: () => process.exit(0),
});

log.install(channel);
watchdog.watch();
// A promise nobody awaits, a timer that throws: of one request's making, and no other's business.
process.on('unhandledRejection', reason => log.say('error', 'Unhandled rejection in Cloud Code:', reason));
process.on('uncaughtException', error => log.say('error', 'Uncaught exception in Cloud Code:', error));
// Node prints its warnings for who runs it by hand; that a module system is new is none of the author's business.
process.removeAllListeners('warning');
process.on('warning', warning => warning.name === 'ExperimentalWarning' || log.say('warn', String(warning)));

async function start({ main, application, options }) {
  const Parse = sdk.load(main);
  global.Parse = Parse;
  sdk.initialise(Parse, application);
  Parse.CoreManager.setRESTController(restController(Parse, channel, application.serverURL));

  let isLoaded = false;
  let isListed = false;
  const list = () => {
    isListed = false;
    channel.send({ type: 'manifest', handlers: registry.manifest });
  };
  const registry = new Registry(() => {
    if (isLoaded && !isListed) {
      isListed = true;
      setImmediate(list);
    }
  });
  installCloud(Parse, registry, channel);
  const invoker = new Invoker(Parse, registry, channel);
  Object.assign(receivers, {
    invoke: frame => invoker.answer(frame),
    ping: ({ id }) => channel.send({ type: 'pong', id }),
    options: installOptions(Parse, channel, options),
  });
  try {
    await load(path.resolve(main), Parse);
  } catch (error) {
    channel.send({ type: 'failed', text: load.explained(error, main) });
    return;
  }
  isLoaded = true;
  list();
}
