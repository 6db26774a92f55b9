// Files, the config, live queries and jobs (`contract/cloud.md` §4.10–4.12, §5).
const settings = {};
Parse.Cloud.define('say', ({ params }) => {
  Object.assign(settings, params);
});
let seen = [];
const note = what => seen.push(what);
Parse.Cloud.define('seen', () => {
  const all = seen;
  seen = [];
  return all;
});

Parse.Cloud.beforeSave(Parse.File, async ({ file, fileSize, triggerName, user, context }) => {
  note({ triggerName, name: file.name(), data: await file.getData(), fileSize, tags: file.tags(), context: typeof context });
  switch (file.name()) {
    case 'mutated.txt':
      file.addMetadata('by', 'trigger');
      file.addTag('tag', 'x');
      file.setDirectory('folder');
      return undefined;
    case 'replaced.txt':
      return new Parse.File('other.txt', [65, 66], 'text/plain', { a: 1 }, { b: '2' });
    case 'stored.txt':
      return Parse.File.fromJSON({ __type: 'File', name: 'there.txt', url: 'http://files.example/there.txt' });
    case 'text.txt':
      throw 'a text';
    case 'parse.txt':
      throw new Parse.Error(999, 'own');
    case 'nothing.txt':
      return Promise.reject();
  }
});
Parse.Cloud.afterSave(Parse.File, ({ file, fileSize }) => note({ saved: file.name(), url: file.url(), fileSize }));
Parse.Cloud.beforeDelete(Parse.File, ({ file }) => {
  note({ deleting: file.name(), url: file.url() });
  throw undefined;
});
Parse.Cloud.beforeFind(Parse.File, ({ file }) => (file.name() === 'old.txt' ? { file: new Parse.File('new.txt', { base64: '' }) } : undefined));
Parse.Cloud.afterFind(Parse.File, request => {
  request.forceDownload = true;
  request.responseHeaders['X-Extra'] = 'yes\r\nX-Evil: 1';
  delete request.responseHeaders['X-Content-Type-Options'];
  if (request.file.name() === 'changed.txt') return { file: new Parse.File('changed.html', { base64: Buffer.from('<p>').toString('base64') }, 'text/html') };
});

Parse.Cloud.beforeSave(Parse.Config, ({ object, original, context }) => {
  note({ config: object.get('a') ?? null, before: original ? original.get('a') ?? null : 'none' });
  if (object.get('a') === 'text') throw 'not this';
  if (object.get('a') === 'parse') throw new Parse.Error(88, 'nor this');
  if (object.get('a') === 'nothing') throw null;
});
Parse.Cloud.afterSave(Parse.Config, ({ object }) => note({ after: object.get('a'), other: object.get('b') ?? null }));

Parse.Cloud.beforeConnect(request => {
  note({ connect: request.event, clients: request.clients, user: request.user ? request.user.id : null });
  if (request.sessionToken === 'bad') throw new Parse.Error(200, 'no entry');
});
Parse.Cloud.beforeSubscribe('Watched', ({ query, op }) => {
  note({ op, where: { ...query.toJSON().where } });
  query.equalTo('name', 'ada').select('name', 'age');
});
Parse.Cloud.beforeSubscribe('Replacing', () => new Parse.Query('Replacing').greaterThan('n', 1));
Parse.Cloud.afterLiveQueryEvent('Watched', request => {
  note({ event: request.event, name: request.object.get('name'), original: request.original ? request.original.get('name') : null });
  request.object.set('seen', true);
  if (request.event === 'leave') request.sendEvent = false;
  if (request.event === 'enter') request.event = 'create';
});
Parse.Cloud.onLiveQueryEvent(({ event, clients }) => note({ live: event, clients }));

Parse.Cloud.define('services', async () => {
  const jobs = await Parse.Cloud.getJobsData();
  const id = await Parse.Cloud.startJob('work', { n: 5, text: 'started inside' });
  Parse.Cloud.useMasterKey();
  const mail = await Parse.Cloud.sendEmail({ to: 'a@example.com', subject: 's', text: 't' });
  return { jobs, mail: mail ?? null, status: (await Parse.Cloud.getJobStatus(id)).className };
});
Parse.Cloud.define('fetch', async ({ params: { fail, ...options } }) => {
  try {
    const { status, text, data, headers, cookies, buffer } = await Parse.Cloud.httpRequest(options);
    return { status, text, data: data ?? null, own: headers['x-own'], cookie: cookies.c?.value ?? null, isBuffer: Buffer.isBuffer(buffer) };
  } catch (refused) {
    return { refused: refused.status ?? refused.message };
  }
});

Parse.Cloud.job('work', async ({ params, message, jobName, jobId, log }) => {
  await message('half way');
  note({ jobName, jobId: Boolean(jobId), n: params.n, date: params.at instanceof Date });
  if (params.fail) throw params.fail;
  return params.text;
});
