// One drawing after the other, two questions each. What was answered lies with the server; this page only shows it.
const QUESTIONS = ["faithful", "clean"];
const CHOICES = [["yes", "Yes", "1"], ["no", "No", "2"], ["unsure", "Cannot tell", "3"]];
const $ = id => document.getElementById(id);

let rater = "";
let total = 0;
let place = 0;
let answers = {}; // by place: {faithful, clean}
let busy = false;

function address(rest = "") {
  return `/v1/raters/${encodeURIComponent(rater)}${rest}`;
}

async function call(path, options) {
  const reply = await fetch(path, options);
  const body = await reply.json();
  if (!reply.ok) {
    throw new Error(body.error.message);
  }
  return body;
}

const given = (at = place) => answers[at] ?? {};
const isDone = at => QUESTIONS.every(q => given(at)[q]);
const current = () => QUESTIONS.find(q => !given()[q]);

function firstOpen() {
  for (let i = 0; i < total; i++) {
    if (!isDone(i)) {
      return i;
    }
  }
  return total;
}

async function begin(event) {
  event.preventDefault();
  rater = $("rater").value.trim();
  $("start-error").textContent = "";
  try {
    const state = await call(address());
    ({ total, answers } = state);
    sessionStorage.setItem("rater", rater);
    $("start").hidden = true;
    await show(firstOpen());
  } catch (e) {
    $("start-error").textContent = e.message;
  }
}

async function show(at) {
  place = at;
  $("error").textContent = "";
  const atEnd = place >= total;
  $("end").hidden = !atEnd;
  $("rating").hidden = atEnd;
  if (atEnd) {
    paint();
    $("end-title").focus();
    return;
  }
  const here = `/pictures/${place}`;
  const picture = await call(address(here));
  $("asked").textContent = picture.asked_for;
  $("drawing").src = address(`${here}/image`);
  $("references").replaceChildren(...picture.references.map((r, i) => reference(r, address(`${here}/references/${i}`))));
  paint();
  $("asked").focus();
}

function reference(shown, src) {
  const item = document.createElement("li");
  const image = document.createElement("img");
  image.src = src;
  image.alt = "";
  item.append(image, line("title", shown.title), line("credit", shown.credit));
  return item;
}

function line(style, text) {
  const span = document.createElement("span");
  span.className = style;
  span.textContent = text;
  return span;
}

function paint() {
  const done = Array.from({ length: total }, (_, i) => i).filter(isDone).length;
  $("progress").textContent = `${rater}: ${done} of ${total} drawings answered`;
  for (const field of document.querySelectorAll("fieldset")) {
    const question = field.dataset.question;
    field.classList.toggle("current", question === current());
    for (const button of field.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(given()[question] === button.dataset.verdict));
    }
  }
  $("next").disabled = !isDone(place);
  $("undo").disabled = place === 0 && Object.keys(given()).length === 0;
  document.body.dataset.place = String(place);
}

/** One action at a time: keys come faster than replies. */
async function act(action) {
  if (busy) {
    return;
  }
  busy = true;
  try {
    await action();
  } catch (e) {
    $("error").textContent = `Not kept: ${e.message}`;
  } finally {
    busy = false;
  }
}

async function say(question, verdict) {
  $("error").textContent = "";
  await call(address(`/pictures/${place}`), {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ question, verdict }),
  });
  answers[place] = { ...given(), [question]: verdict ?? undefined };
  if (!verdict) {
    delete answers[place][question];
  }
  $("status").textContent = verdict ? `${question}: ${verdict}, kept.` : `${question}: taken back.`;
  paint();
}

async function next() {
  if (!isDone(place)) {
    $("status").textContent = "Answer both questions first.";
    return;
  }
  await show(place + 1 < total && !isDone(place + 1) ? place + 1 : firstOpen());
}

/** Takes back the last answer of this drawing; where it has none, of the one before. */
async function undo() {
  if (!QUESTIONS.some(q => given()[q])) {
    if (place === 0) {
      return;
    }
    await show(place - 1);
  }
  const last = QUESTIONS.filter(q => given()[q]).at(-1);
  if (last) {
    await say(last, null);
  }
}

function key(event) {
  const typing = event.target instanceof HTMLInputElement && event.target.type !== "checkbox";
  if (!$("keys").checked || typing || $("rating").hidden || event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
    return;
  }
  const choice = CHOICES.find(([, , k]) => k === event.key);
  if (choice && current()) {
    act(() => say(current(), choice[0]));
  } else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) {
    act(next);
  } else if (event.key === "u" || event.key === "U" || event.key === "Backspace") {
    act(undo);
  } else {
    return;
  }
  event.preventDefault();
}

/** A clicked button does not keep the focus: Enter would press it once more instead of going on. A tabbed one does. */
function leave(event) {
  const byPointer = event.detail > 0 && event.target.closest("button");
  if (byPointer && $("keys").checked) {
    $("asked").focus({ preventScroll: true });
  }
}

for (const field of document.querySelectorAll("fieldset")) {
  for (const [verdict, words, shortcut] of CHOICES) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.verdict = verdict;
    button.textContent = `${words} `;
    const hint = document.createElement("kbd");
    hint.textContent = shortcut;
    button.append(hint);
    button.addEventListener("click", () => act(() => say(field.dataset.question, verdict)));
    field.querySelector(".choices").append(button);
  }
}
$("rating").addEventListener("click", leave);
$("start-form").addEventListener("submit", event => act(() => begin(event)));
$("next").addEventListener("click", () => act(next));
$("undo").addEventListener("click", () => act(undo));
$("back").addEventListener("click", () => act(() => show(total - 1)));
document.addEventListener("keydown", key);
$("rater").value = sessionStorage.getItem("rater") ?? "";
$("rater").focus();
document.body.dataset.ready = "true";
