'use strict';
const { afterEach } = require('node:test');
const { Parse, assert, test, fresh, refused, create, reload, newUser, as, MASTER } = require('./setup');

// As an app does: one user is current, and their session goes with every request.
Parse.User.enableUnsafeCurrentUser();

afterEach(() => Parse.User.logOut().catch(() => {}));

const PASSWORD = 'correct horse';

/** A user who signed up and logged out again. */
async function registered(attributes = {}) {
  const user = await newUser('ann', attributes);
  await Parse.User.logOut();
  return user;
}

test('signing up makes a user and logs them in', async () => {
  const username = fresh('ann');
  const user = await Parse.User.signUp(username, PASSWORD, { email: `${username}@example.com`, age: 3 });
  assert.ok(user.id);
  assert.match(user.getSessionToken(), /^r:[0-9a-f]{32}$/);
  assert.equal(Parse.User.current().id, user.id);
  assert.equal(user.getUsername(), username);
  assert.equal(user.get('age'), 3);
  assert.ok(user.isCurrent() && user.authenticated());
});

test('the password never comes back', async () => {
  const user = await newUser();
  assert.equal(user.get('password'), undefined);
  const again = await new Parse.Query(Parse.User).get(user.id, MASTER);
  assert.equal(again.get('password'), undefined);
});

test('a user name that is taken is refused', async () => {
  const user = await registered();
  await refused(Parse.User.signUp(user.getUsername(), 'x'), Parse.Error.USERNAME_TAKEN);
});

test('a user name that differs in case only is taken', async () => {
  const user = await registered();
  await refused(Parse.User.signUp(user.getUsername().toUpperCase(), 'x'), Parse.Error.USERNAME_TAKEN);
});

test('an email address that is taken is refused', async () => {
  const email = `${fresh('ann')}@example.com`;
  await registered({ email });
  await refused(Parse.User.signUp(fresh('bob'), 'x', { email }), Parse.Error.EMAIL_TAKEN);
});

test('an email address without an at sign is refused', async () => {
  await refused(Parse.User.signUp(fresh('ann'), 'x', { email: 'nowhere' }), Parse.Error.INVALID_EMAIL_ADDRESS);
});

test('two users without an email address are no duplicates', async () => {
  await registered();
  await registered();
});

test('signing up without a name or a password is refused by the server', async () => {
  const post = body => Parse.CoreManager.getRESTController().request('POST', 'users', body);
  await refused(post({ password: 'x' }), Parse.Error.USERNAME_MISSING);
  await refused(post({ username: fresh('ann') }), Parse.Error.PASSWORD_MISSING);
});

test('ten sign-ups with one name make one user', async () => {
  const username = fresh('ann');
  const post = () => Parse.CoreManager.getRESTController().request('POST', 'users', { username, password: 'x' });
  const answers = await Promise.allSettled(Array.from({ length: 10 }, post));
  const codes = answers.filter(it => it.status === 'rejected').map(it => it.reason.code);
  assert.deepEqual(codes, Array(9).fill(Parse.Error.USERNAME_TAKEN));
});

test('logging in gives the user with all their fields and a session', async () => {
  const user = await registered({ colour: 'red' });
  const again = await Parse.User.logIn(user.getUsername(), PASSWORD);
  assert.equal(again.id, user.id);
  assert.equal(again.get('colour'), 'red');
  assert.ok(again.getSessionToken());
  assert.equal(Parse.User.current().id, user.id);
});

test('logging in works with GET too', async () => {
  const user = await registered();
  const again = await Parse.User.logIn(user.getUsername(), PASSWORD, { usePost: false });
  assert.equal(again.id, user.id);
});

test('logging in works with the email address as the name', async () => {
  const email = `${fresh('ann')}@example.com`;
  const user = await registered({ email });
  assert.equal((await Parse.User.logIn(email, PASSWORD)).id, user.id);
});

test('a wrong password and an unknown user are refused alike', async () => {
  const user = await registered();
  const one = await refused(Parse.User.logIn(user.getUsername(), 'wrong'), Parse.Error.OBJECT_NOT_FOUND);
  const two = await refused(Parse.User.logIn(fresh('nobody'), 'wrong'), Parse.Error.OBJECT_NOT_FOUND);
  assert.equal(one.message, two.message);
});

test('the name is exact about case when logging in', async () => {
  const user = await registered();
  await refused(Parse.User.logIn(user.getUsername().toUpperCase(), PASSWORD), Parse.Error.OBJECT_NOT_FOUND);
});

