// Triggers of saves and deletes (`contract/cloud.md` §4.3–4.6). What they saw is kept for `seen`.
let seen = [];
const note = what => seen.push(what);
Parse.Cloud.define('seen', () => {
  const all = seen;
  seen = [];
  return all;
});

Parse.Cloud.beforeSave('Review', ({ object }) => {
  if (object.get('stars') > 5) throw 'too many stars';
  if (object.get('stars') < 0) throw new Parse.Error(400, 'too few stars');
  if (object.has('text') && object.dirty('text')) object.set('length2', object.get('text').length);
});

Parse.Cloud.beforeSave('Watched', ({ object, original, triggerName, isNew }) => {
  note({
    triggerName,
    id: object.id ?? null,
    isNew: object.isNew(),
    existed: object.existed(),
    dirty: object.dirtyKeys().sort(),
    values: object.toJSON(),
    original: original ? original.toJSON() : null,
    pointer: object.get('author') ? object.get('author').id : null,
    acl: object.getACL() ? object.getACL().toJSON() : null,
  });
});
Parse.Cloud.afterSave('Watched', ({ object, original }) => {
  note({ after: true, id: Boolean(object.id), dirty: object.dirty(), existed: object.existed(), original: Boolean(original) });
});

Parse.Cloud.beforeSave('Counter', ({ object }) => {
  if (object.get('by')) object.increment('total', object.get('by'));
});
Parse.Cloud.beforeSave('Nested', () => {});
Parse.Cloud.beforeSave('Unsetting', ({ object }) => object.unset('gone'));
Parse.Cloud.beforeSave('Reverting', ({ object }) => object.revert('kept'));
Parse.Cloud.beforeSave('Growing', ({ object }) => {
  object.add('list', 'last');
  object.addUnique('set', 'one');
  object.remove('rest', 'x');
});
Parse.Cloud.beforeSave('Linked', async ({ object }) => {
  const leaf = await new Parse.Object('Leaf').save({ from: 'trigger' });
  object.relation('leaves').add(leaf);
});
Parse.Cloud.beforeSave('Forbidden', ({ object }) => object.set(object.get('name'), 1));
Parse.Cloud.beforeSave('Returning', ({ object }) => {
  object.set('changed', true);
  return { true: true, object, promise: Promise.resolve({ some: 'thing' }), text: 'text' }[object.get('what')];
});
Parse.Cloud.beforeSave('Replaced', async () => ({ object: { entirely: 'new', n: { __op: 'Increment', amount: 2 } } }));
Parse.Cloud.beforeSave('Mutated', ({ object }) => {
  object.get('map').inner = 1;
  object.get('list').push(2);
});
Parse.Cloud.beforeSave('Identified', ({ object }) => object.set('seenId', object.id ?? null));
Parse.Cloud.beforeSave('Acl', ({ object }) => {
  const acl = new Parse.ACL();
  acl.setPublicReadAccess(true);
  object.setACL(acl);
});
Parse.Cloud.beforeSave(Parse.Role, ({ object }) => object.set('description', `role ${object.getName()}`));
Parse.Cloud.beforeSave(Parse.User, ({ object }) => {
  if (object.dirty('password')) note({ password: object.get('password') });
});
Parse.Cloud.beforeSave('Private', () => note('ran'));

Parse.Cloud.afterSave('Failing', () => Promise.reject(new Error('too late')));
Parse.Cloud.afterSave('Shown', ({ object }) => {
  object.set('extra', { a: 1 });
  object.unset('hidden');
});
Parse.Cloud.afterSave('SavedAgain', async ({ object }) => {
  if (!object.get('again')) await object.save({ again: true }, { useMasterKey: true });
});
Parse.Cloud.afterSave('Body', ({ object }) => {
  const returns = { json: { foo: 'json' }, text: 'text', empty: {}, object: object.clone().set('other', 1) };
  return returns[object.get('what')];
});
Parse.Cloud.beforeSave('Context', request => {
  request.context = request.object.get('whole') ? { whole: true } : Object.assign(request.context, { added: 1 });
});
Parse.Cloud.afterSave('Context', ({ context, object }) => object.set('context', context));

Parse.Cloud.beforeDelete('Kept', ({ object }) => {
  if (object.get('keep')) throw 'it stays';
});
Parse.Cloud.afterDelete('Kept', ({ object }) => {
  note({ deleted: object.get('name') });
  if (object.get('complain')) throw new Parse.Error(77, 'it is gone');
});

Parse.Cloud.beforeSave('Attached', ({ object, original }) => {
  const file = object.get('file');
  object.set({ copy: file, addresses: [file.url(), original ? original.get('file').url() : null] });
});
Parse.Cloud.afterFind('Attached', ({ objects }) => {
  objects.forEach(object => object.set('found', object.get('copy').url()));
});
