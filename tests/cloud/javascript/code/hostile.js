// What a handler should not do.
const forever = () => new Promise(() => {});
Parse.Cloud.define('fine', () => 'fine');
Parse.Cloud.define('hang', forever);
Parse.Cloud.define('exit', () => process.exit(3));
Parse.Cloud.define('kill', () => process.kill(process.pid, 'SIGKILL'));
Parse.Cloud.define('loop', () => {
  for (;;);
});
Parse.Cloud.define('unhandled', () => {
  Promise.reject(new Error('nobody waits for this'));
  setTimeout(() => {
    throw new Error('nobody catches this');
  }, 1);
  return 'answered';
});
Parse.Cloud.define('huge', ({ params }) => 'x'.repeat(params.size));
Parse.Cloud.define('circular', () => {
  const value = {};
  value.self = value;
  return value;
});
Parse.Cloud.define('bigint', () => 10n);
Parse.Cloud.define('nested', ({ params }) => {
  let value = 1;
  for (let i = 0; i < params.levels; i++) value = i % 2 ? [value] : { value };
  return value;
});
Parse.Cloud.define('halfCharacters', () => ({ text: 'a\ud800b', ['key\udc00']: '😀 \\ud800 "\ud83d"' }));
Parse.Cloud.define('polluting', () => JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "fine": 1}'));
Parse.Cloud.define('isPolluted', () => ({}).polluted ?? false);
Parse.Cloud.define('recurse', ({ params }) => Parse.Cloud.run('recurse', params));
Parse.Cloud.define('query', async ({ params }) => {
  await new Parse.Object('Asked', { n: params.n }).save();
  const found = await new Parse.Query('Asked').equalTo('n', params.n).find();
  return Parse.Cloud.run('queryAgain', { n: found[0].get('n') });
});
Parse.Cloud.define('queryAgain', async ({ params }) => (await new Parse.Query('Asked').equalTo('n', params.n).first()).get('n'));
Parse.Cloud.define('printing', request => {
  console.log('printed', { a: 1 });
  request.log.error('logged');
  return 'ok';
});
Parse.Cloud.define('env', () => process.pid);

Parse.Cloud.beforeSave('Recursive', ({ object }) => new Parse.Object('Recursive', { n: object.get('n') }).save());
Parse.Cloud.beforeSave('Hanging', forever);
Parse.Cloud.beforeSave('Fine', ({ object }) => object.set('seen', true));
Parse.Cloud.afterSave('AfterFine', () => {});
Parse.Cloud.beforeSave('Rubbish', async () => ({ object: 'rubbish' }));
Parse.Cloud.beforeSave('BadOperation', async () => ({ object: { a: { __op: 'Nonsense' } } }));
Parse.Cloud.beforeSave('BadKey', async () => ({ object: { 'bad key!': 1 } }));
Parse.Cloud.beforeSave('Cyclic', ({ object }) => {
  const value = {};
  value.self = value;
  object.set('value', value);
});
Parse.Cloud.afterFind('Deep', () => {
  let value = 1;
  for (let i = 0; i < 100000; i++) value = [value];
  return value;
});
Parse.Cloud.beforeFind('BadQuery', ({ query }) => query.withJSON({ where: { $nonsense: 1 }, limit: -5 }));
// Straight to the server, past the SDK: what it was never asked for.
Parse.Cloud.define('rawFrames', async () => {
  const send = frame => require('node:fs').writeSync(Number(process.argv[2]), frame);
  const framed = text => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(Buffer.byteLength(text));
    return Buffer.concat([header, Buffer.from(text)]);
  };
  for (const frame of [
    { type: 'reply', id: 987654, success: 1 }, { type: 'reply', id: '__proto__' }, { type: 'reply' }, { type: 'nonsense' },
    { type: 'rest', id: 1, method: 'TRACE', path: 1, body: [] }, { type: 'rest', id: {}, method: 'GET', path: 'classes/A\u0000', body: {} },
    { type: 'manifest2' }, { type: 'options', changes: [1] }, { type: 'options', changes: { appId: 'other', nonsense: 1, maxLimit: 'x' } },
    { type: 'log', level: 5, text: { a: 1 } }, { type: 'message', for: 'x', text: 1 }, { type: 'mail', data: 7, id: 2 },
  ]) {
    send(framed(JSON.stringify(frame)));
  }
  return 'sent';
});
Parse.Cloud.define('noJson', () => {
  require('node:fs').writeSync(Number(process.argv[2]), Buffer.from([0, 0, 0, 3, 1, 2, 3]));
  return forever();
});
Parse.Cloud.define('tooLarge', () => {
  require('node:fs').writeSync(Number(process.argv[2]), Buffer.from([255, 255, 255, 255]));
  return forever();
});
