'use strict';
/* The mails that the server sends: a file of PARSE_TEST_MAIL_FOLDER by the name of the recipient holds his last one. */
const { test } = require('./setup');
const fs = require('node:fs/promises');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');

const { PARSE_TEST_MAIL_FOLDER: folder } = process.env;

/** A case that reads mails. */
const mails = (name, run) => test(name, { skip: !folder && 'PARSE_TEST_MAIL_FOLDER is not set' }, run);

/** The mail to an address; waits for it, and it is gone then. */
async function mailTo(address) {
  const file = path.join(folder, address);
  for (let tries = 0; tries < 200; tries++) {
    const text = await fs.readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) {
      await fs.unlink(file);
      return text.replace(/=\r\n/g, '').replace(/=3D/g, '=');
    }
    await pause(25);
  }
  throw new Error(`no mail to ${address}`);
}

/** The link in the mail to an address, as the path below the mount. */
const linkTo = async address => /https?:\/\/[^/]+\/parse(\/\S+)/.exec(await mailTo(address))[1];

module.exports = { mails, mailTo, linkTo };
