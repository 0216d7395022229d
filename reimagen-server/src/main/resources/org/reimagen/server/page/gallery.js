// The kept pictures: search, look, recall, download, delete.
import { element, get, remove } from '/client.js';

const by = id => document.getElementById(id);
const PAGE = 48;
let shown = [];
let total = 0;
let open = null;
let timer = 0;

/** Wires the view; `recall` is called with the settings of a picture. */
export function start(recall) {
  by('gallery-query').addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(load, 150);
  });
  by('gallery-form').addEventListener('submit', event => {
    event.preventDefault();
    load();
  });
  by('gallery-more').addEventListener('click', more);
  by('picture-close').addEventListener('click', () => by('picture-dialog').close());
  by('picture-recall').addEventListener('click', () => {
    by('picture-dialog').close();
    recall(open.settings);
  });
  by('picture-delete').addEventListener('click', async () => {
    await remove(`/v1/gallery/${open.id}`);
    by('picture-dialog').close();
    await load();
    by('gallery-query').focus();
  });
}

/** Shows what matches the query, from the newest. */
export async function load() {
  shown = [];
  await more();
}

async function more() {
  const query = by('gallery-query').value;
  const page = await get(`/v1/gallery?limit=${PAGE}&offset=${shown.length}&q=${encodeURIComponent(query)}`);
  total = page.total;
  shown = [...shown, ...page.entries];
  by('gallery-list').replaceChildren(...shown.map(entry => element('li', {}, tile(entry))));
  by('gallery-more').hidden = shown.length >= total;
  by('gallery-status').textContent = total === 0 ? (query ? 'Nothing matches.' : 'Nothing kept yet.')
    : `${total} ${total === 1 ? 'picture' : 'pictures'}.`;
}

function tile(entry) {
  return element('button', { type: 'button', onclick: () => look(entry) },
    element('img', { src: `/v1/gallery/${entry.id}/thumbnail`, alt: '', loading: 'lazy' }),
    element('span', { textContent: entry.prompt }));
}

function look(entry) {
  open = entry;
  const s = entry.settings;
  const rows = {
    'Prompt': entry.prompt,
    'Without': s.negative_prompt,
    'Seed': entry.seed,
    'Size': `${entry.resolution} × ${entry.resolution}`,
    'Steps': s.num_inference_steps,
    'Layouts to choose from': s.candidates || '',
    'Noise to start with': s.strength < 1 ? s.strength : '',
    'Weights': `words ${s.guidance_scale}, references ${s.neighbor_guidance_scale}, words in ${Math.round(s.guidance_ratio * 100)} % of the steps`,
    'Drawn': new Date(entry.created * 1000).toLocaleString(),
    'From': entry.references.map(r => `${r.title} (${r.licence}, ${r.author || 'author unknown'})`).join('; ') || 'the words alone',
    'Own pictures': (s.own_references ?? []).map(o => o.caption).join('; '),
  };
  const facts = element('dl');
  for (const [name, value] of Object.entries(rows)) {
    if (value !== '' && value !== undefined) {
      facts.append(element('dt', { textContent: name }), element('dd', { textContent: value }));
    }
  }
  by('picture-body').replaceChildren(element('img', { src: `/v1/gallery/${entry.id}/picture`, alt: entry.prompt }), facts);
  by('picture-download').href = `/v1/gallery/${entry.id}/picture?download=1`;
  by('picture-dialog').showModal();
}
