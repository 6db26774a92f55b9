/* A marketplace: listings that go from draft to sold, bids that must be higher, mails to who was outbid, moderators. */

const MASTER = { useMasterKey: true };
const NEXT = { draft: ['draft', 'active'], active: ['active', 'sold', 'withdrawn'], sold: ['sold'], withdrawn: [] };

Parse.Cloud.beforeSave(
  'Listing',
  ({ object: listing, original, user }) => {
    if (!original) {
      const acl = new Parse.ACL(user);
      acl.setPublicReadAccess(true);
      listing.set({ seller: user, highest: 0, status: listing.get('status') ?? 'draft' });
      listing.setACL(acl);
    }
    const state = original?.get('status') ?? 'draft';
    if (!NEXT[state].includes(listing.get('status'))) {
      const text = `A listing that is ${state} cannot become ${listing.get('status')}`;
      throw new Parse.Error(Parse.Error.VALIDATION_ERROR, text);
    }
  },
  {
    requireUser: true,
    fields: {
      title: { type: String, required: true },
      price: { type: Number, required: true, options: price => price >= 0 },
      currency: { type: String, default: 'EUR', options: ['EUR', 'USD'] },
    },
  },
);

Parse.Cloud.beforeSave(
  'Bid',
  async ({ object: bid, user, context }) => {
    if (!bid.isNew()) {
      throw 'A bid stands';
    }
    const listing = await bid.get('listing').fetch(MASTER);
    if (listing.get('status') !== 'active') {
      throw 'Bids are for active listings';
    }
    if (listing.get('seller').equals(user)) {
      throw 'Sellers do not bid';
    }
    if (!(bid.get('amount') > listing.get('highest'))) {
      throw new Parse.Error(Parse.Error.VALIDATION_ERROR, `Bid more than ${listing.get('highest')}`);
    }
    bid.set('bidder', user);
    bid.setACL(new Parse.ACL(user));
    context.outbid = listing.get('leader')?.id ?? null;
  },
  { requireUser: true, requireUserKeys: ['phone'] },
);

Parse.Cloud.afterSave('Bid', async ({ object: bid, context }) => {
  const listing = await bid.get('listing').fetch(MASTER);
  await listing.save({ highest: bid.get('amount'), leader: bid.get('bidder') }, MASTER);
  if (context.outbid) {
    const outbid = await new Parse.Query(Parse.User).get(context.outbid, MASTER);
    const text = `${listing.get('title')}: ${bid.get('amount')}`;
    await Parse.Cloud.sendEmail({ to: outbid.get('email'), subject: 'You were outbid', text });
  }
});

Parse.Cloud.define(
  'buyNow',
  async ({ params, user }) => {
    const listing = await new Parse.Query('Listing').get(params.listing, MASTER);
    if (listing.get('status') !== 'active') {
      throw 'It is gone';
    }
    return listing.save({ status: 'sold', buyer: user }, MASTER);
  },
  { requireUser: true, fields: ['listing'] },
);

Parse.Cloud.define(
  'ban',
  async ({ params }) => {
    const user = await new Parse.Query(Parse.User).equalTo('username', params.user).first(MASTER);
    if (!user) {
      throw new Parse.Error(Parse.Error.OBJECT_NOT_FOUND, 'There is no such user');
    }
    await user.save({ banned: true }, MASTER);
    return true;
  },
  { requireAnyUserRoles: ['moderator'], fields: { user: { type: String, required: true } } },
);

Parse.Cloud.beforeLogin(({ object: user }) => {
  if (user.get('banned')) {
    throw 'You are banned';
  }
});