test('names and passwords of every script work', async () => {
  const username = `${fresh()} Ünï 日本 👍`;
  await Parse.User.signUp(username, 'пароль 密码 👍');
  await Parse.User.logOut();
  assert.equal((await Parse.User.logIn(username, 'пароль 密码 👍')).getUsername(), username);
});

test('logging out ends the session', async () => {
  const user = await newUser();
  const token = user.getSessionToken();
  await Parse.User.logOut();
  assert.equal(Parse.User.current(), null);
  await refused(Parse.User.me(token), Parse.Error.INVALID_SESSION_TOKEN);
});

test('the current user makes the requests', async () => {
  const user = await newUser();
  const object = new Parse.Object(fresh(), { n: 1 });
  object.setACL(new Parse.ACL(user));
  await object.save();
  assert.equal((await reload(object)).get('n'), 1);
  await Parse.User.logOut();
  await refused(reload(object), Parse.Error.OBJECT_NOT_FOUND);
});

test('become makes the owner of a session token current', async () => {
  const user = await newUser('ann', { colour: 'blue' });
  const token = user.getSessionToken();
  await newUser('bob');
  const again = await Parse.User.become(token);
  assert.equal(again.id, user.id);
  assert.equal(again.get('colour'), 'blue');
  assert.equal(Parse.User.current().id, user.id);
});

test('become with an unknown token is refused', async () => {
  await refused(Parse.User.become('r:00000000000000000000000000000000'), Parse.Error.INVALID_SESSION_TOKEN);
});

test('me gives the owner of a token without making them current', async () => {
  const user = await registered();
  await Parse.User.logIn(user.getUsername(), PASSWORD);
  const token = Parse.User.current().getSessionToken();
  assert.equal((await Parse.User.me(token)).id, user.id);
});

test('a user changes their own fields', async () => {
  const user = await newUser();
  await user.save({ colour: 'green', score: 1 });
  user.increment('score', 2);
  await user.save();
  const again = await new Parse.Query(Parse.User).get(user.id);
  assert.deepEqual([again.get('colour'), again.get('score')], ['green', 3]);
});

test('fetch brings what changed elsewhere', async () => {
  const user = await newUser();
  await Parse.Object.fromJSON({ className: '_User', objectId: user.id }).save({ level: 9 }, MASTER);
  await user.fetch();
  assert.equal(user.get('level'), 9);
  assert.ok(user.getSessionToken());
});

test('a user changes their name and logs in with it', async () => {
  const user = await newUser();
  const username = fresh('renamed');
  await user.save({ username });
  await Parse.User.logOut();
  assert.equal((await Parse.User.logIn(username, PASSWORD)).id, user.id);
});

test('a user cannot take the name or the address of another', async () => {
  const email = `${fresh('ann')}@example.com`;
  const other = await registered({ email });
  const user = await newUser('bob');
  await refused(user.save({ username: other.getUsername() }), Parse.Error.USERNAME_TAKEN);
  user.revert();
  await refused(user.save({ email }), Parse.Error.EMAIL_TAKEN);
});

test('a new password works and the old one does not', async () => {
  const user = await newUser();
  await user.save({ password: 'new one' });
  assert.ok(user.getSessionToken());
  await Parse.User.logOut();
  await refused(Parse.User.logIn(user.getUsername(), PASSWORD), Parse.Error.OBJECT_NOT_FOUND);
  assert.equal((await Parse.User.logIn(user.getUsername(), 'new one')).id, user.id);
});

test('a new password ends the other sessions', async () => {
  const user = await newUser();
  const old = user.getSessionToken();
  await user.save({ password: 'new one' });
  assert.notEqual(user.getSessionToken(), old);
  await refused(Parse.User.me(old), Parse.Error.INVALID_SESSION_TOKEN);
  assert.equal((await Parse.User.me(user.getSessionToken())).id, user.id);
});

test('nobody changes another user', async () => {
  const ann = await newUser('ann');
  await newUser('bob');
  const stranger = Parse.User.createWithoutData(ann.id);
  await refused(stranger.save({ colour: 'black' }), Parse.Error.SESSION_MISSING);
  await refused(stranger.destroy(), Parse.Error.SESSION_MISSING);
});

test('without a session no user is changed', async () => {
  const user = await registered();
  const stranger = Parse.User.createWithoutData(user.id);
  await refused(stranger.save({ colour: 'black' }), Parse.Error.SESSION_MISSING);
  await refused(stranger.destroy(), Parse.Error.SESSION_MISSING);
});

test('a user deletes their own account', async () => {
  const user = await newUser();
  await user.destroy();
  await refused(Parse.User.logIn(user.getUsername(), PASSWORD), Parse.Error.OBJECT_NOT_FOUND);
});

