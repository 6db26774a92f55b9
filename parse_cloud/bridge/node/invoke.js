'use strict';
/* One call of the server: the request is built, validated, handled, and what came of it goes back. */
const { currentId, within } = require('./current');
const { described } = require('./errors');
const { say } = require('./log');
const { common, kindOf } = require('./requests');
const { answered, members } = require('./response');
const { validate } = require('./validators');

const UNKNOWN = { message: 'Cloud Code has no such handler any more.', code: 141 };

class Invoker {
  constructor(Parse, registry, channel) {
    this.Parse = Parse;
    this.registry = registry;
    this.channel = channel;
  }

  /** Answers a call, whatever happens in it. */
  answer(frame) {
    within(frame.id, () => this.run(frame)).catch(error => say('error', 'A call could not be answered:', error));
  }

  async run(frame) {
    const handler = this.registry.handlers.get(frame.handler);
    const reply = { type: 'reply', id: frame.id };
    const answer = {};
    let request;
    try {
      if (!handler) {
        throw new this.Parse.Error(UNKNOWN.code, UNKNOWN.message);
      }
      request = this.requestOf(handler, frame);
      const isSkipped = await this.isSkipped(handler, request, frame);
      Object.assign(reply, isSkipped ? { skipped: true } : await this.handle(handler, request, frame, answer));
    } catch (thrown) {
      reply.error = described(this.Parse, thrown);
      if (thrown instanceof Invalid) {
        reply.error = described(this.Parse, thrown.reason);
        reply.validation = true;
      }
    }
    this.send({ ...reply, ...members(answer), context: contextOf(request) });
  }

  requestOf(handler, frame) {
    const request = common(this.Parse, { ...handler, told: frame.told });
    const message = text => this.channel.ask({ type: 'message', for: currentId(), text }).then(() => undefined);
    kindOf(handler.kind, handler.name).build(this.Parse, request, { ...handler, told: frame.told, message });
    return request;
  }

  /** Checks what the server could not; true when the handler is not for the master key. */
  async isSkipped({ kind, validator }, request, { told, validates }) {
    if (!validates) {
      return false;
    }
    try {
      await validate(validator, request, told.roles ?? []);
    } catch (reason) {
      throw new Invalid(reason);
    }
    return kind !== 'function' && Boolean(validator.skipWithMasterKey) && request.master;
  }

  async handle({ kind, name, run }, request, { told }, answer) {
    const saved = request.object; // the handler may put another in its place
    const returned = run.length >= 2 && kind === 'function' ? answered(run, request, answer) : run(request);
    const isPromise = typeof returned?.then === 'function';
    const result = isPromise ? await returned : returned;
    return kindOf(kind, name).settle(this.Parse, request, result, isPromise, saved, { ...told, kind });
  }

  /** A reply that has no JSON, or too much of it, is an error of the handler. */
  send(reply) {
    try {
      this.channel.send(reply);
    } catch (error) {
      this.channel.send({ type: 'reply', id: reply.id, error: { message: error.message } });
    }
  }
}

/** The context as the handler leaves it; undefined where it has no JSON. */
function contextOf(request) {
  try {
    return request?.context && JSON.parse(JSON.stringify(request.context));
  } catch (error) {
    say('warn', `The context is not kept: ${error.message}`);
    return undefined;
  }
}

/** What a validator threw, apart from what a handler throws. */
class Invalid extends Error {
  constructor(reason) {
    super('invalid');
    this.reason = reason;
  }
}

module.exports = { Invoker };
