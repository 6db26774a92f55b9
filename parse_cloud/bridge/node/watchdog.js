'use strict';
/*
 * Ends the process when its server is gone, even while main.js computes in a loop and cannot hear of it: a thread of
 * its own looks whose child this process is.
 */
const { Worker, isMainThread } = require('node:worker_threads');

const EVERY = 1000; // milliseconds

function watch() {
  const worker = new Worker(__filename, { stdout: false, stderr: false, resourceLimits: { maxOldGenerationSizeMb: 8 } });
  worker.unref();
  worker.on('error', () => {}); // the end of the channel is noticed all the same, by a process that is not busy
}

if (!isMainThread) {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), EVERY);
}

module.exports = { watch };
