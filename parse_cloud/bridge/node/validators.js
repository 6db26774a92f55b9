'use strict';
/*
 * Validators. The server checks those that are mere data, as it does for its other languages; one with a function
 * anywhere in it is checked here, whole, before its handler.
 */
const TYPES = new Map([
  [String, 'string'], [Number, 'number'], [Boolean, 'boolean'], [Array, 'array'], [Object, 'object'], [Date, 'date'],
]);

/** Whether the server can check it alone. */
function isDeclarative(validator) {
  return typeof validator !== 'function' && !holdsFunction(validator);
}

function holdsFunction(value, key) {
  if (typeof value === 'function') {
    return !(key === 'type' && TYPES.has(value));
  }
  return Boolean(value) && typeof value === 'object' && Object.entries(value).some(([name, item]) => holdsFunction(item, name));
}

/** The rules for the manifest: all of them, or, of a validator that is checked here, what the server must do itself. */
function declared(validator) {
  if (!isDeclarative(validator)) {
    return { rateLimit: validator.rateLimit, roles: Boolean(validator.requireAnyUserRoles || validator.requireAllUserRoles) };
  }
  return JSON.parse(JSON.stringify(validator, (key, value) => (typeof value === 'function' ? TYPES.get(value) : value)));
}

/**
 * Resolves when the caller and what is sent are as the validator wants them; rejects with what refuses them. `roles`
 * are those of the caller, with their prefix.
 */
async function validate(validator, request, roles) {
  if (typeof validator === 'function') {
    await validator(request);
    return;
  }
  if (request.master && !validator.validateMasterKey) {
    return;
  }
  const user = request.user ?? newUser(request);
  const { requireAnyUserRoles: any, requireAllUserRoles: all } = validator;
  if ((validator.requireUser || any || all) && !user) {
    throw 'Validation failed. Please login to continue.';
  }
  if (validator.requireMaster && !request.master) {
    throw 'Validation failed. Master key is required to complete this request.';
  }
  await validateFields(validator.fields, request);
  await validateRoles(any, all, roles);
  await validateUserKeys(validator.requireUserKeys, user);
}

/** A user who is signing up is the user. */
function newUser({ object }) {
  return object?.className === '_User' && !object.existed() ? object : undefined;
}

async function validateFields(fields, request) {
  if (!fields) {
    return;
  }
  const values = request.object?.toJSON ? valuesOf(request.object) : request.params ?? {};
  if (Array.isArray(fields)) {
    fields.forEach(key => demand(values, key));
    return;
  }
  const checks = [];
  for (const [key, field] of Object.entries(fields)) {
    if (typeof field === 'string') {
      demand(values, field);
    } else if (field && typeof field === 'object') {
      checks.push(...validateField(key, field, values, request));
    }
  }
  await Promise.all(checks.map(check => check()));
}

function valuesOf(object) {
  const values = object.toJSON();
  for (const [key, value] of Object.entries(values)) {
    if (value?.__op === 'Delete') delete values[key];
  }
  return values;
}

/** The checks still to be made of one field. */
function validateField(key, field, values, request) {
  if (field.default != null && values[key] == null) {
    values[key] = field.default;
    request.object?.set?.(key, field.default);
  }
  if (field.constant && request.object) {
    request.original ? request.object.revert(key) : field.default != null && request.object.set(key, field.default);
  }
  if (field.required) {
    demand(values, key);
  } else if (values[key] === undefined) {
    return [];
  }
  if (field.type) {
    const wanted = TYPES.get(field.type) ?? String(field.type.name ?? field.type).toLowerCase();
    if (!isOfType(values[key], wanted)) {
      throw `Validation failed. Invalid type for ${key}. Expected: ${wanted}`;
    }
  }
  return field.options ? [() => validateOptions(field, key, values[key])] : [];
}

function demand(values, key) {
  if (values[key] == null) {
    throw `Validation failed. Please specify data for ${key}.`;
  }
}

function isOfType(value, wanted) {
  if (wanted === 'date') {
    return value instanceof Date || value?.__type === 'Date';
  }
  return (Array.isArray(value) ? 'array' : typeof value) === wanted;
}

async function validateOptions({ options, error }, key, value) {
  if (typeof options === 'function') {
    const invalid = error || `Validation failed. Invalid value for ${key}.`;
    let verdict;
    try {
      verdict = await options(value);
    } catch (thrown) {
      throw error || thrown?.message || thrown || invalid;
    }
    if (!verdict && verdict != null) {
      throw invalid;
    }
    return;
  }
  const allowed = Array.isArray(options) ? options : [options];
  if (!allowed.includes(value)) {
    throw error || `Validation failed. Invalid option for ${key}. Expected: ${allowed.join(', ')}`;
  }
}

async function validateRoles(any, all, roles) {
  const has = role => roles.includes(`role:${role}`);
  const [anyOf, allOf] = await Promise.all([any, all].map(each => (typeof each === 'function' ? each() : each)));
  if (anyOf && !anyOf.some(has)) {
    throw 'Validation failed. User does not match the required roles.';
  }
  if (allOf && !allOf.every(has)) {
    throw 'Validation failed. User does not match all the required roles.';
  }
}

async function validateUserKeys(keys, user) {
  if (!keys) {
    return;
  }
  if (!user && Object.keys(keys).length) {
    throw 'Please login to make this request.';
  }
  if (Array.isArray(keys)) {
    const missing = keys.find(key => user.get(key) == null);
    if (missing !== undefined) {
      throw `Validation failed. Please set data for ${missing} on your account.`;
    }
    return;
  }
  const checks = Object.entries(keys).filter(([, field]) => field?.options);
  await Promise.all(checks.map(([key, field]) => validateOptions(field, key, user.get(key))));
}

module.exports = { declared, isDeclarative, validate };
