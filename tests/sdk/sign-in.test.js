'use strict';
/* Signing in without a password: with a code or a link that comes by mail, and with a passkey. */
const { createHmac } = require('node:crypto');
const { Parse, assert, test, fresh, refused, newUser, as } = require('./setup');
const { mails, mailTo, linkTo } = require('./mailbox');
const { Authenticator } = require('./authenticator');

/** What a provider answers to a challenge. */
async function challenge(provider, data, options) {
  const body = { challengeData: { [provider]: data } };
  const answer = await Parse.CoreManager.getRESTController().request('POST', 'challenge', body, options);
  return answer.challengeData[provider];
}

const address = () => `${fresh('mail').toLowerCase()}@example.com`;

/** The code that an authenticator app shows (RFC 6238), `step` periods of 30 seconds from now. */
function timeCode(secret, step = 0) {
  const bits = Array.from(secret, each => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(each).toString(2).padStart(5, '0'));
  const key = Buffer.from(bits.join('').match(/.{8}/g).map(byte => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + step));
  const digest = createHmac('sha1', key).update(counter).digest();
  return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

/** Signs in with a code that comes by mail. */
async function signInByCode(email) {
  const asked = await challenge('emailCode', { email });
  const code = /^ {4}(\d{6})\r?$/m.exec(await mailTo(email))[1];
  return Parse.User.logInWith('emailCode', { authData: { challenge: asked.challenge, code } });
}

mails('a user signs up and then logs in with codes that come by mail', async () => {
  const email = address();
  const user = await signInByCode(email);
  assert.ok(user.getSessionToken());
  const again = await signInByCode(email);
  assert.equal(again.id, user.id);
  await again.fetch(as(again));
  assert.equal(again.get('email'), email);
  assert.equal(again.get('emailVerified'), true);
  assert.deepEqual(again.get('authData').emailCode, { id: email });
});

mails('a code works once, and only with its challenge', async () => {
  const email = address();
  const asked = await challenge('emailCode', { email });
  const code = /^ {4}(\d{6})\r?$/m.exec(await mailTo(email))[1];
  const other = await challenge('emailCode', { email: address() });
  const signIn = ({ challenge }) => Parse.User.logInWith('emailCode', { authData: { challenge, code } });
  await refused(signIn(other), Parse.Error.OBJECT_NOT_FOUND);
  await signIn(asked);
  await refused(signIn(asked), Parse.Error.OBJECT_NOT_FOUND);
});

mails('a user links an address and unlinks it', async () => {
  const email = address();
  const user = await newUser();
  const asked = await challenge('emailCode', { email });
  const code = /^ {4}(\d{6})\r?$/m.exec(await mailTo(email))[1];
  await user.linkWith('emailCode', { authData: { challenge: asked.challenge, code } }, as(user));
  const again = await signInByCode(email);  // whose session takes the place of the first one on this device
  assert.equal(again.id, user.id);
  await again._unlinkFrom('emailCode', as(again));
  assert.notEqual((await signInByCode(email)).id, user.id);
});

mails('with a second factor both go together, and a code waits for the factor that was forgotten', async () => {
  const email = address();
  const user = await signInByCode(email);
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DP';
  await user.save({ authData: { mfa: { secret, token: timeCode(secret) } } }, as(user));
  const asked = await challenge('emailCode', { email });
  const code = /^ {4}(\d{6})\r?$/m.exec(await mailTo(email))[1];
  const emailCode = { challenge: asked.challenge, code };
  await refused(Parse.User.logInWith('emailCode', { authData: emailCode }), Parse.Error.OTHER_CAUSE);
  const both = new Parse.User();
  await both.save({ authData: { emailCode, mfa: { token: timeCode(secret, 1) } } });
  assert.equal(both.id, user.id);
  assert.ok(both.getSessionToken());
});

mails('a user signs in with a link that comes by mail', async () => {
  const email = address();
  const asked = await challenge('magicLink', { email });
  const link = await linkTo(email);
  const page = await fetch(Parse.serverURL + link);
  assert.match(await page.text(), /Sign in to Tides/);
  const token = new URL(link, 'http://any').searchParams.get('token');
  const pressed = { method: 'POST', body: new URLSearchParams({ token }) };
  const shown = await (await fetch(Parse.serverURL + link.split('?')[0], pressed)).text();
  const code = /class="code">(\w+)</.exec(shown)[1];
  const user = await Parse.User.logInWith('magicLink', { authData: { challenge: asked.challenge, code } });
  assert.ok(user.getSessionToken());
});

const device = () => new Authenticator('https://app.example.com');

/** Makes a passkey for a user on a device. */
async function addPasskey(user, authenticator, name) {
  const { publicKey } = await challenge('webauthn', { type: 'create' }, as(user));
  return user.linkWith('webauthn', { authData: { credential: authenticator.create(publicKey), name } }, as(user));
}

/** Signs in with a passkey of a device. */
async function signInByPasskey(authenticator) {
  const { publicKey } = await challenge('webauthn', { type: 'get' });
  return Parse.User.logInWith('webauthn', { authData: { credential: authenticator.get(publicKey) } });
}

test('a user makes a passkey and signs in with it, without typing a name', async () => {
  const [user, phone] = [await newUser(), device()];
  await addPasskey(user, phone, 'My phone');
  const found = await signInByPasskey(phone);
  assert.equal(found.id, user.id);
  assert.notEqual(found.getSessionToken(), user.getSessionToken());
  assert.equal((await signInByPasskey(phone)).id, user.id);
});

test('a user has several passkeys, sees them, removes one, and then all', async () => {
  const [user, phone, laptop] = [await newUser(), device(), device()];
  await addPasskey(user, phone, 'My phone');
  await user.fetch(as(user));
  await addPasskey(user, laptop, 'My laptop');
  await user.fetch(as(user));
  const { credentials } = user.get('authData').webauthn;
  assert.deepEqual(credentials.map(each => each.name), ['My phone', 'My laptop']);
  await user.linkWith('webauthn', { authData: { remove: credentials[0].id } }, as(user));
  await refused(signInByPasskey(phone), Parse.Error.OBJECT_NOT_FOUND);
  const again = await signInByPasskey(laptop);
  assert.equal(again.id, user.id);
  await again._unlinkFrom('webauthn', as(again));
  await refused(signInByPasskey(laptop), Parse.Error.OBJECT_NOT_FOUND);
});

test('a new user signs up with a passkey alone', async () => {
  const phone = device();
  const { publicKey } = await challenge('webauthn', { type: 'create', user: 'Ann' });
  const user = await Parse.User.logInWith('webauthn', { authData: { credential: phone.create(publicKey) } });
  assert.equal((await signInByPasskey(phone)).id, user.id);
});

test('an answer of a device works once', async () => {
  const [user, phone] = [await newUser(), device()];
  await addPasskey(user, phone);
  const { publicKey } = await challenge('webauthn', {});
  const authData = { credential: phone.get(publicKey) };
  await Parse.User.logInWith('webauthn', { authData });
  await refused(Parse.User.logInWith('webauthn', { authData }), Parse.Error.OBJECT_NOT_FOUND);
});
