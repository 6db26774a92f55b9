// Validators of every form (`contract/cloud.md` §3): as data, which the server checks, and with functions.
const fields = {
  String: { type: String }, Number: { type: Number }, Boolean: { type: Boolean }, Array: { type: Array },
  Object: { type: Object }, Date: { type: Date },
};
// The same rules twice: a function in them moves the whole validator to Node.
const always = { options: () => true };
const both = (name, rules) => {
  const run = ({ params }) => ({ ran: true, params });
  const listed = Array.isArray(rules.fields) ? rules.fields.map(key => [key, { required: true }]) : [];
  Parse.Cloud.define(name, run, rules);
  Parse.Cloud.define(name + 'InNode', run, {
    ...rules,
    fields: { ...(listed.length ? Object.fromEntries(listed) : rules.fields), untouched: always },
  });
};
both('user', { requireUser: true });
both('userAlsoMaster', { requireUser: true, validateMasterKey: true });
both('master', { requireMaster: true });
both('listed', { fields: ['a'] });
both('typed', { fields });
both('defaulted', { fields: { a: { default: 7 }, b: { required: true } } });
both('options', { fields: { a: { options: ['x', 'y'] }, b: { options: 1, error: 'only one' } } });
both('anyRole', { requireAnyUserRoles: ['Editors', 'Admins'] });
both('allRoles', { requireAllUserRoles: ['Editors', 'Admins'] });
both('keys', { requireUserKeys: ['nickname', 'missing'] });
both('limited', { rateLimit: { requestCount: 2, requestTimeWindow: 60000, errorResponseMessage: 'slower', includeInternalRequests: true } });

const answer = () => 'ran';
Parse.Cloud.define('optionFunction', answer, { fields: { a: { options: a => a > 1 } } });
Parse.Cloud.define('optionAsync', answer, { fields: { a: { options: async a => (a > 1 ? undefined : false), error: 'too small' } } });
Parse.Cloud.define('optionRaising', answer, { fields: { a: { options: () => { throw 'raised'; } } } });
Parse.Cloud.define('roleFunction', answer, { requireAnyUserRoles: async () => ['Editors'] });
Parse.Cloud.define('keyOptions', answer, { requireUserKeys: { nickname: { options: name => name === 'A', error: 'not A' } } });
Parse.Cloud.define('functionFalse', answer, () => false);
Parse.Cloud.define('functionText', answer, () => { throw 'no'; });
Parse.Cloud.define('functionParse', answer, async () => { throw new Parse.Error(9, 'own'); });
Parse.Cloud.define('functionParseSilent', answer, () => { throw new Parse.Error(9); });
Parse.Cloud.define('functionNothing', answer, () => Promise.reject());
Parse.Cloud.define('functionParams', answer, ({ params }) => { if (params.bad) throw new Error('bad'); });

Parse.Cloud.beforeSave('Constant', () => {}, { fields: { a: { constant: true, default: 1 } } });
Parse.Cloud.beforeSave('ConstantInNode', () => {}, { fields: { a: { constant: true, default: 1, options: () => true } } });
Parse.Cloud.beforeSave('Required', () => {}, { fields: ['a'] });
Parse.Cloud.beforeSave('Skipped', ({ object }) => object.set('ran', true), { skipWithMasterKey: true });
Parse.Cloud.beforeSave('SkippedInNode', ({ object }) => object.set('ran', true), { skipWithMasterKey: true, fields: { n: { options: () => true } } });
Parse.Cloud.afterSave('AfterSave', ({ object }) => object.set('ran', true), { requireUser: true });
Parse.Cloud.beforeDelete('BeforeDelete', () => {}, { requireUser: true });
Parse.Cloud.afterDelete('AfterDelete', () => {}, { requireUser: true });
Parse.Cloud.beforeFind('BeforeFind', () => {}, { requireUser: true });
Parse.Cloud.afterFind('AfterFind', () => {}, { requireUser: true });
Parse.Cloud.beforeSave(Parse.User, () => {}, { requireUser: true });

const refusals = [];
for (const [rules, kind] of [
  [{ nonsense: true }, 'define'],
  [{ requireUser: [] }, 'define'],
  [{ requireAnyUserRoles: 'Admins' }, 'define'],
  [{ fields: { a: { nonsense: 1 } } }, 'define'],
  [{ fields: { a: { required: 'yes' } } }, 'beforeSave'],
  [{ requireUserKeys: { a: { error: 1 } } }, 'define'],
  [{ rateLimit: { nonsense: 1 } }, 'define'],
]) {
  try {
    Parse.Cloud[kind]('Refused', () => {}, rules);
    refusals.push('registered');
  } catch (error) {
    refusals.push(error.message ?? error);
  }
}
for (const register of [
  () => Parse.Cloud.beforeSave('_Session', () => {}),
  () => Parse.Cloud.beforeSave('_PushStatus', () => {}),
  () => Parse.Cloud.beforeLogin('Other', () => {}),
  () => Parse.Cloud.afterLogout('_User', () => {}),
]) {
  try {
    register();
    refusals.push('registered');
  } catch (error) {
    refusals.push(error.message ?? error);
  }
}
Parse.Cloud.define('refusals', () => refusals);
Parse.Cloud.define('double', () => 'first');
Parse.Cloud.define('double', () => 'last');
