'use strict';
const { Parse, assert, test, differs, fresh, create, createAll, reload, refused, pluck } = require('./setup');

const withCustomIds = run => async () => {
  Parse.allowCustomObjectId = true;
  try {
    await run();
  } finally {
    Parse.allowCustomObjectId = false;
  }
};

test('saveAll saves objects of several classes at once', async () => {
  const [cat, dog] = [fresh('Cat'), fresh('Dog')];
  const objects = [1, 2, 3, 4].map(n => new Parse.Object(n % 2 ? cat : dog, { n }));
  await Parse.Object.saveAll(objects);
  assert.equal(new Set(objects.map(it => it.id)).size, 4);
  assert.deepEqual(pluck(await new Parse.Query(cat).ascending('n').find(), 'n'), [1, 3]);
  assert.deepEqual(pluck(await new Parse.Query(dog).ascending('n').find(), 'n'), [2, 4]);
});

test('saveAll creates and updates in one call', async () => {
  const className = fresh();
  const old = await create(className, { n: 1 });
  old.set('n', 10);
  const young = new Parse.Object(className, { n: 20 });
  await Parse.Object.saveAll([old, young]);
  assert.equal((await reload(old)).get('n'), 10);
  assert.equal((await reload(young)).get('n'), 20);
});

test('saveAll of 250 objects saves each of them', async () => {
  const className = fresh();
  const objects = await createAll(className, Array.from({ length: 250 }, (_, n) => ({ n })));
  assert.equal(new Set(objects.map(it => it.id)).size, 250);
  assert.equal(await new Parse.Query(className).count(), 250);
  const query = new Parse.Query(className).ascending('n').limit(1000);
  assert.deepEqual(pluck(await query.find(), 'n'), objects.map((_, n) => n));
});

test('saveAll with a large batch size sends one request', async () => {
  const className = fresh();
  await createAll(className, Array.from({ length: 60 }, (_, n) => ({ n })), { batchSize: 60 });
  assert.equal(await new Parse.Query(className).count(), 60);
});

test('saveAll reports the object that fails and saves the others', async () => {
  const className = fresh();
  await create(className, { n: 1 });
  const good = new Parse.Object(className, { n: 2 });
  const bad = new Parse.Object(className, { n: 'text' });
  await refused(Parse.Object.saveAll([good, bad]), Parse.Error.INCORRECT_TYPE);
  assert.ok(good.id);
  assert.equal(await new Parse.Query(className).count(), 2);
});

test('saveAll in a transaction saves all objects', async () => {
  const className = fresh();
  await create(className, { n: 0 });
  await createAll(className, [{ n: 1 }, { n: 2 }], { transaction: true });
  assert.equal(await new Parse.Query(className).count(), 3);
});

test('saveAll in a transaction saves nothing when one object fails', async () => {
  const className = fresh();
  await create(className, { n: 0 });
  await assert.rejects(createAll(className, [{ n: 1 }, { n: 'text' }], { transaction: true }));
  assert.equal(await new Parse.Query(className).count(), 1);
});

differs('a transaction that fails says what was wrong with the object', async () => {
  const className = fresh();
  await create(className, { n: 0 });
  const saving = createAll(className, [{ n: 1 }, { n: 'text' }], { transaction: true });
  // The SDK rejects with one error per object when the whole batch was refused.
  await assert.rejects(saving, ([error]) => /schema mismatch/.test(error.message));
});

test('destroy removes an object', async () => {
  const object = await create(fresh());
  await object.destroy();
  await refused(reload(object), Parse.Error.OBJECT_NOT_FOUND);
});

test('destroyAll removes objects of several classes', async () => {
  const objects = [await create(fresh('Cat')), await create(fresh('Dog'))];
  await Parse.Object.destroyAll(objects);
  for (const object of objects) {
    await refused(reload(object), Parse.Error.OBJECT_NOT_FOUND);
  }
});

test('destroyAll of 55 objects removes each of them', async () => {
  const className = fresh();
  const objects = await createAll(className, Array.from({ length: 55 }, (_, n) => ({ n })));
  await Parse.Object.destroyAll(objects);
  assert.equal(await new Parse.Query(className).count(), 0);
});

