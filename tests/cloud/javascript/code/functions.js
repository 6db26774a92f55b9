// Functions of every shape (`contract/cloud.md` §2).
Parse.Cloud.define('hello', () => 'Hello world!');
Parse.Cloud.define('nothing', () => {});
Parse.Cloud.define('null', async () => null);
Parse.Cloud.define('echo', request => request.params);

Parse.Cloud.define('raise', async request => {
  const what = {
    text: () => 'a text',
    error: () => new Error('an error'),
    parse: () => new Parse.Error(999, 'of its own'),
    missing: () => new Parse.Error(101, 'not there'),
    internal: () => new Parse.Error(1, 'inside'),
    null: () => null,
    undefined: () => undefined,
    message: () => ({ message: 'in an object', code: 7 }),
    object: () => ({ some: 'thing' }),
    number: () => 42,
    list: () => [1, 2],
  }[request.params.what];
  throw what();
});
Parse.Cloud.define('undefinedName', () => doesNotExist.anywhere);

Parse.Cloud.define('kinds', ({ params }) => {
  const kind = value => {
    if (Array.isArray(value)) return value.map(kind);
    if (value instanceof Date) return `Date ${value.toISOString()}`;
    if (value instanceof Parse.File) return `File ${value.name()}`;
    if (value instanceof Parse.Object) return `Object ${value.className} ${value.id}`;
    if (value && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, kind(item)]));
    }
    return value;
  };
  return kind(params);
});

Parse.Cloud.define('saved', async () => {
  const author = await new Parse.Object('Author').save({ name: 'Ada' });
  return new Parse.Object('Book').save({ title: 'Notes', author });
});
Parse.Cloud.define('changed', async () => {
  const book = await new Parse.Object('Book').save({ title: 'Notes' });
  return book.set('title', 'Other');
});
Parse.Cloud.define('unsaved', () => new Parse.Object('Book'));
Parse.Cloud.define('values', () => ({
  date: new Date(0),
  place: new Parse.GeoPoint(1, 2),
  file: Parse.File.fromJSON({ __type: 'File', name: 'a.txt', url: 'http://files.example/a.txt' }),
  bytes: { __type: 'Bytes', base64: 'AAE=' },
  odd: [NaN, Infinity, undefined],
  acl: new Parse.ACL({ '*': { read: true } }),
}));

Parse.Cloud.define('response', (request, response) => {
  response.status(201).header('X-Foo', 'bar').success({ made: true });
});
Parse.Cloud.define('returned', async (request, response) => {
  response.status(202);
  return 'later';
});
Parse.Cloud.define('silent', (request, response) => {});
Parse.Cloud.define('silentAsync', async (request, response) => {});
Parse.Cloud.define('legacy', (request, response) => {
  setTimeout(() => response.success('by a callback'), 300);
});
Parse.Cloud.define('refusing', (request, response) => response.status(418).header('X-Tea', 'pot').error('no coffee'));
Parse.Cloud.define('refusingWithParseError', (request, response) => response.error(new Parse.Error(123, 'own code')));
Parse.Cloud.define('twice', (request, response) => {
  response.success('first');
  response.success('second');
});

Parse.Cloud.define('request', request => ({
  user: request.user && request.user.get('nickname'),
  isUser: request.user instanceof Parse.User,
  token: Boolean(request.user && request.user.getSessionToken()),
  master: request.master,
  isReadOnly: request.isReadOnly,
  installationId: request.installationId ?? null,
  functionName: request.functionName,
  ip: request.ip,
  header: request.headers['x-own'] ?? null,
  context: request.context,
  log: ['error', 'warn', 'info', 'verbose', 'debug', 'silly'].every(level => typeof request.log[level] === 'function'),
  version: request.config.version,
}));

Parse.Cloud.define('inner', async ({ params, user }) => {
  const options = params.as === 'user' ? { sessionToken: user.getSessionToken() } : params.as === 'master' ? { useMasterKey: true } : {};
  return Parse.Cloud.run('request', {}, { ...options, context: { from: 'inner' } });
});
Parse.Cloud.define('badContext', () => Parse.Cloud.run('request', {}, { context: { run: () => {} } }));
Parse.Cloud.define('unknownInner', () => Parse.Cloud.run('nope'));
Parse.Cloud.define('upload', ({ params }) => ({
  text: params.text,
  filename: params.file.filename,
  contentType: params.file.contentType,
  content: Buffer.isBuffer(params.file.data) && params.file.data.toString(),
}));
Parse.Cloud.define('deep', ({ params }) => (params.depth > 0 ? Parse.Cloud.run('deep', { depth: params.depth - 1 }) : 'bottom'));
Parse.Cloud.define('batch', async () => {
  const [one, two] = await Parse.Object.saveAll([new Parse.Object('Leaf', { n: 1 }), new Parse.Object('Leaf', { n: 2 })]);
  const found = await new Parse.Query('Leaf').containedIn('objectId', [one.id, two.id]).ascending('n').find();
  await Parse.Object.destroyAll(found);
  return [found.map(leaf => leaf.get('n')), await new Parse.Query('Leaf').equalTo('objectId', one.id).count()];
});
Parse.Cloud.define('shared', () => require('parse/node') === Parse && require('parse') === Parse);
Parse.Cloud.define('server', () => {
  const { appId, masterKey, version, RateLimitZone } = Parse.Server;
  return { appId, same: masterKey === Parse.masterKey, version, zone: RateLimitZone.user, id: Parse.applicationId };
});
Parse.Cloud.define('configure', async () => {
  const options = Parse.Server;
  options.silent = true;
  Parse.Server = options;
  return Parse.Server.silent;
});
Parse.Cloud.define('refused', async () => {
  try {
    await new Parse.Query('_Installation').find();
  } catch (error) {
    return [error instanceof Parse.Error, error.code, error.message];
  }
  return 'allowed';
});
