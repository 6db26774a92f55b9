'use strict';
const { Parse, assert, test, differs, fresh, create, reload } = require('./setup');

/** Saves `attributes`, then what `change` does to a second instance; gives back the object as stored. */
async function changed(attributes, change) {
  const object = await create(fresh(), attributes);
  const other = Parse.Object.fromJSON({ className: object.className, objectId: object.id });
  change(other);
  await other.save();
  return reload(object);
}

test('set replaces one field and leaves the others', async () => {
  const object = await changed({ a: 1, b: 'b' }, it => it.set('a', 2));
  assert.equal(object.get('a'), 2);
  assert.equal(object.get('b'), 'b');
});

test('set takes several fields at once', async () => {
  const object = await changed({ a: 1 }, it => it.set({ a: 5, c: 'new' }));
  assert.equal(object.get('a'), 5);
  assert.equal(object.get('c'), 'new');
});

test('unset removes a field', async () => {
  const object = await changed({ a: 1, b: 2 }, it => it.unset('a'));
  assert.ok(!object.has('a'));
  assert.ok(!('a' in object.attributes));
  assert.equal(object.get('b'), 2);
});

test('a field that was unset can be set again', async () => {
  const object = await create(fresh(), { a: 1 });
  object.unset('a');
  await object.save();
  await object.save({ a: 3 });
  assert.equal((await reload(object)).get('a'), 3);
});

test('increment adds one, or the amount given', async () => {
  const object = await changed({ a: 1, b: 1 }, it => {
    it.increment('a');
    it.increment('b', 10);
  });
  assert.equal(object.get('a'), 2);
  assert.equal(object.get('b'), 11);
});

test('decrement takes one away, or the amount given', async () => {
  const object = await changed({ a: 1, b: 1 }, it => {
    it.decrement('a');
    it.decrement('b', 10);
  });
  assert.equal(object.get('a'), 0);
  assert.equal(object.get('b'), -9);
});

test('increment by a fraction keeps the fraction', async () => {
  assert.equal((await changed({ a: 1 }, it => it.increment('a', 0.5))).get('a'), 1.5);
});

test('increment of a missing field starts at zero', async () => {
  assert.equal((await changed({ other: 1 }, it => it.increment('fresh', 3))).get('fresh'), 3);
});

test('increment tells the new value to the client who asked', async () => {
  const object = await create(fresh(), { score: 1 });
  const stale = Parse.Object.fromJSON({ className: object.className, objectId: object.id, score: 1 });
  await object.save({ score: 100 });
  stale.increment('score', 5);
  await stale.save();
  assert.equal(stale.get('score'), 105);
});

test('twenty concurrent increments are all counted', async () => {
  const object = await create(fresh(), { hits: 0 });
  await Promise.all(Array.from({ length: 20 }, () => {
    const mine = Parse.Object.fromJSON({ className: object.className, objectId: object.id });
    mine.increment('hits');
    return mine.save();
  }));
  assert.equal((await reload(object)).get('hits'), 20);
});

test('add appends and keeps the order', async () => {
  const object = await changed({ list: ['c', 'a'] }, it => it.add('list', 'b'));
  assert.deepEqual(object.get('list'), ['c', 'a', 'b']);
});

test('add keeps duplicates', async () => {
  const object = await changed({ list: ['a'] }, it => it.add('list', 'a'));
  assert.deepEqual(object.get('list'), ['a', 'a']);
});

test('add on a missing field makes a list', async () => {
  assert.deepEqual((await changed({ n: 1 }, it => it.add('list', 'x'))).get('list'), ['x']);
});

test('addAll appends every element', async () => {
  const object = await changed({ list: [9] }, it => it.addAll('list', [2, 1]));
  assert.deepEqual(object.get('list'), [9, 2, 1]);
});

differs('addUnique adds only what is not there', async () => {
  const object = await changed({ list: ['b', 'a'] }, it => {
    it.addUnique('list', 'a');
    it.addUnique('list', 'c');
  });
  assert.deepEqual(object.get('list'), ['b', 'a', 'c']);
});

test('addAllUnique compares objects by their content', async () => {
  const object = await changed({ list: [{ a: 1 }] }, it => it.addAllUnique('list', [{ a: 1 }, { a: 2 }]));
  assert.equal(object.get('list').length, 2);
});

test('addUnique of a pointer that is there changes nothing', async () => {
  const tag = await create(fresh('Tag'));
  const object = await changed({ tags: [tag] }, it => it.addUnique('tags', tag));
  assert.deepEqual(object.get('tags').map(it => it.id), [tag.id]);
});

