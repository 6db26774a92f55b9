'use strict';
/*
 * `Parse.Cloud`: the registrars, and what the server does for user code. What is registered is listed in the manifest;
 * the server calls it by the id it has there.
 */
const { checkClass, checkValidator, classNameOf } = require('./registrations');
const { say } = require('./log');
const { httpRequest } = require('./http_request');
const { declared, isDeclarative } = require('./validators');

const OF_CLASSES = [
  'beforeSave', 'afterSave', 'beforeDelete', 'afterDelete', 'beforeFind', 'afterFind', 'beforeSubscribe',
  'afterLiveQueryEvent',
];
const OF_ONE_CLASS = {
  beforeLogin: '_User', afterLogin: '_User', beforePasswordResetRequest: '_User', afterLogout: '_Session',
};
const HAVE_RATE_LIMITS = new Set(['beforeLogin', 'beforePasswordResetRequest']);
const STORED_AS = { afterLiveQueryEvent: 'afterEvent' };

class Registry {
  /** `changed` is called when something is registered after main.js has been loaded. */
  constructor(changed) {
    this.handlers = new Map(); // by id
    this.byKey = new Map();
    this.changed = changed;
    this.nextId = 1;
  }

  add(kind, name, run, validator) {
    if (typeof run !== 'function') {
      throw new TypeError(`The handler of ${kind} ${name} is not a function`);
    }
    const handler = { id: this.nextId++, kind, name, run, validator: validator || undefined };
    const key = `${kind} ${name}`;
    if (kind !== 'onLiveQueryEvent' && this.byKey.has(key)) {
      const what = kind === 'function' ? 'functions' : kind;
      say('warn', `Warning: Duplicate cloud ${what} exist for ${name}. Only the last one will be used and the others will be ignored.`);
      this.handlers.delete(this.byKey.get(key).id);
    }
    this.byKey.set(key, handler);
    this.handlers.set(handler.id, handler);
    this.changed();
  }

  clear() {
    this.handlers.clear();
    this.byKey.clear();
    this.changed();
  }

  /** What the server has to know of each handler. */
  get manifest() {
    return [...this.handlers.values()].map(({ id, kind, name, run, validator }) => ({
      id,
      kind,
      name,
      arity: run.length,
      validator: validator && declared(validator),
      validatorInNode: Boolean(validator) && !isDeclarative(validator),
    }));
  }
}

/** Puts the registrars and services on `Parse.Cloud`. */
function install(Parse, registry, channel) {
  const cloud = Parse.Cloud;
  cloud.define = (name, run, validator) => {
    checkValidator(validator);
    registry.add('function', String(name), run, validator);
  };
  cloud.job = (name, run) => registry.add('job', String(name), run);
  for (const kind of OF_CLASSES) {
    cloud[kind] = (given, run, validator) => {
      const stored = STORED_AS[kind] ?? kind;
      checkValidator(validator);
      registry.add(stored, checkClass(stored, classNameOf(Parse, given)), run, validator);
    };
  }
  for (const [kind, only] of Object.entries(OF_ONE_CLASS)) {
    cloud[kind] = (...given) => {
      const named = typeof given[0] === 'string' || (typeof given[0] === 'function' && Object.hasOwn(given[0], 'className'));
      const [className, run, validator] = named ? [classNameOf(Parse, given[0]), ...given.slice(1)] : [only, ...given];
      const rateLimit = HAVE_RATE_LIMITS.has(kind) && validator?.rateLimit;
      registry.add(kind, checkClass(kind, className), run, rateLimit ? { rateLimit } : undefined);
    };
  }
  cloud.beforeConnect = (run, validator) => {
    checkValidator(validator);
    registry.add('beforeConnect', '@Connect', run, validator);
  };
  cloud.onLiveQueryEvent = run => registry.add('onLiveQueryEvent', '', run);
  cloud._removeAllHooks = () => registry.clear();
  cloud.sendEmail = data => channel.ask({ type: 'mail', data }).then(() => undefined, refused => {
    throw refused instanceof Error ? refused : new Error(refused.error.error);
  });
  cloud.useMasterKey = () => say('warn', 'Parse.Cloud.useMasterKey() has no effect: say useMasterKey where you save, find or call.');
  cloud.httpRequest = httpRequest;
}

module.exports = { Registry, install };
