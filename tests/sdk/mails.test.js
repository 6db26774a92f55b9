'use strict';
/*
 * Confirming an address and choosing a new password, with the links of real mails: a file of PARSE_TEST_MAIL_FOLDER by
 * the name of the recipient holds his last one.
 */
const { Parse, assert, test, fresh, refused } = require('./setup');
const fs = require('node:fs/promises');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');

const { PARSE_TEST_MAIL_FOLDER: folder } = process.env;
const mails = (name, run) => test(name, { skip: !folder && 'PARSE_TEST_MAIL_FOLDER is not set' }, run);

/** The link in the mail to an address, as the path below the mount; waits for the mail, which is gone then. */
async function linkTo(address) {
  const file = path.join(folder, address);
  for (let tries = 0; tries < 200; tries++) {
    const text = await fs.readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) {
      await fs.unlink(file);
      return /https?:\/\/[^/]+\/parse(\/\S+)/.exec(text.replace(/=\r\n/g, '').replace(/=3D/g, '='))[1];
    }
    await pause(25);
  }
  throw new Error(`no mail to ${address}`);
}

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
