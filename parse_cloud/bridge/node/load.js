'use strict';
/* Runs main.js, in whichever of Node's module systems it is written. */
const path = require('node:path');
const { inspect } = require('node:util');
const { pathToFileURL } = require('node:url');
const { refuse } = require('./registrations');

// The last: a required ES module is not led to our `parse` by every version of Node; an imported one is.
const ONLY_BY_IMPORT = new Set(['ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE', 'ERR_MODULE_NOT_FOUND']);

/** Resolves when the module, and the function it exports if it is one, are through. */
async function load(main, Parse) {
  const found = await loaded(main);
  const exported = found?.default ?? found;
  if (typeof exported === 'function' && !exported.toString().startsWith('class')) {
    await exported(Parse);
  } else if (typeof exported?.then === 'function') {
    await exported;
  }
}

async function loaded(main) {
  if (path.extname(main) !== '.mjs') {
    try {
      return require(main);
    } catch (error) {
      if (!ONLY_BY_IMPORT.has(error?.code)) throw error;
    }
  }
  return import(pathToFileURL(main).href);
}

/** What went wrong, with file and line first. */
load.explained = (thrown, main) => {
  const error = refuse.last?.message === thrown ? refuse.last : thrown;
  const text = error instanceof Error ? inspect(error) : String(error?.message ?? error);
  const folder = path.dirname(main);
  const place = text.match(new RegExp(`(?:file://)?(${escaped(folder)}[^\\s()]*?):(\\d+)`));
  const what = error instanceof Error ? `${error.name}: ${error.message}` : text;
  return `${place ? `${place[1]}:${place[2]}` : main}: ${what}\n${text}`;
};

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

module.exports = { load };
