'use strict';
const { Parse, assert, test, fresh, refused, create, createAll, reload, newUser, as, pluck } = require('./setup');

const names = async query => pluck(await query.find()).sort();

/** An owner with a relation `likes` to the objects named. */
async function ownerOf(...named) {
  const items = await createAll(fresh('Item'), named.map(name => ({ name })));
  const owner = new Parse.Object(fresh('Owner'), { name: 'owner' });
  if (items.length) owner.relation('likes').add(items);
  await owner.save();
  return { owner, items };
}

test('a relation gives the objects that were added', async () => {
  const { owner } = await ownerOf('a', 'b');
  assert.deepEqual(await names(owner.relation('likes').query()), ['a', 'b']);
});

test('a relation of an object read from the server knows its target class', async () => {
  const { owner, items } = await ownerOf('a');
  const relation = (await reload(owner)).relation('likes');
  assert.equal(relation.targetClassName, items[0].className);
  assert.deepEqual(await names(relation.query()), ['a']);
});

test('a relation works before its target class is known to the client', async () => {
  const { owner } = await ownerOf('a');
  const blind = Parse.Object.fromJSON(owner.toPointer());
  assert.deepEqual(await names(blind.relation('likes').query()), ['a']);
});

test('objects are taken out of a relation', async () => {
  const { owner, items } = await ownerOf('a', 'b', 'c');
  owner.relation('likes').remove([items[0], items[2]]);
  await owner.save();
  assert.deepEqual(await names(owner.relation('likes').query()), ['b']);
});

test('adding and removing go in one save', async () => {
  const { owner, items } = await ownerOf('a', 'b');
  const more = await create(items[0].className, { name: 'c' });
  owner.relation('likes').remove(items[0]);
  owner.relation('likes').add(more);
  await owner.save();
  assert.deepEqual(await names(owner.relation('likes').query()), ['b', 'c']);
});

test('adding an object twice links it once', async () => {
  const { owner, items } = await ownerOf('a');
  owner.relation('likes').add(items[0]);
  await owner.save();
  assert.equal(await owner.relation('likes').query().count(), 1);
});

test('removing what is not linked does nothing', async () => {
  const { owner, items } = await ownerOf('a');
  const other = await create(items[0].className, { name: 'other' });
  owner.relation('likes').remove(other);
  await owner.save();
  assert.deepEqual(await names(owner.relation('likes').query()), ['a']);
});

test('two owners have their own links', async () => {
  const { owner, items } = await ownerOf('a', 'b');
  const second = new Parse.Object(owner.className);
  second.relation('likes').add(items[1]);
  await second.save();
  assert.deepEqual(await names(owner.relation('likes').query()), ['a', 'b']);
  assert.deepEqual(await names(second.relation('likes').query()), ['b']);
});

test('two relations of one object are separate', async () => {
  const { owner, items } = await ownerOf('a');
  const other = await create(items[0].className, { name: 'z' });
  owner.relation('hates').add(other);
  await owner.save();
  assert.deepEqual(await names(owner.relation('likes').query()), ['a']);
  assert.deepEqual(await names(owner.relation('hates').query()), ['z']);
});

test('a relation query takes conditions, order, limit and skip', async () => {
  const { owner } = await ownerOf('a', 'b', 'c', 'd');
  const query = owner.relation('likes').query().notEqualTo('name', 'b').descending('name').skip(1).limit(1);
  assert.deepEqual(pluck(await query.find()), ['c']);
});

test('a relation query counts', async () => {
  const { owner } = await ownerOf('a', 'b', 'c');
  assert.equal(await owner.relation('likes').query().count(), 3);
  assert.equal(await owner.relation('likes').query().equalTo('name', 'a').count(), 1);
});

test('a relation query includes pointers of the targets', async () => {
  const author = await create(fresh('Author'), { name: 'Ann' });
  const book = await create(fresh('Book'), { author });
  const owner = new Parse.Object(fresh('Owner'));
  owner.relation('books').add(book);
  await owner.save();
  const [found] = await owner.relation('books').query().include('author').find();
  assert.equal(found.get('author').get('name'), 'Ann');
});

test('owners are found by an object they are related to', async () => {
  const { owner, items } = await ownerOf('a', 'b');
  await create(owner.className, { name: 'without' });
  const found = await new Parse.Query(owner.className).equalTo('likes', items[1]).find();
  assert.deepEqual(found.map(it => it.id), [owner.id]);
});

test('owners are found by any of several objects', async () => {
  const { owner, items } = await ownerOf('a', 'b', 'c');
  const second = new Parse.Object(owner.className, { name: 'second' });
  second.relation('likes').add(items[2]);
  await second.save();
  const find = list => names(new Parse.Query(owner.className).containedIn('likes', list));
  assert.deepEqual(await find([items[0], items[2]]), ['owner', 'second']);
  assert.deepEqual(await find([items[0]]), ['owner']);
});

test('a condition on a relation combines with others', async () => {
  const { owner, items } = await ownerOf('a');
  const query = () => new Parse.Query(owner.className).equalTo('likes', items[0]);
  assert.equal(await query().equalTo('name', 'owner').count(), 1);
  assert.equal(await query().equalTo('name', 'nobody').count(), 0);
});

test('a destroyed target leaves the relation', async () => {
  const { owner, items } = await ownerOf('a', 'b');
  await items[0].destroy();
  assert.deepEqual(await names(owner.relation('likes').query()), ['b']);
});

test('a relation is empty when nothing was ever added', async () => {
  const { owner } = await ownerOf('a');
  const lonely = await create(owner.className, { name: 'lonely' });
  assert.deepEqual(await lonely.relation('likes').query().find(), []);
});

test('saving a fetched object with a relation keeps its links', async () => {
  const { owner } = await ownerOf('a');
  await (await reload(owner)).save({ name: 'renamed' });
  assert.deepEqual(await names(owner.relation('likes').query()), ['a']);
});

test('an object of another class is refused', async () => {
  const { owner } = await ownerOf('a');
  const stranger = await create(fresh('Stranger'));
  const again = Parse.Object.fromJSON(owner.toPointer());
  again.relation('likes').add(stranger);
  await refused(again.save(), Parse.Error.INCORRECT_TYPE);
});

test('a user relates to objects, and objects to users', async () => {
  const ann = await newUser('ann');
  const post = await create(fresh('Post'), { name: 'hello' });
  // All users share one class: a field that points to a new class needs a new name.
  const favourites = ann.relation(fresh('favourites'));
  favourites.add(post);
  await ann.save(null, as(ann));
  assert.deepEqual(pluck(await favourites.query().find(as(ann))), ['hello']);
  post.relation('fans').add(ann);
  await post.save();
  const fans = await post.relation('fans').query().find(as(ann));
  assert.deepEqual(fans.map(it => it.id), [ann.id]);
});

test('a relation of 120 objects gives all of them', async () => {
  const items = await createAll(fresh('Item'), Array.from({ length: 120 }, (_, n) => ({ n })), { batchSize: 60 });
  const owner = new Parse.Object(fresh('Owner'));
  owner.relation('items').add(items);
  await owner.save();
  assert.equal(await owner.relation('items').query().count(), 120);
});
