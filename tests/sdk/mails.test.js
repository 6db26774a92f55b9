'use strict';
/* Confirming an address and choosing a new password, with the links of real mails. */
const { Parse, assert, fresh, refused } = require('./setup');
const { mails, linkTo } = require('./mailbox');

/** A page of the server as its visitor sees it. */
async function page(link, options) {
  const response = await fetch(Parse.serverURL + link, options);
  assert.equal(response.status, 200);
  return response.text();
}

/** A new user with an address of his own. */
async function join() {
  const name = fresh('user');
  const email = `${name.toLowerCase()}@example.com`;
  const user = await new Parse.User({ username: name, password: 'first', email }).signUp();
  return { name, email, user };
}

mails('a user confirms his address by the link in a mail, once', async () => {
  const { email, user } = await join();
  await user.fetch({ sessionToken: user.getSessionToken() });
  assert.equal(user.get('emailVerified'), false);
  const link = await linkTo(email);
  assert.match(await page(link), /Address confirmed/);
  await user.fetch({ sessionToken: user.getSessionToken() });
  assert.equal(user.get('emailVerified'), true);
  assert.match(await page(link), /does not work any more/);
});

mails('a user asks for another mail to confirm his address', async () => {
  const { email } = await join();
  const first = await linkTo(email);
  await Parse.User.requestEmailVerification(email);
  const second = await linkTo(email);
  assert.notEqual(first, second);
  assert.match(await page(first), /does not work any more/);
  assert.match(await page(second), /Address confirmed/);
});

mails('a user chooses a new password by the link in a mail', async () => {
  const { name, email, user } = await join();
  await linkTo(email);
  await Parse.User.requestPasswordReset(email);
  const link = await linkTo(email);
  assert.match(await page(link), /Choose a new password/);
  const token = new URL(link, 'http://any').searchParams.get('token');
  const body = new URLSearchParams({ token, new_password: 'second' });
  assert.match(await page(link.split('?')[0], { method: 'POST', body }), /Password changed/);
  await refused(Parse.User.logIn(name, 'first'), Parse.Error.OBJECT_NOT_FOUND);
  assert.equal((await Parse.User.logIn(name, 'second')).id, user.id);
  await refused(user.fetch({ sessionToken: user.getSessionToken() }), Parse.Error.INVALID_SESSION_TOKEN);
});

mails('nothing tells whether an address is known', async () => {
  const unknown = `${fresh('nobody')}@example.com`;
  await Parse.User.requestPasswordReset(unknown);
  await Parse.User.requestEmailVerification(unknown);
});
