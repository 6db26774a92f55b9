'use strict';
/*
 * Signing in through a provider, and with a second factor. The server knows the provider `badges` (badges.py), whose
 * secret is PARSE_TEST_BADGE_SECRET, and `mfa` with codes of an authenticator app.
 */
const { afterEach } = require('node:test');
const { createHmac, randomBytes } = require('node:crypto');
const { Parse, assert, test, fresh, refused, newUser, as } = require('./setup');

Parse.User.enableUnsafeCurrentUser();

afterEach(() => Parse.User.logOut().catch(() => {}));

const { PARSE_TEST_BADGE_SECRET: secret } = process.env;
const providers = (name, run) => test(name, { skip: !secret && 'PARSE_TEST_BADGE_SECRET is not set' }, run);

const PASSWORD = 'correct horse';
const badge = (id = fresh('badge')) => ({ id, signature: createHmac('sha256', secret).update(id).digest('hex') });
const comesWith = authData => Parse.User.logInWith('badges', { authData });

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const newSecret = () => Array.from(randomBytes(32), byte => ALPHABET[byte % 32]).join('');

/** The code that an authenticator app shows (RFC 6238), `step` periods of 30 seconds from now. */
function code(key, step = 0) {
  const bits = Array.from(key, letter => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + step));
  const digest = createHmac('sha1', bytes).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1e6).padStart(6, '0');
}

/** A user with a second factor; gives its key and the recovery codes. */
async function enrolled() {
  const user = await newUser('ann');
  const key = newSecret();
  await user.save({ authData: { mfa: { secret: key, token: code(key) } } }, as(user));
  const recovery = user.get('authDataResponse').mfa.recovery.split(', ');
  const name = user.getUsername();
  await Parse.User.logOut();
  return { user, name, key, recovery };
}

providers('a provider signs somebody up the first time and logs them in the second', async () => {
  const mine = badge();
  const first = await comesWith(mine);
  assert.ok(first.getSessionToken());
  assert.equal(first.existed(), false);
  assert.equal(Parse.User.current().id, first.id);
  await Parse.User.logOut();
  const second = await comesWith(mine);
  assert.equal(second.id, first.id);
  assert.equal(second.existed(), true);
});

providers('ten first times at once are one user, who is logged in each time', async () => {
  const post = authData => Parse.CoreManager.getRESTController().request('POST', 'users', { authData });
  const mine = badge();
  const answers = await Promise.all(Array.from({ length: 10 }, () => post({ badges: mine })));
  assert.equal(new Set(answers.map(it => it.objectId)).size, 1);
  assert.equal(new Set(answers.map(it => it.sessionToken)).size, 10);
});

providers('a proof that does not hold is refused', async () => {
  await refused(comesWith({ ...badge(), signature: 'x' }), Parse.Error.OBJECT_NOT_FOUND);
  await refused(comesWith({ id: badge().id }), Parse.Error.OBJECT_NOT_FOUND);
  await refused(Parse.User.logInWith('nobody', { authData: { id: 'x' } }), Parse.Error.UNSUPPORTED_SERVICE);
});

providers('a user links a provider, comes in by it, and unlinks it', async () => {
  const user = await newUser('ann');
  const mine = badge();
  await user.linkWith('badges', { authData: mine });
  assert.equal(user._isLinked('badges'), true);
  assert.equal(Parse.User.current().getSessionToken(), user.getSessionToken());
  await Parse.User.logOut();
  const again = await comesWith(mine);
  assert.equal(again.id, user.id);
  assert.equal(again.getUsername(), user.getUsername());
  await again._unlinkFrom('badges');
  assert.equal(again._isLinked('badges'), false);
  await Parse.User.logOut();
  assert.notEqual((await comesWith(mine)).id, user.id);
});

providers('what a user was shown of a provider is saved again without a proof', async () => {
  const user = await newUser('ann');
  const mine = badge();
  await user.linkWith('badges', { authData: mine });
  const shown = await new Parse.Query(Parse.User).get(user.id, as(user));
  assert.deepEqual(shown.get('authData'), { badges: { id: mine.id } });
  await shown.save({ colour: 'red', authData: shown.get('authData') }, as(user));
  await Parse.User.logOut();
  assert.equal((await comesWith(mine)).get('colour'), 'red');
});

providers('a provider of somebody else cannot be linked', async () => {
  const mine = badge();
  await comesWith(mine);
  await Parse.User.logOut();
  const bob = await newUser('bob');
  await refused(bob.linkWith('badges', { authData: mine }), Parse.Error.ACCOUNT_ALREADY_LINKED);
});

providers('an anonymous user links a provider and stays who they are', async () => {
  const user = await Parse.AnonymousUtils.logIn();
  await user.save({ coins: 5 });
  const mine = badge();
  await user.linkWith('badges', { authData: mine });
  assert.equal(Parse.AnonymousUtils.isLinked(user), false);
  await Parse.User.logOut();
  const again = await comesWith(mine);
  assert.deepEqual([again.id, again.get('coins')], [user.id, 5]);
});

providers('a second factor is asked for once it is enrolled', async () => {
  const { user, name, key } = await enrolled();
  await refused(Parse.User.logIn(name, PASSWORD), Parse.Error.OTHER_CAUSE);
  const wrong = Parse.User.logInWithAdditionalAuth(name, PASSWORD, { mfa: { token: '000000' } });
  await refused(wrong, Parse.Error.SCRIPT_FAILED);
  const again = await Parse.User.logInWithAdditionalAuth(name, PASSWORD, { mfa: { token: code(key) } });
  assert.equal(again.id, user.id);
  assert.deepEqual(again.get('authData'), { mfa: { status: 'enabled' } });
});

providers('a recovery code works once, also when it is tried ten times at once', async () => {
  const { name, recovery } = await enrolled();
  const attempt = () => Parse.User.logInWithAdditionalAuth(name, PASSWORD, { mfa: { token: recovery[0] } });
  const answers = await Promise.allSettled(Array.from({ length: 10 }, attempt));
  assert.equal(answers.filter(it => it.status === 'fulfilled').length, 1);
});

providers('a user with a second factor links a provider, which asks for both', async () => {
  const { name, key, recovery } = await enrolled();
  const user = await Parse.User.logInWithAdditionalAuth(name, PASSWORD, { mfa: { token: recovery[0] } });
  const mine = badge();
  await user.linkWith('badges', { authData: mine });
  await Parse.User.logOut();
  await refused(comesWith(mine), Parse.Error.OTHER_CAUSE);
  const post = authData => Parse.CoreManager.getRESTController().request('POST', 'users', { authData });
  assert.equal((await post({ badges: mine, mfa: { token: code(key) } })).objectId, user.id);
});

providers('a user takes the second factor off', async () => {
  const { user, name, recovery } = await enrolled();
  const again = await Parse.User.logInWithAdditionalAuth(name, PASSWORD, { mfa: { token: recovery[1] } });
  await again._unlinkFrom('mfa');
  await Parse.User.logOut();
  assert.equal((await Parse.User.logIn(name, PASSWORD)).id, user.id);
});
