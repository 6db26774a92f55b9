'use strict';
const { Parse, assert, test, differs, fresh, refused, create, reload, serverURL, appId, javascriptKey } = require('./setup');

const { Error } = Parse;
const request = (...args) => Parse.CoreManager.getRESTController().request(...args);

test('101: an object that does not exist', async () => {
  const error = await refused(new Parse.Query(fresh()).get('nosuchid00'), Error.OBJECT_NOT_FOUND);
  assert.equal(error.message, 'Object not found.');
});

test('101: changing and destroying an object that is gone', async () => {
  const object = await create(fresh());
  await Parse.Object.fromJSON(object.toPointer()).destroy();
  await refused(object.save({ n: 1 }), Error.OBJECT_NOT_FOUND);
  await refused(object.destroy(), Error.OBJECT_NOT_FOUND);
});

test('102: an unknown parameter of a query', async () => {
  await refused(request('GET', `classes/${fresh()}`, { nosuch: 1 }), Error.INVALID_QUERY);
});

test('102: a condition on the ACL', async () => {
  const object = await create(fresh());
  await refused(request('GET', `classes/${object.className}`, { where: { ACL: {} } }), Error.INVALID_QUERY);
});

differs('102: a limit that is no number', async () => {
  await refused(request('GET', `classes/${(await create(fresh())).className}`, { limit: 'many' }), Error.INVALID_QUERY);
});

test('105: a field name with a dash, a leading digit or a leading underscore', async () => {
  for (const name of ['a-b', '1a', '_a']) {
    await refused(request('POST', `classes/${fresh()}`, { [name]: 1 }), Error.INVALID_KEY_NAME);
  }
});

test('105: a query on a key that cannot be', async () => {
  const { className } = await create(fresh());
  await refused(request('GET', `classes/${className}`, { where: { 'a-b': 1 } }), Error.INVALID_KEY_NAME);
});

test('107: a condition that is not JSON', async () => {
  await refused(request('GET', `classes/${fresh()}`, { where: '{not json' }), Error.INVALID_JSON);
});

differs('107: an operator that does not exist', async () => {
  const { className } = await create(fresh(), { n: 1 });
  await refused(request('GET', `classes/${className}`, { where: { n: { $nosuch: 1 } } }), Error.INVALID_JSON);
});

test('107: containedIn without a list', async () => {
  const { className } = await create(fresh(), { n: 1 });
  await refused(request('GET', `classes/${className}`, { where: { n: { $in: 5 } } }), Error.INVALID_JSON);
});

test('107: a batch with a request for another path', async () => {
  const batch = { requests: [{ method: 'POST', path: '/elsewhere/classes/Thing', body: {} }] };
  await refused(request('POST', 'batch', batch), Error.INVALID_JSON);
});

differs('108: an operation that does not exist', async () => {
  const object = await create(fresh(), { n: 1 });
  const put = request('PUT', `classes/${object.className}/${object.id}`, { n: { __op: 'Explode' } });
  await refused(put, Error.COMMAND_UNAVAILABLE);
});

test('111: a value of another type than the field has', async () => {
  const object = await create(fresh(), { n: 1, s: 'x', b: true, list: [], o: {}, at: new Date() });
  const wrong = { n: 'x', s: 1, b: 'true', list: {}, o: [], at: 'today' };
  for (const [field, value] of Object.entries(wrong)) {
    const error = await refused(create(object.className, { [field]: value }), Error.INCORRECT_TYPE);
    assert.match(error.message, new RegExp(`schema mismatch for ${object.className}.${field}; expected`));
  }
});

test('111: an increment of a text and an addition to a number', async () => {
  const object = await create(fresh(), { s: 'x', n: 1 });
  const again = () => Parse.Object.fromJSON(object.toPointer());
  const incremented = again();
  incremented.increment('s');
  await refused(incremented.save(), Error.INCORRECT_TYPE);
  const added = again();
  added.add('n', 1);
  await refused(added.save(), Error.INCORRECT_TYPE);
});

