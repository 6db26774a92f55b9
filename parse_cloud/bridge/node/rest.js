'use strict';
/*
 * What the SDK asks the server goes over the channel and is answered inside the same server process: no port, no
 * second request in a queue behind the one that waits for this code.
 */
const { currentId } = require('./current');

/** Takes the place of the SDK's REST controller. Uploads as streams go over HTTP as before (`ajax`). */
function restController(Parse, channel, serverURL) {
  const original = Parse.CoreManager.getRESTController();
  const mount = new URL(serverURL).pathname.replace(/\/$/, '');

  async function request(method, path, data, options = {}) {
    const context = copied(Parse, options.context);
    const body = data && typeof data === 'object' ? data : {};
    try {
      const answer = await channel.ask({
        type: 'rest',
        for: currentId(),
        method,
        path: below(mount, path),
        body,
        master: Boolean(options.useMasterKey),
        maintenance: Boolean(options.useMaintenanceKey),
        sessionToken: typeof options.sessionToken === 'string' ? options.sessionToken : undefined,
        installationId: typeof options.installationId === 'string' ? options.installationId : undefined,
        context,
      });
      return options.returnStatus ? { ...answer.body, _status: answer.status, _headers: answer.headers } : answer.body;
    } catch (refused) {
      if (refused.error?.isUnknown) {
        return original.request(method, path, data, options); // what is no route of the API may be one of the server
      }
      throw asError(Parse, refused);
    }
  }

  return { ...original, request };
}

/** `/parse/classes/Post`, `/classes/Post` and `classes/Post` are the same. */
function below(mount, path) {
  const inside = mount && (path === mount || path.startsWith(`${mount}/`)) ? path.slice(mount.length) : path;
  return inside.replace(/^\/+/, '');
}

function copied(Parse, context) {
  try {
    return structuredClone(context ?? {});
  } catch (error) {
    throw new Parse.Error(Parse.Error.INVALID_VALUE, `Context contains non-cloneable values: ${error.message}`);
  }
}

/** A refusal as the SDK raises it; without a Parse code it is an error with an HTTP status. */
function asError(Parse, refused) {
  if (refused instanceof Error) {
    return refused;
  }
  const { code, error, status } = refused.error;
  return code === undefined ? Object.assign(new Error(error), { status }) : new Parse.Error(code, error);
}

module.exports = { restController };
