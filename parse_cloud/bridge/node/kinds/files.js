'use strict';
/* Files as their triggers see them, and what became of them. */

const file = {
  build: (Parse, request, { told }) => {
    request.file = fileOf(Parse, told.file);
    request.fileSize = told.fileSize;
    if (told.stream) request.stream = true;
    if (told.kind === 'afterFind') {
      request.forceDownload = told.forceDownload;
      request.responseHeaders = told.responseHeaders;
    }
    delete request.context;
  },
  settle: (Parse, request, result, isPromise, saved, told) => {
    const returned = result instanceof Parse.File ? result : result?.file;
    const given = returned?._name === undefined ? request.file : returned;
    const { forceDownload, responseHeaders } = request;
    return { effects: { file: tellOf(given, told.file.base64), forceDownload, responseHeaders } };
  },
};

/** A `Parse.File` of what the server tells of one. */
function fileOf(Parse, { name, base64, contentType, metadata, tags, directory, url }) {
  const source = base64 === undefined ? undefined : { base64 };
  const file = new Parse.File(name, source, contentType ?? undefined, metadata ?? {}, tags ?? {});
  if (directory) file.setDirectory?.(directory);
  if (url) file._url = url;
  return file;
}

/** The file as the server needs it; the bytes only where they are others than `before` had. */
function tellOf(file, before) {
  const base64 = bytesOf(file);
  return {
    name: file._name,
    contentType: file._source?.type || undefined,
    metadata: file._metadata ?? {},
    tags: file._tags ?? {},
    directory: file._directory ?? null,
    url: file._url ?? null,
    base64: base64 === before ? undefined : base64,
  };
}

function bytesOf(file) {
  if (file._data) return file._data;
  return file._source?.format === 'buffer' ? file._source.buffer.toString('base64') : undefined;
}

module.exports = { file };