test('remove takes out every equal element and keeps the order of the rest', async () => {
  const object = await changed({ list: ['z', 'x', 'a', 'x', 'm'] }, it => it.remove('list', 'x'));
  assert.deepEqual(object.get('list'), ['z', 'a', 'm']);
});

test('removeAll takes out objects by their content', async () => {
  const object = await changed({ list: [{ a: 1 }, { a: 2 }] }, it => it.removeAll('list', [{ a: 1 }]));
  assert.deepEqual(object.get('list'), [{ a: 2 }]);
});

test('remove takes a pointer out of a list', async () => {
  const [one, two] = [await create(fresh('Tag')), await create(fresh('Tag'))];
  const object = await changed({ tags: [one, two] }, it => it.remove('tags', one));
  assert.deepEqual(object.get('tags').map(it => it.id), [two.id]);
});

test('remove of what is not there leaves the list', async () => {
  assert.deepEqual((await changed({ list: ['a'] }, it => it.remove('list', 'zzz'))).get('list'), ['a']);
});

test('operations before the first save make the value', async () => {
  const object = new Parse.Object(fresh());
  object.increment('count', 4);
  object.add('list', 1);
  object.addUnique('set', 'x');
  object.set('text', 'hi');
  await object.save();
  const again = await reload(object);
  assert.equal(again.get('count'), 4);
  assert.deepEqual(again.get('list'), [1]);
  assert.deepEqual(again.get('set'), ['x']);
  assert.equal(again.get('text'), 'hi');
});

test('several kinds of operations go in one save', async () => {
  const object = await changed({ n: 1, list: ['a', 'b'], gone: true, text: 'x' }, it => {
    it.increment('n', 2);
    it.remove('list', 'a');
    it.unset('gone');
    it.set('text', 'y');
  });
  assert.deepEqual(
    [object.get('n'), object.get('list'), object.get('gone'), object.get('text')],
    [3, ['b'], undefined, 'y'],
  );
});

test('a dotted key sets one nested value and keeps its siblings', async () => {
  const object = await changed({ o: { a: 0, b: 'keep' } }, it => it.set('o.a', 1));
  assert.deepEqual(object.get('o'), { a: 1, b: 'keep' });
});

test('a dotted key adds a nested value that was not there', async () => {
  const object = await changed({ o: { a: 1 } }, it => it.set('o.new', [1, 2]));
  assert.deepEqual(object.get('o'), { a: 1, new: [1, 2] });
});

differs('a dotted key goes three levels down and makes missing parents', async () => {
  const object = await changed({ o: { a: { x: 1 } } }, it => {
    it.set('o.a.y', 2);
    it.set('o.b.c', 3);
  });
  assert.deepEqual(object.get('o'), { a: { x: 1, y: 2 }, b: { c: 3 } });
});

test('a dotted key increments a nested number', async () => {
  const object = await changed({ o: { count: 4, other: true } }, it => it.increment('o.count', 2));
  assert.deepEqual(object.get('o'), { count: 6, other: true });
});

test('a dotted key increments by a fraction', async () => {
  assert.deepEqual((await changed({ o: { n: 1 } }, it => it.increment('o.n', 0.5))).get('o'), { n: 1.5 });
});

test('a dotted key unsets a nested value', async () => {
  const object = await changed({ o: { a: 1, b: 2 } }, it => it.unset('o.a'));
  assert.deepEqual(object.get('o'), { b: 2 });
});

differs('a dotted key adds to a nested list', async () => {
  const object = await changed({ o: { list: ['b'] } }, it => it.add('o.list', 'a'));
  assert.deepEqual(object.get('o'), { list: ['b', 'a'] });
});

test('changes of several nested keys at once are merged', async () => {
  const object = await changed({ o: { a: 1, b: 2, c: 3 } }, it => {
    it.set('o.a', 'x');
    it.unset('o.b');
    it.increment('o.c');
  });
  assert.deepEqual(object.get('o'), { a: 'x', c: 4 });
});

test('two clients who change different nested keys both win', async () => {
  const object = await create(fresh(), { o: { a: 0, b: 0 } });
  const mine = await reload(object);
  const theirs = await reload(object);
  mine.set('o.a', 'mine');
  theirs.set('o.b', 'theirs');
  await Promise.all([mine.save(), theirs.save()]);
  assert.deepEqual((await reload(object)).get('o'), { a: 'mine', b: 'theirs' });
});
