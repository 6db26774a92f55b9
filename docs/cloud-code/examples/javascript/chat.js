/* A chat: rooms with members, messages that only they read, unread counters, edits and deletions that show. */

const MASTER = { useMasterKey: true };

const readableBy = ids => {
  const acl = new Parse.ACL();
  ids.forEach(id => acl.setReadAccess(id, true));
  return acl;
};

Parse.Cloud.define(
  'createRoom',
  async ({ params, user }) => {
    const names = [user.get('username'), ...(params.members ?? [])];
    const members = await new Parse.Query(Parse.User).containedIn('username', names).ascending('username').find(MASTER);
    const room = new Parse.Object('Room', { name: params.name, members, messages: 0, unread: {} });
    room.setACL(readableBy(members.map(member => member.id)));
    return room.save(null, MASTER);
  },
  { requireUser: true, fields: { name: { type: String, required: true } } },
);

Parse.Cloud.beforeSave(
  'Message',
  async ({ object: message, user, context }) => {
    if (!message.isNew()) {
      message.revert('room', 'sender');
      message.set('edited', true);
      return;
    }
    const text = String(message.get('text') ?? '').trim();
    if (!text || text.length > 1000) {
      throw new Parse.Error(Parse.Error.VALIDATION_ERROR, 'A message has 1 to 1000 characters');
    }
    const room = await message.get('room').fetch(MASTER);
    const members = room.get('members').map(member => member.id);
    if (!members.includes(user.id)) {
      throw new Parse.Error(Parse.Error.OPERATION_FORBIDDEN, 'You are not in this room');
    }
    const acl = readableBy(members);
    acl.setWriteAccess(user, true);
    message.set({ text, sender: user });
    message.setACL(acl);
    context.members = members;
  },
  { requireUser: true, skipWithMasterKey: true },
);

Parse.Cloud.afterSave('Message', async ({ object: message, original, user, context }) => {
  if (original) {
    return;
  }
  const room = Parse.Object.fromJSON({ className: 'Room', objectId: message.get('room').id });
  room.increment('messages').set('lastText', message.get('text'));
  for (const member of context.members ?? []) {
    if (member !== user.id) {
      room.increment(`unread.${member}`);
    }
  }
  await room.save(null, MASTER);
});

Parse.Cloud.define(
  'markRead',
  async ({ params, user }) => {
    const room = await new Parse.Query('Room').get(params.room, { sessionToken: user.getSessionToken() });
    const before = room.get('unread')[user.id] ?? 0;
    await room.save({ [`unread.${user.id}`]: 0 }, MASTER);
    return before;
  },
  { requireUser: true, fields: ['room'] },
);

Parse.Cloud.beforeFind('Message', ({ query }) => {
  if (!query.toJSON().order) {
    query.descending('createdAt');
  }
});

Parse.Cloud.afterFind('Message', ({ objects }) => {
  objects.filter(message => message.get('deleted')).forEach(message => message.set('text', '(deleted)'));
});

Parse.Cloud.beforeSubscribe('Message', ({ query }) => query.notEqualTo('deleted', true), { requireUser: true });
