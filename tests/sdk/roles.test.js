'use strict';
const { Parse, assert, test, differs, fresh, refused, create, reload, newUser, as, MASTER } = require('./setup');

function publicRead() {
  const acl = new Parse.ACL();
  acl.setPublicReadAccess(true);
  return acl;
}

async function newRole({ users = [], roles = [], acl = publicRead() } = {}) {
  const role = new Parse.Role(fresh('Role'), acl);
  if (users.length) role.getUsers().add(users);
  if (roles.length) role.getRoles().add(roles);
  return role.save(null, MASTER);
}

/** An object that only members of the role read and write. */
async function ofRole(role) {
  const acl = new Parse.ACL();
  acl.setRoleReadAccess(role, true);
  acl.setRoleWriteAccess(role, true);
  const object = new Parse.Object(fresh(), { name: 'x' });
  object.setACL(acl);
  return object.save(null, MASTER);
}

test('a role is saved with its name and found by it', async () => {
  const role = await newRole();
  const found = await new Parse.Query(Parse.Role).equalTo('name', role.getName()).first();
  assert.equal(found.id, role.id);
  assert.ok(found instanceof Parse.Role);
});

test('a member of a role reads and writes what the role may', async () => {
  const [ann, bob] = [await newUser('ann'), await newUser('bob')];
  const object = await ofRole(await newRole({ users: [ann] }));
  await object.save({ name: 'by Ann' }, as(ann));
  assert.equal((await reload(object, as(ann))).get('name'), 'by Ann');
  await refused(reload(object, as(bob)), Parse.Error.OBJECT_NOT_FOUND);
  await refused(object.save({ name: 'by Bob' }, as(bob)), Parse.Error.OBJECT_NOT_FOUND);
});

test('members of a child role have the rights of its parent', async () => {
  const ann = await newUser('ann');
  const child = await newRole({ users: [ann] });
  const parent = await newRole({ roles: [child] });
  const object = await ofRole(parent);
  assert.equal((await reload(object, as(ann))).get('name'), 'x');
});

test('rights are inherited through three levels of roles', async () => {
  const ann = await newUser('ann');
  const lowest = await newRole({ users: [ann] });
  const middle = await newRole({ roles: [lowest] });
  const highest = await newRole({ roles: [middle] });
  const object = await ofRole(highest);
  await object.save({ name: 'by Ann' }, as(ann));
});

test('members of a parent role do not get the rights of its child', async () => {
  const ann = await newUser('ann');
  const child = await newRole();
  await newRole({ users: [ann], roles: [child] });
  await refused(reload(await ofRole(child), as(ann)), Parse.Error.OBJECT_NOT_FOUND);
});

test('roles that contain each other do no harm', async () => {
  const ann = await newUser('ann');
  const one = await newRole({ users: [ann] });
  const two = await newRole({ roles: [one] });
  one.getRoles().add(two);
  await one.save(null, MASTER);
  assert.equal((await reload(await ofRole(two), as(ann))).get('name'), 'x');
});

test('a user who joins a role has its rights at the next request', async () => {
  const ann = await newUser('ann');
  const role = await newRole();
  const object = await ofRole(role);
  await refused(reload(object, as(ann)), Parse.Error.OBJECT_NOT_FOUND);
  role.getUsers().add(ann);
  await role.save(null, MASTER);
  assert.equal((await reload(object, as(ann))).get('name'), 'x');
});

test('a user who leaves a role loses its rights at the next request', async () => {
  const ann = await newUser('ann');
  const role = await newRole({ users: [ann] });
  const object = await ofRole(role);
  assert.ok(await reload(object, as(ann)));
  role.getUsers().remove(ann);
  await role.save(null, MASTER);
  await refused(reload(object, as(ann)), Parse.Error.OBJECT_NOT_FOUND);
});

test('the users of a role are listed by its relation', async () => {
  const users = [await newUser('ann'), await newUser('bob')];
  const role = await newRole({ users });
  const found = await role.getUsers().query().find(MASTER);
  assert.deepEqual(found.map(it => it.id).sort(), users.map(it => it.id).sort());
});

test('the roles of a user are found by a query', async () => {
  const ann = await newUser('ann');
  const role = await newRole({ users: [ann] });
  await newRole({ users: [await newUser('bob')] });
  const found = await new Parse.Query(Parse.Role).equalTo('users', ann).find();
  assert.deepEqual(found.map(it => it.id), [role.id]);
});

test('a role cannot be changed without write access', async () => {
  const ann = await newUser('ann');
  const role = await newRole();
  role.getUsers().add(ann);
  await refused(role.save(null, as(ann)), Parse.Error.OBJECT_NOT_FOUND);
});

test('a role may be managed by another role', async () => {
  const ann = await newUser('ann');
  const admins = await newRole({ users: [ann] });
  const acl = publicRead();
  acl.setRoleWriteAccess(admins, true);
  const crew = await newRole({ acl });
  const bob = await newUser('bob');
  crew.getUsers().add(bob);
  await crew.save(null, as(ann));
  assert.ok(await reload(await ofRole(crew), as(bob)));
});

test('a second role of the same name is refused', async () => {
  const role = await newRole();
  await refused(new Parse.Role(role.getName(), publicRead()).save(), Parse.Error.DUPLICATE_VALUE);
});

test('a role without a name or without an ACL is refused', async () => {
  const post = body => Parse.CoreManager.getRESTController().request('POST', 'roles', body);
  await refused(post({ ACL: {} }), Parse.Error.INCORRECT_TYPE);
  await refused(post({ name: fresh('Role') }), Parse.Error.INCORRECT_TYPE);
});

differs('a destroyed role gives no rights', async () => {
  const ann = await newUser('ann');
  const role = await newRole({ users: [ann] });
  const object = await ofRole(role);
  assert.ok(await reload(object, as(ann)));
  await role.destroy(MASTER);
  await refused(reload(object, as(ann)), Parse.Error.OBJECT_NOT_FOUND);
});

test('a role grants access to a whole query', async () => {
  const ann = await newUser('ann');
  const role = await newRole({ users: [ann] });
  const object = await ofRole(role);
  await create(object.className, { name: 'open' });
  assert.equal(await new Parse.Query(object.className).count(as(ann)), 2);
  assert.equal(await new Parse.Query(object.className).count(), 1);
});
