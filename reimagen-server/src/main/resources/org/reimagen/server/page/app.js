// Starts the page.
import { get } from '/client.js';
import * as drawing from '/drawing.js';
import * as gallery from '/gallery.js';
import * as references from '/references.js';
import * as settings from '/settings.js';

const by = id => document.getElementById(id);

function view(name) {
  for (const each of ['draw', 'gallery']) {
    by(`view-${each}`).hidden = each !== name;
    if (each === name) by(`show-${each}`).setAttribute('aria-current', 'page');
    else by(`show-${each}`).removeAttribute('aria-current');
  }
  if (name === 'gallery') gallery.load();
}

by('show-draw').addEventListener('click', () => view('draw'));
by('show-gallery').addEventListener('click', () => view('gallery'));

try {
  const about = await get('/v1/about');
  settings.prepare(about);
  references.start();
  drawing.start(about);
  gallery.start(recalled => {
    view('draw');
    settings.write({ strength: 1, candidates: 0, smoothing: 0, background_tolerance: 0, ...recalled });
    by('more').open = true;
    references.recall(recalled);
    by('prompt').focus();
  });
  document.body.dataset.ready = 'yes';
} catch (e) {
  by('failure').textContent = `The server cannot be reached: ${e.message}`;
  by('failure').hidden = false;
}
