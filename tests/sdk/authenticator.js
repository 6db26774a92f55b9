'use strict';
/*
 * A device that keeps passkeys, in software: `create` and `get` take what `navigator.credentials` is given, and give the
 * JSON of what it gives.
 */
const crypto = require('node:crypto');

const PRESENT = 1, VERIFIED = 4, ATTESTED = 64;
const base64url = bytes => Buffer.from(bytes).toString('base64url');
const sha256 = data => crypto.createHash('sha256').update(data).digest();

/** CBOR of the few kinds of values that are needed: small integers, texts, bytes and maps. */
function cbor(value) {
  const head = (kind, n) =>
    Buffer.from(n < 24 ? [(kind << 5) | n] : n < 256 ? [(kind << 5) | 24, n] : [(kind << 5) | 25, n >> 8, n & 255]);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
}

class Authenticator {
  constructor(origin) {
    this.origin = origin;
    this.counter = 0;
    this.passkeys = [];
  }

  create({ rp, user, challenge }) {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const passkey = { id: crypto.randomBytes(32), rpId: rp.id, handle: user.id, privateKey };
    this.passkeys.push(passkey);
    const point = name => Buffer.from(publicKey.export({ format: 'jwk' })[name], 'base64url');
    const key = cbor(new Map([[1, 2], [3, -7], [-1, 1], [-2, point('x')], [-3, point('y')]]));
    const length = Buffer.from([0, passkey.id.length]);
    const authData = Buffer.concat([this.data(rp.id, ATTESTED), Buffer.alloc(16), length, passkey.id, key]);
    return this.credential(passkey, {
      clientDataJSON: base64url(this.clientData('webauthn.create', challenge)),
      attestationObject: base64url(cbor(new Map([['fmt', 'none'], ['attStmt', new Map()], ['authData', authData]]))),
    });
  }

  get({ rpId, challenge }) {
    const passkey = this.passkeys.find(each => each.rpId === rpId);
    const clientData = this.clientData('webauthn.get', challenge);
    const authenticatorData = this.data(rpId);
    const signed = Buffer.concat([authenticatorData, sha256(clientData)]);
    return this.credential(passkey, {
      clientDataJSON: base64url(clientData),
      authenticatorData: base64url(authenticatorData),
      signature: base64url(crypto.sign('sha256', signed, passkey.privateKey)),
      userHandle: passkey.handle,
    });
  }

  clientData(type, challenge) {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin }));
  }

  data(rpId, flags = 0) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(++this.counter);
    return Buffer.concat([sha256(rpId), Buffer.from([PRESENT | VERIFIED | flags]), counter]);
  }

  credential({ id }, response) {
    return { id: base64url(id), rawId: base64url(id), type: 'public-key', response, clientExtensionResults: {} };
  }
}

module.exports = { Authenticator };