test('the session of a deleted account is of no use', async () => {
  const user = await newUser();
  const token = user.getSessionToken();
  await Parse.User.me(token);
  await user.destroy();
  await refused(Parse.User.me(token), Parse.Error.INVALID_SESSION_TOKEN);
});

test('the master key changes and deletes any user', async () => {
  const user = await registered();
  await user.save({ colour: 'white' }, MASTER);
  assert.equal((await new Parse.Query(Parse.User).get(user.id, MASTER)).get('colour'), 'white');
  await user.destroy(MASTER);
  await refused(new Parse.Query(Parse.User).get(user.id, MASTER), Parse.Error.OBJECT_NOT_FOUND);
});

test('a user is private unless they say otherwise', async () => {
  const ann = await registered();
  await newUser('bob');
  await refused(new Parse.Query(Parse.User).get(ann.id), Parse.Error.OBJECT_NOT_FOUND);
  assert.equal(await new Parse.Query(Parse.User).equalTo('username', ann.getUsername()).count(), 0);
});

test('the email address is for the user alone', async () => {
  const email = `${fresh('ann')}@example.com`;
  const ann = await newUser('ann', { email });
  const acl = new Parse.ACL(ann);
  acl.setPublicReadAccess(true);
  await ann.save({ ACL: acl });
  assert.equal((await new Parse.Query(Parse.User).get(ann.id)).getEmail(), email);
  await newUser('bob');
  const seen = await new Parse.Query(Parse.User).get(ann.id);
  assert.equal(seen.getUsername(), ann.getUsername());
  assert.equal(seen.getEmail(), undefined);
});

test('a user cannot lock themselves out', async () => {
  const user = await newUser();
  user.setACL(new Parse.ACL());
  await user.save();
  assert.equal((await new Parse.Query(Parse.User).get(user.id)).id, user.id);
});

test('a client cannot mark an email address as verified', async () => {
  const user = await newUser();
  await refused(user.save({ emailVerified: true }), Parse.Error.OPERATION_FORBIDDEN);
});

test('an anonymous user has a session and may save', async () => {
  const user = await Parse.AnonymousUtils.logIn();
  assert.ok(Parse.AnonymousUtils.isLinked(user));
  assert.equal(Parse.User.current().id, user.id);
  await user.save({ coins: 5 });
  const object = new Parse.Object(fresh(), { n: 1 });
  object.setACL(new Parse.ACL(user));
  await object.save();
  assert.equal((await reload(object)).get('n'), 1);
});

test('two anonymous users are two users', async () => {
  const one = await Parse.AnonymousUtils.logIn();
  await Parse.User.logOut();
  const two = await Parse.AnonymousUtils.logIn();
  assert.notEqual(one.id, two.id);
});

test('the same anonymous id is the same user', async () => {
  const authData = { anonymous: { id: fresh('00000000-') } };
  const one = await Parse.User.logInWith('anonymous', { authData: authData.anonymous });
  await Parse.User.logOut();
  const two = await Parse.User.logInWith('anonymous', { authData: authData.anonymous });
  assert.equal(two.id, one.id);
});

test('an anonymous user signs up and keeps their data', async () => {
  const user = await Parse.AnonymousUtils.logIn();
  await user.save({ coins: 5 });
  const { id } = user;
  const username = fresh('ann');
  user.setUsername(username);
  user.setPassword(PASSWORD);
  await user.signUp();
  assert.equal(user.id, id);
  assert.equal(Parse.AnonymousUtils.isLinked(user), false);
  await Parse.User.logOut();
  const again = await Parse.User.logIn(username, PASSWORD);
  assert.equal(again.id, id);
  assert.equal(again.get('coins'), 5);
});

test('an anonymous user who signs up cannot take a name', async () => {
  const other = await registered();
  const user = await Parse.AnonymousUtils.logIn();
  user.setUsername(other.getUsername());
  user.setPassword(PASSWORD);
  await refused(user.signUp(), Parse.Error.USERNAME_TAKEN);
});

test('a subclass of the user is what the SDK gives', async () => {
  const user = await newUser();
  assert.ok(await Parse.User.logIn(user.getUsername(), PASSWORD) instanceof Parse.User);
  assert.ok(await new Parse.Query('_User').get(user.id) instanceof Parse.User);
});

test('a pointer to a user is saved in an object', async () => {
  const user = await newUser();
  const post = await create(fresh('Post'), { author: user });
  assert.equal((await reload(post)).get('author').id, user.id);
  assert.equal(await new Parse.Query(post.className).equalTo('author', user).count(as(user)), 1);
});