test('111: a pointer to another class than the field has', async () => {
  const [cat, dog] = [await create(fresh('Cat')), await create(fresh('Dog'))];
  const owner = await create(fresh('Owner'), { pet: cat });
  await refused(create(owner.className, { pet: dog }), Error.INCORRECT_TYPE);
});

test('111: a special value that is not complete', async () => {
  for (const value of [{ __type: 'Date' }, { __type: 'GeoPoint', latitude: 1 }, { __type: 'Nosuch' }]) {
    await refused(request('POST', `classes/${fresh()}`, { value }), Error.INCORRECT_TYPE);
  }
});

differs('111: a date that is no date', async () => {
  const value = { __type: 'Date', iso: 'yesterday' };
  await refused(request('POST', `classes/${fresh()}`, { value }), Error.INCORRECT_TYPE);
});

test('119: the class of installations is not listed for clients', async () => {
  await refused(new Parse.Query(Parse.Installation).find(), Error.OPERATION_FORBIDDEN);
});

test('119: classes of the server are closed to clients', async () => {
  await refused(new Parse.Query('_JobStatus').find(), Error.OPERATION_FORBIDDEN);
  await refused(request('POST', 'classes/_Hooks', { functionName: 'x' }), Error.OPERATION_FORBIDDEN);
});

test('121: a dot or a dollar sign in a nested key', async () => {
  for (const value of [{ 'a.b': 1 }, { a: { $b: 1 } }, { list: [{ 'x.y': 1 }] }]) {
    await refused(request('POST', `classes/${fresh()}`, { value }), Error.INVALID_NESTED_KEY);
  }
});

test('105: a field name with a blank is refused by the SDK itself', () => {
  assert.throws(() => new Parse.Object(fresh()).set('with blank', 1), { code: Error.INVALID_KEY_NAME });
});

differs('a text with the character U+0000 is refused as bad input', async () => {
  await refused(create(fresh(), { value: 'nul \u0000 here' }), Error.INVALID_JSON);
});

test('a failed save leaves the object as it was on the server', async () => {
  const object = await create(fresh(), { n: 1, s: 'x' });
  const again = await reload(object);
  again.set('s', 'changed');
  again.set('n', 'text');
  await refused(again.save(), Error.INCORRECT_TYPE);
  const stored = await reload(object);
  assert.deepEqual([stored.get('n'), stored.get('s')], [1, 'x']);
});

differs('a failed first save leaves neither class nor fields behind', async () => {
  const className = fresh();
  await refused(request('POST', `classes/${className}`, { good: 1, 'b-ad': 2 }), Error.INVALID_KEY_NAME);
  await create(className, { good: 'a text now' });
});

test('an object that failed to save is saved after it was put right', async () => {
  const { className } = await create(fresh(), { n: 1 });
  const object = new Parse.Object(className, { n: 'text' });
  await refused(object.save(), Error.INCORRECT_TYPE);
  await object.save({ n: 2 });
  assert.equal((await reload(object)).get('n'), 2);
});

test('an unknown application is refused with status 403', async () => {
  const answer = await fetch(`${serverURL}/classes/Thing`, { headers: { 'X-Parse-Application-Id': 'nosuch' } });
  assert.equal(answer.status, 403);
  assert.deepEqual(await answer.json(), { error: 'unauthorized' });
});

test('a wrong client key is refused with status 403', async () => {
  const headers = { 'X-Parse-Application-Id': appId, 'X-Parse-Javascript-Key': `not ${javascriptKey}` };
  assert.equal((await fetch(`${serverURL}/classes/Thing`, { headers })).status, 403);
});

test('what only the master key may do is refused with status 403', async () => {
  const headers = { 'X-Parse-Application-Id': appId, 'X-Parse-Javascript-Key': javascriptKey };
  assert.equal((await fetch(`${serverURL}/schemas`, { headers })).status, 403);
});

test('the server says that it is well', async () => {
  assert.deepEqual(await (await fetch(`${serverURL}/health`)).json(), { status: 'ok' });
});
