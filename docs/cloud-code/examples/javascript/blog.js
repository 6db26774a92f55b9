/* A blog: posts with slugs, comments that are counted, names of authors kept beside what they wrote. */

const ownedBy = user => {
  const acl = new Parse.ACL(user);
  acl.setPublicReadAccess(true);
  return acl;
};

const slugOf = title => title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');

Parse.Cloud.beforeSave(
  'Post',
  ({ object: post, user }) => {
    const title = String(post.get('title') ?? '').trim();
    if (!title) {
      throw new Parse.Error(Parse.Error.VALIDATION_ERROR, 'A post needs a title');
    }
    post.set('title', title);
    post.set('slug', slugOf(title));
    post.set('words', (post.get('body') ?? '').split(/\s+/).filter(Boolean).length);
    if (post.isNew() && user) {
      post.set({ author: user, authorName: user.get('username'), commentCount: 0 });
      post.setACL(ownedBy(user));
    }
  },
  { requireUser: true },
);

Parse.Cloud.beforeDelete('Post', ({ object: post }) => {
  if (post.get('commentCount') > 0) {
    throw new Parse.Error(Parse.Error.OPERATION_FORBIDDEN, 'A post with comments stays');
  }
});

Parse.Cloud.beforeSave(
  'Comment',
  async request => {
    const { object: comment, user } = request;
    const length = (comment.get('text') ?? '').length;
    if (length < 1 || length > 500) {
      throw 'A comment has 1 to 500 characters';
    }
    if (comment.isNew() && user) {
      comment.set({ author: user, authorName: user.get('username') });
      comment.setACL(ownedBy(user));
    }
  },
  { requireUser: true, fields: { post: { required: true } } },
);

const count = (post, difference) => post.increment('commentCount', difference).save(null, { useMasterKey: true });

Parse.Cloud.afterSave('Comment', async ({ object, original }) => {
  if (!original) {
    await count(object.get('post'), 1);
  }
});

Parse.Cloud.afterDelete('Comment', ({ object }) => count(object.get('post'), -1));

// Names are kept beside posts, so that a list of posts needs no second query.
Parse.Cloud.afterSave(Parse.User, async ({ object: user, original }) => {
  if (!original || original.get('username') === user.get('username')) {
    return;
  }
  const posts = new Parse.Query('Post').equalTo('author', user);
  await posts.each(post => post.save({ authorName: user.get('username') }, { useMasterKey: true }), { useMasterKey: true });
});

Parse.Cloud.define(
  'popularPosts',
  async ({ params }) => {
    const posts = await new Parse.Query('Post')
      .greaterThan('commentCount', 0)
      .descending('commentCount')
      .limit(params.limit)
      .find();
    return posts.map(post => ({ title: post.get('title'), comments: post.get('commentCount') }));
  },
  { fields: { limit: { type: Number, default: 10 } } },
);
