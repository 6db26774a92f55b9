'use strict';
/*
 * The one connection to the server: frames of JSON in both directions, each behind its length in 4 bytes.
 *
 * What asks for an answer carries an `id`, and the answer the same one; there is no order beyond that.
 */
const net = require('node:net');

const HEADER = 4;

const DEEPEST = 250; // levels of nesting; the server writes a few more
// An escape of a surrogate is half a character: whole ones are not escaped. Other escapes are skipped as they are.
const ESCAPES = /\\(?:u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/g;

/** A frame as JSON that the server can read. Throws for what has none. */
function textOf(frame, largest) {
  const text = JSON.stringify(frame);
  if (text.length > largest) {
    throw new RangeError(`More than ${largest} bytes at once cannot be sent`);
  }
  if (text.length > 2 * DEEPEST && depthOf(text) > DEEPEST) {
    throw new RangeError(`More than ${DEEPEST} levels of nesting cannot be sent`);
  }
  return text.includes('\\ud') ? text.replace(ESCAPES, found => (found.length > 2 ? '\\ufffd' : found)) : text;
}

function depthOf(text) {
  let deepest = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // a text: to its end
        while (text.charCodeAt(++at) !== 0x22) {
          if (text.charCodeAt(at) === 0x5c) at++;
        }
        break;
      case 0x5b:
      case 0x7b:
        deepest = Math.max(deepest, ++depth);
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
      default:
    }
  }
  return deepest;
}

class Channel {
  /** `fd` is one end of a pair of sockets, inherited from the server. */
  constructor(fd, { largest, receive, closed }) {
    this.largest = largest;
    this.receive = receive;
    this.waiting = new Map();
    this.nextId = 1;
    this.chunks = [];
    this.size = 0;
    this.socket = new net.Socket({ fd, readable: true, writable: true });
    this.socket.on('data', chunk => this.take(chunk));
    this.socket.on('close', closed);
    this.socket.on('error', closed);
  }

  /** Sends a frame. Throws for what has no JSON, and a `RangeError` for what is too large or too deep. */
  send(frame) {
    const body = Buffer.from(textOf(frame, this.largest));
    if (body.length > this.largest) {
      throw new RangeError(`More than ${this.largest} bytes at once cannot be sent`);
    }
    const header = Buffer.allocUnsafe(HEADER);
    header.writeUInt32BE(body.length);
    this.socket.cork();
    this.socket.write(header);
    this.socket.write(body);
    this.socket.uncork();
  }

  /** The answer to a frame; rejects with the `error` in it. */
  ask(frame) {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      try {
        this.send({ ...frame, id });
      } catch (error) {
        this.waiting.delete(id);
        reject(error);
      }
    });
  }

  take(chunk) {
    this.chunks.push(chunk);
    this.size += chunk.length;
    while (this.size >= HEADER) {
      if (this.chunks[0].length < HEADER) {
        this.chunks = [Buffer.concat(this.chunks)];
      }
      const length = this.chunks[0].readUInt32BE();
      if (this.size < HEADER + length) {
        return;
      }
      const all = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
      const rest = all.subarray(HEADER + length);
      this.chunks = rest.length ? [rest] : [];
      this.size = rest.length;
      this.deliver(JSON.parse(all.toString('utf8', HEADER, HEADER + length)));
    }
  }

  deliver(frame) {
    if (frame.type !== 'answer') {
      this.receive(frame);
      return;
    }
    const waiting = this.waiting.get(frame.id);
    this.waiting.delete(frame.id);
    if (waiting) {
      frame.error === undefined ? waiting.resolve(frame) : waiting.reject(frame);
    }
  }
}

module.exports = { Channel };