test('destroyAll reports what was gone already and removes the rest', async () => {
  const [gone, here] = await createAll(fresh(), [{ n: 1 }, { n: 2 }]);
  await Parse.Object.fromJSON(gone.toPointer()).destroy();
  const error = await refused(Parse.Object.destroyAll([gone, here]), Parse.Error.AGGREGATE_ERROR);
  assert.deepEqual(error.errors.map(it => [it.code, it.object.id]), [[Parse.Error.OBJECT_NOT_FOUND, gone.id]]);
  await refused(reload(here), Parse.Error.OBJECT_NOT_FOUND);
});

test('saving an object saves the new objects it points to', async () => {
  const child = new Parse.Object(fresh('Child'), { name: 'kid' });
  const parent = await create(fresh('Parent'), { child });
  assert.ok(child.id);
  const found = await new Parse.Query(parent.className).include('child').get(parent.id);
  assert.equal(found.get('child').get('name'), 'kid');
});

test('saveAll saves new objects three levels down, in arrays and objects too', async () => {
  const leaf = new Parse.Object(fresh('Leaf'), { name: 'leaf' });
  const twig = new Parse.Object(fresh('Twig'), { leaves: [leaf] });
  const branch = new Parse.Object(fresh('Branch'), { holder: { twig } });
  const tree = new Parse.Object(fresh('Tree'), { branch });
  await Parse.Object.saveAll([tree]);
  assert.ok(leaf.id && twig.id && branch.id && tree.id);
  assert.equal((await reload(twig)).get('leaves')[0].id, leaf.id);
  assert.equal((await reload(branch)).get('holder').twig.id, twig.id);
});

test('a cascade saves changes of objects that exist', async () => {
  const child = await create(fresh('Child'), { name: 'old' });
  const parent = await create(fresh('Parent'), { child });
  child.set('name', 'new');
  await parent.save();
  assert.equal((await reload(child)).get('name'), 'new');
});

test('an object may point to itself', async () => {
  const object = await create(fresh());
  await object.save({ self: object });
  assert.equal((await reload(object)).get('self').id, object.id);
});

test('two objects may point to each other', async () => {
  const className = fresh();
  const [one, two] = await createAll(className, [{ n: 1 }, { n: 2 }]);
  one.set('other', two);
  two.set('other', one);
  await Parse.Object.saveAll([one, two]);
  assert.equal((await reload(one)).get('other').id, two.id);
  assert.equal((await reload(two)).get('other').id, one.id);
});

test('dirty keys are known until the save', async () => {
  const object = await create(fresh(), { a: 1, b: 2 });
  assert.deepEqual(object.dirtyKeys(), []);
  object.set('a', 5);
  object.unset('b');
  object.increment('c');
  assert.deepEqual(object.dirtyKeys().sort(), ['a', 'b', 'c']);
  await object.save();
  assert.equal(object.dirty(), false);
});

test('only the changed keys are sent', async () => {
  const object = await create(fresh(), { a: 1, b: 1 });
  const other = await reload(object);
  await other.save({ b: 2 });
  await object.save({ a: 2 });
  const again = await reload(object);
  assert.deepEqual([again.get('a'), again.get('b')], [2, 2]);
});

test('a change of a nested value in place is noticed and saved', async () => {
  const object = await create(fresh(), { o: { list: [1] } });
  object.get('o').list.push(2);
  assert.ok(object.dirty('o'));
  await object.save();
  assert.deepEqual((await reload(object)).get('o'), { list: [1, 2] });
});

test('revert forgets changes', async () => {
  const object = await create(fresh(), { a: 1 });
  object.set('a', 2);
  object.revert();
  await object.save();
  assert.equal((await reload(object)).get('a'), 1);
});

test('saving without a change moves updatedAt only', async () => {
  const object = await create(fresh(), { a: 1 });
  await object.save();
  assert.deepEqual((await reload(object)).get('a'), 1);
});

test('fetch brings what another client saved', async () => {
  const object = await create(fresh(), { a: 1 });
  await (await reload(object)).save({ a: 2, b: 3 });
  await object.fetch();
  assert.deepEqual([object.get('a'), object.get('b')], [2, 3]);
});

test('fetch of a pointer without data brings all its fields', async () => {
  const object = await create(fresh(), { a: 1 });
  const pointer = Parse.Object.extend(object.className).createWithoutData(object.id);
  await pointer.fetch();
  assert.equal(pointer.get('a'), 1);
  assert.ok(pointer.createdAt);
});

