'use strict';
const { before } = require('node:test');
const { Parse, assert, test, fresh, refused, create, reload, newUser, as, MASTER, pluck } = require('./setup');

let ann, bob;

before(async () => {
  [ann, bob] = [await newUser('ann'), await newUser('bob')];
});

/** A saved object with the ACL, created by Ann. */
async function guarded(acl, attributes = { name: 'x' }) {
  const object = new Parse.Object(fresh(), attributes);
  object.setACL(acl);
  return object.save(null, as(ann));
}

const found = (object, options) => new Parse.Query(object.className).find(options);

test('an object without an ACL is open to everyone', async () => {
  const object = await create(fresh(), { n: 1 }, as(ann));
  assert.equal((await reload(object)).getACL(), null);
  await (await reload(object, as(bob))).save({ n: 2 }, as(bob));
  await (await reload(object)).save({ n: 3 });
  assert.equal((await reload(object)).get('n'), 3);
});

test('the owner reads an object that is theirs alone', async () => {
  const object = await guarded(new Parse.ACL(ann));
  assert.equal((await reload(object, as(ann))).get('name'), 'x');
  assert.equal((await found(object, as(ann))).length, 1);
});

test('nobody else gets, finds or counts an object of its owner alone', async () => {
  const object = await guarded(new Parse.ACL(ann));
  for (const options of [undefined, as(bob)]) {
    await refused(reload(object, options), Parse.Error.OBJECT_NOT_FOUND);
    assert.deepEqual(await found(object, options), []);
    assert.equal(await new Parse.Query(object.className).count(options), 0);
  }
});

test('nobody else changes or destroys an object of its owner alone', async () => {
  const object = await guarded(new Parse.ACL(ann));
  for (const options of [undefined, as(bob)]) {
    await refused(object.save({ name: 'stolen' }, options), Parse.Error.OBJECT_NOT_FOUND);
    await refused(object.destroy(options), Parse.Error.OBJECT_NOT_FOUND);
  }
  assert.equal((await reload(object, as(ann))).get('name'), 'x');
});

test('the owner changes and destroys an object of theirs', async () => {
  const object = await guarded(new Parse.ACL(ann));
  await object.save({ name: 'y' }, as(ann));
  assert.equal((await reload(object, as(ann))).get('name'), 'y');
  await object.destroy(as(ann));
  await refused(reload(object, as(ann)), Parse.Error.OBJECT_NOT_FOUND);
});

test('public read lets others read and not write', async () => {
  const acl = new Parse.ACL(ann);
  acl.setPublicReadAccess(true);
  const object = await guarded(acl);
  assert.equal((await reload(object)).get('name'), 'x');
  await refused(object.save({ name: 'y' }, as(bob)), Parse.Error.OBJECT_NOT_FOUND);
});

test('public write without read lets others change what they cannot see', async () => {
  const acl = new Parse.ACL(ann);
  acl.setPublicWriteAccess(true);
  const object = await guarded(acl);
  await refused(reload(object, as(bob)), Parse.Error.OBJECT_NOT_FOUND);
  const blind = Parse.Object.fromJSON(object.toPointer());
  await blind.save({ name: 'changed unseen' }, as(bob));
  assert.equal((await reload(object, as(ann))).get('name'), 'changed unseen');
});

test('read access for one user does not give write access', async () => {
  const acl = new Parse.ACL(ann);
  acl.setReadAccess(bob, true);
  const object = await guarded(acl);
  assert.equal((await reload(object, as(bob))).get('name'), 'x');
  await refused(object.destroy(as(bob)), Parse.Error.OBJECT_NOT_FOUND);
});

test('write access for another user is enough to change', async () => {
  const acl = new Parse.ACL(ann);
  acl.setReadAccess(bob, true);
  acl.setWriteAccess(bob, true);
  const object = await guarded(acl);
  await object.save({ name: 'by Bob' }, as(bob));
  assert.equal((await reload(object, as(ann))).get('name'), 'by Bob');
});

test('an ACL with nobody in it locks everyone out but the master key', async () => {
  const object = await guarded(new Parse.ACL());
  await refused(reload(object, as(ann)), Parse.Error.OBJECT_NOT_FOUND);
  assert.equal((await reload(object, MASTER)).get('name'), 'x');
  await object.save({ name: 'y' }, MASTER);
  await object.destroy(MASTER);
});

test('the ACL comes back as it was set', async () => {
  const acl = new Parse.ACL(ann);
  acl.setPublicReadAccess(true);
  acl.setRoleWriteAccess('Editors', true);
  const stored = (await reload(await guarded(acl))).getACL();
  assert.ok(stored.getPublicReadAccess() && !stored.getPublicWriteAccess());
  assert.ok(stored.getReadAccess(ann) && stored.getWriteAccess(ann));
  assert.ok(stored.getRoleWriteAccess('Editors') && !stored.getRoleReadAccess('Editors'));
  assert.ok(!stored.getReadAccess(bob));
});

test('an object can be given away', async () => {
  const object = await guarded(new Parse.ACL(ann));
  object.setACL(new Parse.ACL(bob));
  await object.save(null, as(ann));
  await refused(reload(object, as(ann)), Parse.Error.OBJECT_NOT_FOUND);
  assert.equal((await reload(object, as(bob))).get('name'), 'x');
});

test('a query gives each user what they may see', async () => {
  const className = fresh();
  for (const [name, owner] of [['of Ann', ann], ['of Bob', bob]]) {
    const object = new Parse.Object(className, { name });
    object.setACL(new Parse.ACL(owner));
    await object.save(null, as(owner));
  }
  await create(className, { name: 'of all' });
  const names = async options => pluck(await new Parse.Query(className).ascending('name').find(options));
  assert.deepEqual(await names(as(ann)), ['of Ann', 'of all']);
  assert.deepEqual(await names(as(bob)), ['of Bob', 'of all']);
  assert.deepEqual(await names(), ['of all']);
  assert.equal((await names(MASTER)).length, 3);
});

test('an include leaves out what the reader may not see', async () => {
  const secret = await guarded(new Parse.ACL(ann));
  const holder = await create(fresh('Holder'), { secret, name: 'open' });
  const query = new Parse.Query(holder.className).include('secret');
  assert.equal((await query.get(holder.id, as(ann))).get('secret').get('name'), 'x');
  const forBob = await query.get(holder.id, as(bob));
  assert.equal(forBob.get('name'), 'open');
  assert.equal(forBob.get('secret'), undefined);
});

test('a batch refuses only the objects that are not writable', async () => {
  const mine = await guarded(new Parse.ACL(bob));
  const theirs = await guarded(new Parse.ACL(ann));
  mine.set('name', 'changed');
  theirs.set('name', 'changed');
  await refused(Parse.Object.saveAll([mine, theirs], as(bob)), Parse.Error.OBJECT_NOT_FOUND);
  assert.equal((await reload(mine, as(bob))).get('name'), 'changed');
  assert.equal((await reload(theirs, as(ann))).get('name'), 'x');
});

test('an unresolved user in an ACL is refused', async () => {
  const request = Parse.CoreManager.getRESTController().request(
    'POST', `classes/${fresh()}`, { ACL: { '*unresolved': { read: true } } });
  await refused(request, Parse.Error.INVALID_ACL);
});
