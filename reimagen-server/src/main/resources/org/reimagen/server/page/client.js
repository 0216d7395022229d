// Talks to the server: JSON, server-sent events, and the token dialog where one is needed.

export class ServerError extends Error {
  constructor(status, error, retryAfter) {
    super(error?.message ?? `the server answered ${status}`);
    this.status = status;
    this.code = error?.code;
    this.retryAfter = retryAfter;
  }
}

/** Fetches; asks for the token and tries again where the server wants one. */
async function call(path, options) {
  const response = await fetch(path, options);
  if (response.status === 401 && path !== '/v1/session') {
    await askForToken();
    return call(path, options);
  }
  if (!response.ok) {
    const body = await response.json().catch(() => ({}));
    throw new ServerError(response.status, body.error, response.headers.get('Retry-After'));
  }
  return response;
}

const json = body => ({ 'method': 'POST', 'headers': { 'Content-Type': 'application/json' }, 'body': JSON.stringify(body) });

export const get = async path => (await call(path)).json();
export const post = async (path, body, signal) => (await call(path, { ...json(body), signal })).json();
export const remove = path => call(path, { method: 'DELETE' });

/** Posts, and calls `on(name, data)` for every event of the answer. */
export async function stream(path, body, signal, on) {
  const response = await call(path, { ...json(body), signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const blocks = (rest + part.value).split('\n\n');
    rest = blocks.pop();
    blocks.forEach(block => dispatch(block, on));
  }
}

function dispatch(block, on) {
  let name = 'message';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice(7);
    if (line.startsWith('data: ')) data += line.slice(6);
  }
  if (data) on(name, JSON.parse(data));
}

let asking = null;

function askForToken() {
  asking ??= new Promise(resolve => {
    const dialog = document.getElementById('token-dialog');
    const failure = document.getElementById('token-failure');
    dialog.showModal();
    document.getElementById('token-form').onsubmit = async event => {
      event.preventDefault();
      try {
        await call('/v1/session', json({ token: document.getElementById('token').value }));
        dialog.close();
        asking = null;
        resolve();
      } catch (e) {
        failure.textContent = e.message;
        failure.hidden = false;
      }
    };
  });
  return asking;
}

/** An element with properties and children. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export const png = base64 => `data:image/png;base64,${base64}`;