test('fetchWithInclude brings the objects pointed to', async () => {
  const child = await create(fresh('Child'), { name: 'kid' });
  const parent = await create(fresh('Parent'), { child });
  const again = Parse.Object.fromJSON(parent.toPointer());
  await again.fetchWithInclude('child');
  assert.equal(again.get('child').get('name'), 'kid');
});

test('fetchAll brings many objects of one class', async () => {
  const objects = await createAll(fresh(), [{ n: 1 }, { n: 2 }, { n: 3 }]);
  const pointers = objects.map(it => Parse.Object.fromJSON(it.toPointer()));
  await Parse.Object.fetchAll(pointers);
  assert.deepEqual(pluck(pointers, 'n'), [1, 2, 3]);
});

test('fetchAll refuses when one object is gone', async () => {
  const [one, two] = await createAll(fresh(), [{ n: 1 }, { n: 2 }]);
  await Parse.Object.fromJSON(two.toPointer()).destroy();
  await refused(Parse.Object.fetchAll([one, two]), Parse.Error.OBJECT_NOT_FOUND);
});

test('fetchAllIfNeeded leaves what has its data', async () => {
  const [one, two] = await createAll(fresh(), [{ n: 1 }, { n: 2 }]);
  await (await reload(one)).save({ n: 100 });
  const pointer = Parse.Object.fromJSON(two.toPointer());
  await Parse.Object.fetchAllIfNeeded([one, pointer]);
  assert.deepEqual([one.get('n'), pointer.get('n')], [1, 2]);
});

test('fetchAllWithInclude brings the objects pointed to', async () => {
  const child = await create(fresh('Child'), { name: 'kid' });
  const parents = await createAll(fresh('Parent'), [{ child }, { child }]);
  const pointers = parents.map(it => Parse.Object.fromJSON(it.toPointer()));
  await Parse.Object.fetchAllWithInclude(pointers, ['child']);
  assert.deepEqual(pointers.map(it => it.get('child').get('name')), ['kid', 'kid']);
});

test('exists tells whether the server still has an object', async () => {
  const object = await create(fresh());
  assert.equal(await object.exists(), true);
  await Parse.Object.fromJSON(object.toPointer()).destroy();
  assert.equal(await object.exists(), false);
});

test('a clone is saved as another object', async () => {
  const object = await create(fresh(), { a: 1 });
  const copy = await object.clone().save();
  assert.notEqual(copy.id, object.id);
  assert.equal((await reload(copy)).get('a'), 1);
});

test('a custom object id is kept', withCustomIds(async () => {
  const id = fresh('id-');
  const object = await create(fresh(), { objectId: id, name: 'mine' });
  assert.equal(object.id, id);
  assert.equal((await reload(object)).get('name'), 'mine');
}));

async function livesUnder(id) {
  const object = await create(fresh(), { objectId: id, n: 1 });
  assert.equal((await reload(object)).id, id);
  object.set('n', 2);
  await object.save();
  assert.equal((await reload(object)).get('n'), 2);
  await object.destroy();
}

test('a custom object id may hold blanks and signs', withCustomIds(() => livesUnder(`${fresh()} a&b=c+d~é`)));

differs('a custom object id may hold letters of any script', withCustomIds(() => livesUnder(`${fresh()}ツ`)));

test('an id that exists is refused for a second object', withCustomIds(async () => {
  const object = await create(fresh(), { objectId: fresh() });
  const twin = new Parse.Object(object.className, { objectId: object.id, n: 2 });
  // The SDK takes an object with an id for a stored one, unless it was told otherwise by saving it as new.
  const request = Parse.CoreManager.getRESTController().request(
    'POST', `classes/${object.className}`, { objectId: twin.id, n: 2 });
  await refused(request, Parse.Error.DUPLICATE_VALUE);
}));

test('an empty custom object id is refused', withCustomIds(async () => {
  const request = Parse.CoreManager.getRESTController().request('POST', `classes/${fresh()}`, { objectId: '' });
  await refused(request, Parse.Error.MISSING_OBJECT_ID);
}));

test('an object without an id gets one where custom ids are allowed', async () => {
  assert.match((await create(fresh())).id, /^[A-Za-z0-9]{10}$/);
});

test('objects with custom ids are saved in one batch', withCustomIds(async () => {
  const className = fresh();
  const ids = [fresh(), fresh(), fresh()];
  await createAll(className, ids.map(objectId => ({ objectId })));
  const found = await new Parse.Query(className).find();
  assert.deepEqual(found.map(it => it.id).sort(), ids.sort());
}));
