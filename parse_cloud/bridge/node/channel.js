'use strict';
/*
 * The one connection to the server: frames of JSON in both directions, each behind its length in 4 bytes.
 *
 * What asks for an answer carries an `id`, and the answer the same one; there is no order beyond that.
 */
const net = require('node:net');

const HEADER = 4;

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

  /** Sends a frame. Throws for what has no JSON, and a `RangeError` for what is too large. */
  send(frame) {
    const body = Buffer.from(JSON.stringify(frame));
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
