'use strict';
/*
 * The second parameter of a function that has one: its answer, as it is built in an Express handler.
 *
 * Such a function may answer long after it has returned. One that never will must not leave its caller waiting: nobody
 * can answer any more when nothing holds the response, which the garbage collector knows.
 */
const v8 = require('node:v8');
const vm = require('node:vm');
const { say } = require('./log');

const LOOKS = [200, 1000, 5000, 20_000]; // milliseconds after which it is looked whether the response is still held

const abandoned = new FinalizationRegistry(answer => answer.resolve(undefined));

/** Resolves to what the function answers, through its response or by returning it. `answer` is filled on the way. */
async function answered(run, request, answer) {
  Object.assign(answer, { status: undefined, headers: {}, isSent: false });
  const outcome = new Promise((resolve, reject) => Object.assign(answer, { resolve, reject }));
  outcome.catch(() => {}); // it may be that nobody waits for it
  const returned = begun(run, request, answer);
  if (typeof returned?.then === 'function') {
    returned.then(undefined, error => answer.isSent && say('error', `${request.functionName}:`, error));
    const result = await Promise.race([outcome, returned]);
    return answer.isSent ? outcome : result;
  }
  if (returned !== undefined && !answer.isSent) {
    return returned;
  }
  const looks = answer.isSent ? [] : LOOKS.map(after => setTimeout(collectGarbage, after).unref());
  return outcome.finally(() => looks.forEach(clearTimeout));
}

/** What the function returns. In a frame of its own: the one that waits must not hold the response. */
function begun(run, request, answer) {
  const response = responseOf(answer);
  try {
    return run(request, response);
  } catch (error) {
    if (!answer.isSent) throw error;
    say('error', `${request.functionName}:`, error);
    return undefined;
  }
}

function responseOf(answer) {
  const anchor = {}; // held by every method, so also by who took one of them out of the response
  abandoned.register(anchor, answer); // a function in place of `answer` would hold the anchor
  const once = name => {
    anchor.isUsed = true;
    if (answer.isSent) {
      throw new Error(
        `Cannot call ${name}() after response has already been sent. ` +
          'Make sure to call success() or error() only once per cloud function execution.',
      );
    }
    answer.isSent = true;
  };
  const response = {
    success(result) {
      once('success');
      answer.resolve(result);
    },
    error(message) {
      once('error');
      answer.reject(message);
    },
    status(code) {
      answer.status = code;
      return response;
    },
    header(name, value) {
      answer.headers[name] = value;
      return response;
    },
    _isResponseSent: () => answer.isSent,
  };
  return response;
}

let collect;

function collectGarbage() {
  if (!collect) {
    v8.setFlagsFromString('--expose-gc');
    collect = vm.runInNewContext('gc');
  }
  collect();
}

/** The members of the reply that say how the answer goes out over HTTP. */
function members({ status, headers }) {
  return { status: Number.isInteger(status) ? status : undefined, headers };
}

module.exports = { answered, members };
