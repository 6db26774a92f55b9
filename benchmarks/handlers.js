// The Cloud Code that `handler_cost.py` measures in JavaScript: the small change that `handlers.py` makes, and one that asks.
Parse.Cloud.beforeSave('Handled', ({ object }) => {
  object.set('title', (object.get('title') ?? '').trim());
  object.set('checked', true);
});
Parse.Cloud.beforeSave('HandledAsking', async ({ object }) => {
  await new Parse.Query('Plain').equalTo('objectId', 'nobody').first();
  object.set('checked', true);
});
Parse.Cloud.define('nothing', () => {});
