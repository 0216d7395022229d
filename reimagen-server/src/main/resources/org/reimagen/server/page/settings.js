// The form's fields as the request they stand for, and back.

const field = id => document.getElementById(id);
const NUMBERS = {
  'strength': 'strength',
  'candidates': 'candidates',
  'smoothing': 'smoothing',
  'background-tolerance': 'background_tolerance',
  'guidance': 'guidance_scale',
  'neighbor-guidance': 'neighbor_guidance_scale',
  'knn': 'knn',
  'steps': 'num_inference_steps',
  'count': 'num_images_per_prompt',
  'eta': 'guidance_ratio',
  'guidance-from': 'guidance_from',
  'guidance-rescale': 'guidance_rescale',
};

/** Fills the form with this server's limits and defaults. */
export function prepare(about) {
  field('steps').max = about.max_steps;
  field('count').max = about.max_images;
  for (const side of about.resolutions) {
    field('size').append(new Option(`${side} × ${side}`, side));
  }
  field('size').value = about.resolutions.at(-1);
  write({ ...about.defaults, num_images_per_prompt: 1 });
  field('eta').addEventListener('input', describeBalance);
}

function describeBalance() {
  const eta = Number(field('eta').value);
  const words = Math.round(eta * 100);
  const text = eta === 0 ? 'the references alone decide' : eta === 1 ? 'the words alone decide'
    : `${words} % of the steps follow the words, ${100 - words} % the references`;
  field('eta-text').textContent = text;
  field('eta').setAttribute('aria-valuetext', text);
}

/** What is asked, without the references. */
export function read() {
  const asked = {
    prompt: field('prompt').value,
    negative_prompt: field('negative').value,
    resolution: Number(field('size').value),
  };
  for (const [id, name] of Object.entries(NUMBERS)) {
    asked[name] = Number(field(id).value);
  }
  if (field('seed').value !== '') asked.seed = Number(field('seed').value);
  return asked;
}

/** Puts settings into the form; what they do not name stays. */
export function write(settings) {
  if (settings.prompt !== undefined) field('prompt').value = settings.prompt;
  if (settings.negative_prompt !== undefined) field('negative').value = settings.negative_prompt;
  if (settings.resolution) field('size').value = settings.resolution;
  if (settings.seed !== undefined) field('seed').value = settings.seed;
  for (const [id, name] of Object.entries(NUMBERS)) {
    if (settings[name] !== undefined) field(id).value = settings[name];
  }
  describeBalance();
}
