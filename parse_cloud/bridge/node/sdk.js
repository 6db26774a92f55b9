'use strict';
/*
 * The SDK that main.js sees, globally and through `require('parse/node')`: always the same one, whoever asks.
 */
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { say } = require('./log');

const OURS = path.join(__dirname, 'node_modules', 'parse');
const NAMES = new Set(['parse', 'parse/node', 'parse/node.js']);

/** The SDK of the folder of main.js if it has our major version, else our own. */
function load(main) {
  const [found] = (Module.createRequire(main).resolve.paths('parse') ?? [])
    .map(folder => path.join(folder, 'parse'))
    .filter(folder => fs.existsSync(path.join(folder, 'package.json')));
  const wanted = versionOf(OURS);
  const compatible = found && versionOf(found).split('.')[0] === wanted.split('.')[0];
  if (found && !compatible) {
    say('warn', `parse ${versionOf(found)} in ${found} is not used: Cloud Code runs with ${wanted}`);
  }
  const file = path.join(compatible ? found : OURS, 'node.js');
  const Parse = require(file);
  resolveTo(file);
  return Parse;
}

function versionOf(folder) {
  return String(JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).version);
}

/** From now on `parse` is this file, for `require` and for `import`. */
function resolveTo(file) {
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, ...rest) {
    const asks = NAMES.has(request) && !parent?.filename?.includes(`${path.sep}node_modules${path.sep}parse${path.sep}`);
    return asks ? file : resolve.call(this, request, parent, ...rest);
  };
  const url = pathToFileURL(file).href;
  // `import` goes through a hook of its own, in older versions of Node on another thread.
  const hook = `export async function resolve(specifier, context, next) {
    return ${JSON.stringify([...NAMES])}.includes(specifier)
      ? { url: ${JSON.stringify(url)}, format: 'commonjs', shortCircuit: true } : next(specifier, context);
  }`;
  Module.register(`data:text/javascript,${encodeURIComponent(hook)}`);
}

/** Connects it to the application. */
function initialise(Parse, { applicationId, javascriptKey, masterKey, serverURL }) {
  Parse.initialize(applicationId, javascriptKey ?? undefined, masterKey);
  Parse.serverURL = serverURL;
  // Handlers run side by side: what one of them logs in as, or fetches, is nothing to another.
  Parse.User.disableUnsafeCurrentUser();
  Parse.Object.disableSingleInstance();
}

module.exports = { load, initialise };
