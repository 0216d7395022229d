// One drawing: place in the queue, stages that sharpen, cancel, result.
import { element, png, remove, stream } from '/client.js';
import { chosen } from '/references.js';
import { read } from '/settings.js';

const by = id => document.getElementById(id);
let current = null;

/** Wires the form. */
export function start(about) {
  by('form').addEventListener('submit', event => {
    event.preventDefault();
    draw(about);
  });
  by('cancel').addEventListener('click', cancel);
}

async function draw(about) {
  if (current) return;
  current = { abort: new AbortController(), id: null, stages: new Map() };
  const asked = { ...read(), ...chosen(), stream: true, previews: true, keep: true };
  begin();
  try {
    await stream('/v1/generate', asked, current.abort.signal, (name, data) => heard(name, data, asked, about));
  } catch (e) {
    if (e.name !== 'AbortError') fail(e.retryAfter ? `${e.message}; try again in ${e.retryAfter} s` : e.message);
  } finally {
    end();
  }
}

function begin() {
  by('draw').disabled = true;
  by('cancel').hidden = false;
  by('failure').hidden = true;
  by('progress').hidden = false;
  by('progress').removeAttribute('value');
  by('pictures').replaceChildren();
  by('stages').replaceChildren();
  by('used').replaceChildren();
  say('Sending …');
}

function end() {
  const inside = document.activeElement === by('cancel');
  by('draw').disabled = false;
  by('cancel').hidden = true;
  by('progress').hidden = true;
  if (inside) by('draw').focus();
  current = null;
}

function heard(name, data, asked, about) {
  if (name === 'queued') {
    current.id = data.id;
    say(data.position > 0 ? `In the queue, place ${data.position}.` : 'Drawing …');
  } else if (name === 'step') {
    advance(data, asked, about);
  } else if (name === 'preview') {
    preview(data, asked);
  } else if (name === 'result') {
    finish(data);
  } else if (name === 'error') {
    if (data.error.code === 'cancelled') say('Cancelled.');
    else fail(data.error.message);
  }
}

function advance(step, asked, about) {
  const stages = about.resolutions.filter(r => r <= asked.resolution);
  const stage = stages.indexOf(step.resolution);
  by('progress').value = (Math.max(stage, 0) + step.step / step.steps) / stages.length;
  say(`Drawing ${step.resolution} × ${step.resolution}, step ${step.step} of ${step.steps}.`, step.step === 1);
}

function preview(data, asked) {
  const image = slot(data.index, asked.num_images_per_prompt);
  image.src = png(data.b64_png);
  image.alt = `Unfinished picture of ${asked.prompt}, ${data.resolution} pixels`;
  image.classList.toggle('rough', data.resolution === 64);
  if (data.complete && data.index === 0 && !current.stages.has(data.resolution)) {
    current.stages.set(data.resolution, true);
    by('stages').append(element('li', {},
      element('img', { src: image.src, alt: `Stage of ${data.resolution} pixels` }), `${data.resolution} px`));
  }
}

/** The place of a picture, made when it is first shown. */
function slot(index, count) {
  const box = by('pictures');
  box.classList.toggle('many', count > 1);
  while (box.children.length <= index) {
    box.append(element('figure', {}, element('img', { alt: '' }), element('figcaption')));
  }
  return box.children[index].querySelector('img');
}

function finish(result) {
  const prompt = by('prompt').value;
  result.pictures.forEach((picture, i) => {
    const image = slot(i, result.pictures.length);
    image.src = png(picture.b64_png);
    image.alt = prompt;
    image.classList.toggle('rough', picture.resolution === 64);
    const link = element('a', { href: image.src, download: `reimagen-${picture.seed}.png`, textContent: 'Download' });
    image.nextElementSibling.replaceChildren(
      element('span', { textContent: `seed ${picture.seed} · copy score ${picture.copy_score.toFixed(2)}` }), link);
  });
  const credits = result.neighbors.map(n => `${n.title} (${n.licence}, ${n.author || 'author unknown'})`);
  by('used').textContent = credits.length ? `Drawn from ${credits.join('; ')}.` : 'Drawn from the words alone.';
  const seconds = Object.values(result.millis).reduce((a, b) => a + b, 0) / 1000;
  const kept = result.pictures.every(picture => picture.gallery_id);
  say(`Done in ${seconds.toFixed(1)} s. ${kept ? 'Kept in the gallery.' : 'Not kept: the gallery is full.'}`);
}

async function cancel() {
  if (!current) return;
  if (current.id) await remove(`/v1/generate/${current.id}`).catch(() => current?.abort.abort());
  else current.abort.abort();
  say('Cancelled.');
}

function fail(text) {
  by('failure').textContent = text;
  by('failure').hidden = false;
  say('');
}

/** Tells progress; a screen reader hears the first step of a stage only, not each. */
function say(text, aloud = true) {
  by('status').setAttribute('aria-live', aloud ? 'polite' : 'off');
  by('status').textContent = text;
}
