// Handlers of writes that are part of a transaction, and what they ask meanwhile.
Parse.Cloud.beforeSave('Step', async ({ object }) => {
  const found = await new Parse.Query('Step').find({ useMasterKey: true });
  object.set('before', found.length);
  await new Parse.Object('Trace', { n: object.get('n') }).save();
  if (object.get('n') === 99) throw 'no more';
});
Parse.Cloud.beforeSave('Slow', ({ object }) => {
  const asking = async () => {
    for (let i = 0; i < 200; i++) await new Parse.Object('Late', { i }).save().catch(() => {});
  };
  asking();
  return object.get('hang') ? new Promise(() => {}) : undefined;
});
