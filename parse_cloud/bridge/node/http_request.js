'use strict';
/*
 * `Parse.Cloud.httpRequest`, which the reference no longer has: kept for code written when it had.
 */
const http = require('node:http');
const https = require('node:https');
const { stringify } = require('node:querystring');

const PROTOCOLS = { 'http:': http, 'https:': https };
const MOST_REDIRECTS = 10;
const FORM = 'application/x-www-form-urlencoded';

/** Resolves to the response; rejects with it when its status says that the request failed. */
async function httpRequest(options) {
  const { url, method = 'GET', params, qs, headers = {}, body, followRedirects = false } =
    typeof options === 'string' ? { url: options } : options;
  const target = withParameters(new URL(url), params ?? qs);
  const sent = encoded({ ...headers }, body);
  const response = await fetched(target, method.toUpperCase(), sent, followRedirects === true ? MOST_REDIRECTS : 0);
  if (response.status < 200 || response.status >= 400) {
    throw response;
  }
  return response;
}

function withParameters(url, parameters) {
  if (typeof parameters === 'string') {
    url.search = parameters.startsWith('?') ? parameters : `?${parameters}`;
  } else if (parameters) {
    url.search = [url.search.slice(1), stringify(parameters)].filter(Boolean).join('&');
  }
  return url;
}

/** Headers and body as they are sent: an object by the content type, which is a form unless it is said. */
function encoded(headers, body) {
  if (body === null || typeof body !== 'object' || Buffer.isBuffer(body)) {
    return { headers, body };
  }
  const name = Object.keys(headers).find(each => each.toLowerCase() === 'content-type') ?? 'Content-Type';
  const type = (headers[name] ??= FORM);
  if (/^application\/json/i.test(type)) {
    return { headers, body: JSON.stringify(body) };
  }
  return { headers, body: type.toLowerCase().startsWith(FORM) ? stringify(body) : String(body) };
}

function fetched(url, method, sent, redirects) {
  const protocol = PROTOCOLS[url.protocol];
  if (!protocol) {
    return Promise.reject(new Error(`Unsupported protocol ${url.protocol}`));
  }
  const length = sent.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(sent.body) };
  return new Promise((resolve, reject) => {
    const request = protocol.request(url, { method, headers: { ...sent.headers, ...length } }, incoming => {
      const chunks = [];
      incoming.on('data', chunk => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const place = incoming.headers.location;
        if (redirects > 0 && incoming.statusCode >= 300 && incoming.statusCode < 400 && place) {
          resolve(fetched(new URL(place, url), 'GET', { headers: sent.headers }, redirects - 1));
        } else {
          resolve(new HttpResponse(incoming, Buffer.concat(chunks)));
        }
      });
    });
    request.on('error', reject);
    request.end(sent.body);
  });
}

class HttpResponse {
  constructor(incoming, buffer) {
    this.status = incoming.statusCode;
    this.headers = incoming.headers;
    this.cookies = Object.fromEntries((incoming.headers['set-cookie'] ?? []).map(cookieOf));
    this.buffer = buffer;
  }

  get text() {
    return this.buffer.toString('utf8');
  }

  /** The JSON of the body, undefined when it is none. */
  get data() {
    try {
      return JSON.parse(this.text);
    } catch {
      return undefined;
    }
  }
}

function cookieOf(header) {
  const [pair] = header.split(';');
  const [name, ...value] = pair.split('=');
  return [name.trim(), { name: name.trim(), value: value.join('=') }];
}

module.exports = { httpRequest };
