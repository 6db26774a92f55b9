'use strict';
/* Functions and jobs. */

/** Parameters: moments, files and pointers at any depth are the SDK's, everything else as it came. */
function parameters(Parse, value) {
  if (Array.isArray(value)) {
    return value.map(item => parameters(Parse, item));
  }
  if (!value || typeof value !== 'object') {
    return value;
  }
  switch (value.__type) {
    case 'Date':
      return Object.assign(new Date(value.iso), value);
    case 'File':
      return Parse.File.fromJSON(value);
    case 'Pointer':
      return Parse.Object.fromJSON({ __type: 'Pointer', className: value.className, objectId: value.objectId });
    case 'MultipartFile':
      return { filename: value.filename, contentType: value.contentType, data: Buffer.from(value.base64, 'base64') };
    default:
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, parameters(Parse, item)]));
  }
}

const call = {
  build: (Parse, request, { name, told }) => {
    request.params = parameters(Parse, told.params);
    request.functionName = name;
  },
  settle: (Parse, request, result) => (result === undefined ? {} : { success: Parse._encode(result) }),
};

const job = {
  build: (Parse, request, { name, told, message }) => {
    request.params = parameters(Parse, told.params);
    request.jobName = name;
    request.jobId = told.jobId;
    request.message = message;
  },
  settle: (Parse, request, result) => (typeof result === 'string' ? { success: result } : {}),
};

module.exports = { call, job };
