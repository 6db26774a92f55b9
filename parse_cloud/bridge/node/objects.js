'use strict';
/* From documents of the server to objects of the SDK, and what user code did to them. */

/** An object as it is stored. */
function stored(Parse, className, document) {
  return Parse.Object.fromJSON({ ...document, className });
}

/** The object of a save: what is stored, and over it exactly what the client sent. */
function pending(Parse, { className, objectId, original, operations }) {
  const object = stored(Parse, className, original ?? {});
  if (!original && objectId) {
    object.id = objectId;
  }
  const state = Parse.CoreManager.getObjectStateController();
  state.initializeState(object._getStateIdentifier());
  for (const [key, value] of Object.entries(operations)) {
    const operation = operationOf(Parse, object, key, value);
    if (operation) {
      state.setPendingOp(object._getStateIdentifier(), key, operation);
    }
  }
  return object;
}

/** Undefined for what the SDK has no operation for; the server then keeps its own. */
function operationOf(Parse, object, key, value) {
  const { SetOp, opFromJSON } = Parse.CoreManager.getParseOp();
  if (value && typeof value.__op === 'string') {
    return opFromJSON(value);
  }
  if (key === 'ACL' && value && typeof value === 'object') {
    return new SetOp(new Parse.ACL(value));
  }
  const decoded = Parse._decode(key, value);
  decoded?._ensureParentAndKey?.(object, key);
  return new SetOp(decoded);
}

/** The changes of an object that is being saved, by key, each as JSON text. */
function changes(Parse, object) {
  const { RelationOp } = Parse.CoreManager.getParseOp();
  const [pendingOps] = object._getPendingOps();
  const found = new Map();
  for (const [key, value] of Object.entries(object._getSaveJSON())) {
    const whole = key.split('.')[0];
    const text = JSON.stringify(value);
    // A field that was set as a whole makes void what was sent for a part of it.
    const isVoid = whole !== key && pendingOps[whole];
    const isEmpty = text === undefined || (text === '{}' && pendingOps[key] instanceof RelationOp);
    if (!isVoid && !isEmpty) found.set(key, text);
  }
  return found;
}

/** What is different between two lists of changes. */
function difference(before, after) {
  const operations = {};
  for (const [key, text] of after) {
    if (before.get(key) !== text) operations[key] = JSON.parse(text);
  }
  return { operations, reverted: [...before.keys()].filter(key => !after.has(key)) };
}

/** The fields as the object would be read, by name, each as JSON text; changes that are not saved included. */
function fields(Parse, object) {
  const found = new Map();
  for (const [key, value] of Object.entries(object.attributes)) {
    const text = JSON.stringify(read(Parse, value));
    if (text !== undefined) found.set(key, text);
  }
  return found;
}

/** A document with its class, as a result of a query; objects in it with all their data. */
function document(Parse, object) {
  const found = {};
  for (const [key, value] of Object.entries(object.attributes)) {
    found[key] = key === 'createdAt' || key === 'updatedAt' ? value?.toJSON?.() ?? value : read(Parse, value);
  }
  return { ...found, ...(object.id ? { objectId: object.id } : {}), className: object.className };
}

/** A value with objects in it as they are read: with their data where they have some, changes included. */
function read(Parse, value, around = []) {
  if (value instanceof Parse.Object) {
    const within = around.includes(value) || Object.keys(value.attributes).length === 0;
    if (within) {
      return value.toPointer();
    }
    const inner = {};
    for (const [key, item] of Object.entries(value.attributes)) {
      const isMoment = key === 'createdAt' || key === 'updatedAt';
      inner[key] = isMoment ? item?.toJSON?.() ?? item : read(Parse, item, [...around, value]);
    }
    return { ...inner, ...(value.id ? { objectId: value.id } : {}), __type: 'Object', className: value.className };
  }
  if (Array.isArray(value)) {
    return value.map(item => read(Parse, item, around));
  }
  if (value && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(Parse, item, around)]));
  }
  return value === undefined ? undefined : Parse._encode(value);
}

module.exports = { changes, difference, document, fields, pending, read, stored };
