'use strict';
const { afterEach } = require('node:test');
const { Parse, assert, test, fresh, refused, reload, newUser, as, MASTER } = require('./setup');

Parse.User.enableUnsafeCurrentUser();

afterEach(() => Parse.User.logOut().catch(() => {}));

/** A second session of the user, as of another device. */
const elsewhere = user =>
  Parse.User.logIn(user.getUsername(), 'correct horse', { installationId: fresh('device') });

test('the current session belongs to the current user', async () => {
  const user = await newUser();
  const session = await Parse.Session.current();
  assert.ok(session instanceof Parse.Session);
  assert.equal(session.getSessionToken(), user.getSessionToken());
  assert.equal(session.get('user').id, user.id);
});

test('a session tells how it was made and when it ends', async () => {
  const user = await newUser();
  const signedUp = await Parse.Session.current();
  assert.deepEqual(signedUp.get('createdWith'), { action: 'signup', authProvider: 'password' });
  const days = (signedUp.get('expiresAt') - Date.now()) / 86400000;
  assert.ok(days > 364 && days < 366, `${days} days`);
  await elsewhere(user);
  assert.deepEqual((await Parse.Session.current()).get('createdWith'), { action: 'login', authProvider: 'password' });
});

test('sessions are revocable', async () => {
  await newUser();
  assert.equal(Parse.Session.isCurrentSessionRevocable(), true);
});

test('a user lists their own sessions and no others', async () => {
  await newUser('bob');
  const ann = await newUser('ann');
  await elsewhere(ann);
  const sessions = await new Parse.Query(Parse.Session).find();
  assert.equal(sessions.length, 2);
  assert.deepEqual(new Set(sessions.map(it => it.get('user').id)), new Set([ann.id]));
});

test('without a session no sessions are listed', async () => {
  await refused(new Parse.Query(Parse.Session).find(), Parse.Error.INVALID_SESSION_TOKEN);
});

test('another user cannot read a session', async () => {
  await newUser('ann');
  const session = await Parse.Session.current();
  await newUser('bob');
  await refused(reload(session), Parse.Error.OBJECT_NOT_FOUND);
  await refused(session.destroy(), Parse.Error.OBJECT_NOT_FOUND);
});

test('a user logs another device out by destroying its session', async () => {
  const user = await newUser();
  const here = user.getSessionToken();
  const there = (await elsewhere(user)).getSessionToken();
  await Parse.User.become(here);
  const session = await new Parse.Query(Parse.Session).equalTo('sessionToken', there).first();
  await session.destroy();
  await refused(Parse.User.me(there), Parse.Error.INVALID_SESSION_TOKEN);
  assert.equal((await Parse.User.me(here)).id, user.id);
});

test('logging in on a second device leaves the first logged in', async () => {
  const user = await newUser();
  const first = user.getSessionToken();
  const second = (await elsewhere(user)).getSessionToken();
  assert.notEqual(first, second);
  assert.equal((await Parse.User.me(first)).id, user.id);
});

test('logging in again on a device replaces its session', async () => {
  const user = await newUser();
  const installationId = fresh('device');
  const login = () => Parse.User.logIn(user.getUsername(), 'correct horse', { installationId });
  await login();
  await login();
  const query = new Parse.Query(Parse.Session).equalTo('installationId', installationId);
  assert.equal(await query.count(), 1);
});

test('logging out ends only this session', async () => {
  const user = await newUser();
  const first = user.getSessionToken();
  await elsewhere(user);
  await Parse.User.logOut();
  assert.equal((await Parse.User.me(first)).id, user.id);
});

test('a bad token is refused on every request', async () => {
  const bad = { sessionToken: 'r:00000000000000000000000000000000' };
  await refused(new Parse.Query(fresh()).find(bad), Parse.Error.INVALID_SESSION_TOKEN);
  await refused(new Parse.Object(fresh()).save(null, bad), Parse.Error.INVALID_SESSION_TOKEN);
});

test('a client may add a field to their session and not change what the server keeps', async () => {
  await newUser();
  const session = await Parse.Session.current();
  await session.save({ device: 'my phone' });
  assert.equal((await reload(session)).get('device'), 'my phone');
  const put = body => Parse.CoreManager.getRESTController().request('PUT', `sessions/${session.id}`, body);
  const token = { sessionToken: 'r:ffffffffffffffffffffffffffffffff' };
  await refused(put(token), Parse.Error.INVALID_KEY_NAME);
  await refused(put({ createdWith: {} }), Parse.Error.INVALID_KEY_NAME);
});

test('the master key sees and destroys the sessions of all', async () => {
  const user = await newUser();
  const token = user.getSessionToken();
  const query = new Parse.Query(Parse.Session).equalTo('user', user);
  const [session] = await query.find(MASTER);
  await session.destroy(MASTER);
  await refused(Parse.User.me(token), Parse.Error.INVALID_SESSION_TOKEN);
});

test('the current user is dropped by the client when the session has ended', async () => {
  const user = await newUser();
  const [session] = await new Parse.Query(Parse.Session).equalTo('user', user).find(MASTER);
  await session.destroy(MASTER);
  await refused(user.fetch(as(user)), Parse.Error.INVALID_SESSION_TOKEN);
});
