'use strict';
/*
 * What may be registered for which class, and with which validator; a mistake is thrown where main.js makes it.
 */
const OF_USERS = new Set(['beforeLogin', 'afterLogin', 'beforePasswordResetRequest']);

/** Throws a text, as the reference does; where from is kept for whoever has to tell. */
function refuse(text) {
  refuse.last = new Error(text);
  throw text;
}

/** The name under which a class argument is registered: a string, or a class of the SDK. */
function classNameOf(Parse, given) {
  if (given === Parse.File) return '@File';
  if (given === Parse.Config) return '@Config';
  return given?.className || (typeof given === 'function' ? given.name : given);
}

/** Throws, as the reference does a text, for combinations that never run. */
function checkClass(kind, className) {
  if (!className) {
    throw new Error(`${kind} needs the name of a class`);
  }
  if (kind === 'beforeSave' && className === '_PushStatus') {
    refuse('Only afterSave is allowed on _PushStatus');
  }
  if (OF_USERS.has(kind) && className !== '_User') {
    refuse('Only the _User class is allowed for the beforeLogin, afterLogin, and beforePasswordResetRequest triggers');
  }
  if (kind === 'afterLogout' && className !== '_Session') {
    refuse('Only the _Session class is allowed for the afterLogout trigger.');
  }
  if (className === '_Session' && kind !== 'afterLogout') {
    refuse('Only the afterLogout trigger is allowed for the _Session class.');
  }
  return className;
}

const ANY = Symbol('any');
const RULES = {
  requireUser: ['boolean'],
  requireAnyUserRoles: ['array', 'function'],
  requireAllUserRoles: ['array', 'function'],
  requireMaster: ['boolean'],
  validateMasterKey: ['boolean'],
  skipWithMasterKey: ['boolean'],
  requireUserKeys: ['array', 'object'],
  fields: ['array', 'object'],
  rateLimit: ['object'],
};
const OF_FIELD = {
  type: ANY,
  constant: ['boolean'],
  default: ANY,
  options: ANY,
  required: ['boolean'],
  error: ['string'],
};
const OF_RATE_LIMIT = new Set([
  'requestCount', 'requestTimeWindow', 'errorResponseMessage', 'includeMasterKey', 'includeInternalRequests', 'zone',
  'redisUrl', 'requestPath', 'requestMethods',
]);

/** Throws a text that names what is wrong with a validator. */
function checkValidator(validator) {
  if (!validator || typeof validator === 'function') {
    return;
  }
  for (const [key, value] of Object.entries(validator)) {
    checkKey(key, RULES, value);
    if ((key === 'fields' || key === 'requireUserKeys') && !Array.isArray(value)) {
      for (const field of Object.values(value)) {
        if (field && typeof field === 'object') {
          Object.entries(field).forEach(([name, option]) => checkKey(name, OF_FIELD, option));
        }
      }
    }
    if (key === 'rateLimit') {
      const unknown = Object.keys(value).find(name => !OF_RATE_LIMIT.has(name));
      if (unknown) refuse(`Invalid rate limit option "${unknown}"`);
    }
  }
}

function checkKey(key, allowed, value) {
  const types = Object.hasOwn(allowed, key) ? allowed[key] : undefined;
  if (!types) {
    refuse(`${key} is not a supported parameter for Cloud Function validations.`);
  }
  const actual = Array.isArray(value) ? 'array' : typeof value;
  if (types !== ANY && !types.includes(actual)) {
    refuse(`Invalid type for Cloud Function validation key ${key}. Expected ${types.join('|')}, actual ${actual}`);
  }
}

module.exports = { checkClass, checkValidator, classNameOf, refuse };
