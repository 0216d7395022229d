// The references of a prompt as one types: removed, pinned, weighted; and pictures of one's own.
import { element, post } from '/client.js';
import { read } from '/settings.js';

const list = document.getElementById('references');
const status = document.getElementById('references-status');
const MAX_OWN = 8;
const DELAY = 150;

let found = [];
let own = [];
let pinned = [];
let excluded = [];
let weights = {};
let timer = 0;
let running = null;

/** What the references add to a request. */
export function chosen() {
  return {
    pinned,
    excluded,
    neighbor_weights: weights,
    own_references: own.map(o => ({ picture: o.picture, caption: o.caption, weight: o.weight })),
  };
}

/** Takes over the choices of a kept picture; its own pictures were not kept. */
export function recall(settings) {
  pinned = settings.pinned ?? [];
  excluded = settings.excluded ?? [];
  weights = settings.neighbor_weights ?? {};
  own = [];
  refresh();
}

/** Looks the references up again, a moment after the last call. */
export function refresh() {
  clearTimeout(timer);
  timer = setTimeout(lookUp, DELAY);
}

async function lookUp() {
  running?.abort();
  running = new AbortController();
  const asked = read();
  if (!asked.prompt.trim()) {
    found = [];
    show('Type a prompt to see what it finds.');
    return;
  }
  try {
    const body = { prompt: asked.prompt, knn: asked.knn, pinned, excluded };
    found = (await post('/v1/references', body, running.signal)).neighbors;
    show(found.length === 0 ? 'Nothing found: drawn from the words alone.'
      : `${found.length} ${found.length === 1 ? 'reference' : 'references'} found.`);
  } catch (e) {
    if (e.name !== 'AbortError') show(e.message);
  }
}

function show(text) {
  const focus = document.activeElement?.dataset?.key;
  status.textContent = excluded.length ? `${text} ${excluded.length} removed.` : text;
  if (excluded.length) {
    status.append(' ', element('button', { type: 'button', textContent: 'Bring back', onclick: bringBack }));
  }
  list.replaceChildren(...found.map(neighbor), ...own.map(ownPicture));
  if (focus) list.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus();
}

function bringBack() {
  excluded = [];
  lookUp();
}

function neighbor(n) {
  const isPinned = pinned.includes(n.id);
  const pin = button('Pin', `Pin ${n.title}`, `pin ${n.id}`, () => {
    pinned = isPinned ? pinned.filter(id => id !== n.id) : [...pinned, n.id];
    lookUp();
  });
  pin.setAttribute('aria-pressed', isPinned);
  const away = button('Remove', `Remove ${n.title}`, `remove ${n.id}`, () => {
    pinned = pinned.filter(id => id !== n.id);
    excluded = [...excluded, n.id];
    status.tabIndex = -1;
    status.focus();
    lookUp();
  });
  const slider = weight(n.title, weights[n.id] ?? 1, value => {
    if (value === 1) delete weights[n.id];
    else weights[n.id] = value;
  });
  return row(n.thumbnail, n.title, `${n.style ? `${n.style} · ` : ''}${n.licence} · ${n.author || 'author unknown'}`,
    slider, [pin, away], isPinned);
}

function ownPicture(o) {
  const caption = element('input', { type: 'text', value: o.caption, maxLength: 2000, oninput: () => { o.caption = caption.value; } });
  caption.setAttribute('aria-label', `What ${o.name} shows`);
  const away = button('Remove', `Remove ${o.name}`, `own ${o.name}`, () => {
    own = own.filter(other => other !== o);
    show('Removed.');
  });
  return row(o.picture, caption, 'your own, for this drawing only', weight(o.name, o.weight, v => { o.weight = v; }), [away], true);
}

function button(text, label, key, onclick) {
  const made = element('button', { type: 'button', textContent: text, onclick });
  made.setAttribute('aria-label', label);
  made.dataset.key = key;
  return made;
}

function weight(title, value, changed) {
  const shown = element('output', { textContent: value.toFixed(1) });
  const slider = element('input', { type: 'range', min: 0, max: 3, step: 0.1, value });
  slider.setAttribute('aria-label', `Weight of ${title}`);
  slider.oninput = () => {
    const now = Number(slider.value);
    shown.textContent = now.toFixed(1);
    slider.closest('.reference').classList.toggle('off', now === 0);
    changed(now);
  };
  return element('div', { className: 'weight' }, element('span', { textContent: 'weight' }), slider, shown);
}

function row(picture, title, credit, slider, buttons, marked) {
  const made = element('li', { className: 'reference' },
    element('img', { src: picture, alt: '', loading: 'lazy' }),
    element('div', {},
      element('div', { className: 'title' }, title),
      element('div', { className: 'credit', textContent: credit }), slider),
    element('div', { className: 'buttons' }, ...buttons));
  made.classList.toggle('pinned', marked);
  made.classList.toggle('off', slider.querySelector('input').value === '0');
  return made;
}

async function add(files) {
  for (const file of files) {
    if (own.length === MAX_OWN) {
      show(`At most ${MAX_OWN} pictures of your own.`);
      return;
    }
    const picture = await shrunk(file).catch(() => null);
    if (picture === null) {
      show(`${file.name} is no picture that can be read.`);
      continue;
    }
    own.push({ name: file.name, picture, caption: file.name.replace(/\.[^.]*$/, '').replaceAll(/[-_]+/g, ' '), weight: 1 });
    show(`${file.name} added.`);
  }
}

/** A picture as the server wants it, small: at most 512 pixels a side, on white. */
async function shrunk(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, 512 / Math.max(bitmap.width, bitmap.height));
  const canvas = element('canvas', { width: Math.max(1, bitmap.width * scale), height: Math.max(1, bitmap.height * scale) });
  const pen = canvas.getContext('2d');
  pen.fillStyle = 'white';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png');
}

/** Wires the fields. */
export function start() {
  const files = document.getElementById('files');
  const drop = document.getElementById('drop');
  document.getElementById('prompt').addEventListener('input', refresh);
  document.getElementById('knn').addEventListener('input', refresh);
  files.addEventListener('change', async () => {
    await add(files.files);
    files.value = '';
  });
  drop.addEventListener('dragover', event => {
    event.preventDefault();
    drop.classList.add('over');
  });
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', event => {
    event.preventDefault();
    drop.classList.remove('over');
    add(event.dataTransfer.files);
  });
}
