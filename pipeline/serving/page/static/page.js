"use strict";
// The page: it asks the server for film strips, and draws their frames on canvases.

const settings = JSON.parse(document.getElementById("settings").textContent);
const [BLOCK, HEIGHT, WIDTH] = settings.clip_shape;
const SIZE = 4; // rows and columns of the matrix
const FIRST_TILES = 12, MORE_TILES = 12;
const STEPS = 4; // clips from a seed to the next in the interpolation
const RETRIES = 8;
const LARGEST_RANDOM = 1e6;
const element = id => document.getElementById(id);
const reduced = matchMedia("(prefers-reduced-motion: reduce)");

// What the address says, and so what a link reproduces.
const state = readAddress();
const shown = new Map(); // canvas -> {strip, frames}
const strips = new Map(); // address -> promise of {strip, labels, notes}
let paused = reduced.matches, tileCount = FIRST_TILES, generation = 0;

function readAddress() {
  const query = new URLSearchParams(location.search);
  const whole = (name, fallback) => /^\d{1,16}$/.test(query.get(name) ?? "") ? Number(query.get(name)) : fallback;
  const place = name => Math.min(SIZE - 1, Math.max(0, Number(query.get(name)) || 0));
  const seed = whole("seed", 0);
  return {
    view: ["clips", "matrix", "change"].includes(query.get("view")) ? query.get("view") : "clips",
    seed, chosen: whole("clip", seed),
    label: settings.labels.includes(query.get("label")) ? query.get("label") : "",
    caption: settings.has_captions ? (query.get("caption") ?? "").trim() : "",
    frames: settings.has_latents ? Math.min(4 * BLOCK, Math.max(1, whole("frames", BLOCK))) : BLOCK,
    content: place("content"), motion: place("motion"),
    what: query.get("what") === "motion" ? "motion" : "content",
    keys: Math.min(4, Math.max(2, whole("keys", 3))),
    step: whole("step", null),
    version: query.get("version"),
  };
}

function writeAddress() {
  const {view, seed, label, caption, frames} = state;
  const query = new URLSearchParams({view, seed});
  if (label) query.set("label", label);
  if (caption) query.set("caption", caption);
  if (frames !== BLOCK) query.set("frames", frames);
  if (view === "clips") query.set("clip", state.chosen);
  if (view === "matrix") { query.set("content", state.content); query.set("motion", state.motion); }
  if (view === "change") { query.set("what", state.what); query.set("keys", state.keys); }
  if (view === "change" && state.step !== null) query.set("step", state.step);
  query.set("version", settings.version);
  history.replaceState(null, "", `?${query}`);
  element("link").href = location.href;
}

function address(path, options) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({label: state.label, caption: state.caption, ...options, version: settings.version})) {
    if (value !== "" && value !== undefined) query.set(name, value);
  }
  return `api/${path}?${query}`;
}
const clipRequest = seed => ["generate", {seed, frames: state.frames}];

function mixRequest(content, motion) {
  const options = {content: state.seed + Math.floor(content), motion: state.seed + Math.floor(motion), frames: state.frames};
  if (content % 1) Object.assign(options, {content_to: options.content + 1, content_at: content % 1});
  if (motion % 1) Object.assign(options, {motion_to: options.motion + 1, motion_at: motion % 1});
  return ["mix", options];
}

function changeRequest() {
  const options = {interpolate: state.what, seed: state.seed, num: state.keys};
  if (state.what === "motion") options.frames = Math.min(state.frames, Math.floor(settings.max_clips / (8 * state.keys)) * BLOCK || 1);
  else options.frames = Math.min(state.keys * BLOCK, settings.max_clips);
  return ["generate", options];
}

// A place on the way from each seed to the next, and from the last one back to the first.
function stepPlace(step) {
  const key = Math.floor(step / STEPS);
  return {first: state.seed + key, next: state.seed + (key + 1) % state.keys, at: step % STEPS / STEPS};
}
function stepRequest(step) {
  const {first, next, at} = stepPlace(step), other = state.what === "content" ? "motion" : "content";
  const options = {[state.what]: first, [other]: state.seed, frames: state.frames};
  if (at) Object.assign(options, {[`${state.what}_to`]: next, [`${state.what}_at`]: at});
  return ["mix", options];
}
function stepText(step) {
  const {first, next, at} = stepPlace(step);
  return at ? `${first} → ${next}, ${100 * at} %` : `seed ${first}`;
}

// ---- Strips

function loadStrip([path, options]) {
  const source = address(path, {...options, format: "png-strip", scale: 1});
  if (!strips.has(source)) {
    const loading = fetchStrip(source, generation);
    strips.set(source, loading);
    loading.catch(() => strips.delete(source));
    if (strips.size > 300) strips.delete(strips.keys().next().value);
  }
  return strips.get(source);
}

async function fetchStrip(source, started) {
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(source);
    if (answer.ok) {
      const read = name => JSON.parse(decodeURIComponent(answer.headers.get(name) ?? "[]"));
      return {strip: await createImageBitmap(await answer.blob()), labels: read("Mocogan-Labels"), notes: read("Mocogan-Notes")};
    }
    if (answer.status !== 503 || attempt === RETRIES || started !== generation) throw await failure(answer);
    const seconds = Number(answer.headers.get("Retry-After")) || 1;
    await new Promise(done => setTimeout(done, 1000 * seconds));
  }
}

async function failure(answer) {
  if (answer.status === 404) await followVersion();
  const text = await answer.json().then(body => body.error, () => answer.statusText);
  return Object.assign(new Error(text), {status: answer.status});
}

// The server has loaded another version since this page was opened.
async function followVersion() {
  const model = await (await fetch("api/model")).json();
  if (model.version === settings.version) return;
  say(`Version ${model.version} is loaded now. Reload the page to read about it.`);
  settings.version = model.version;
  strips.clear();
  refresh();
}

const sentence = text => `${text[0].toUpperCase()}${text.slice(1)}.`;
function say(text) {
  element("note").textContent = text;
  element("note").hidden = !text;
}

async function show(canvas, request, frames, tile) {
  const wanted = canvas.wanted = address(...request);
  tile?.classList.add("waiting");
  try {
    const loaded = await loadStrip(request);
    if (canvas.wanted !== wanted) return;
    canvas.width = loaded.strip.width / frames;
    canvas.height = loaded.strip.height;
    shown.set(canvas, {strip: loaded.strip, frames});
    paint(canvas);
    tile?.classList.remove("waiting");
    return loaded;
  } catch (error) {
    if (canvas.wanted === wanted && error.status !== 404) say(`The clip could not be loaded: ${error.message}`);
  }
}

// ---- Playing

let frameNumber = 0;
function paint(canvas) {
  const {strip, frames} = shown.get(canvas);
  const x = (frameNumber % frames) * canvas.width;
  canvas.getContext("2d").drawImage(strip, x, 0, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
}
function play(time) {
  const number = Math.floor(time / 1000 * settings.frame_rate);
  if (!paused && number !== frameNumber) {
    frameNumber = number;
    for (const canvas of shown.keys()) {
      if (!canvas.isConnected) shown.delete(canvas);
      else if (canvas.offsetParent) paint(canvas);
    }
  }
  requestAnimationFrame(play);
}
function setPaused(value) {
  paused = value;
  element("play").textContent = paused ? "Play" : "Pause";
  element("play").setAttribute("aria-pressed", paused);
}

// ---- What is shown

function refresh() {
  generation++;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const chosen = tab.dataset.view === state.view;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    element(`panel-${tab.dataset.view}`).hidden = !chosen;
  }
  element("sliders").hidden = state.view !== "matrix";
  element("frames-field").hidden = !settings.has_latents || state.view === "change";
  element("frames-shown").textContent = state.frames;
  showBig();
  ({clips: showClips, matrix: showMatrix, change: showChange})[state.view]();
}

function showBig() {
  const big = element("big");
  const label = (state.label ? `, class ${state.label}` : "") + (state.caption ? `: “${state.caption}”` : "");
  const name = state.what === "content" ? "Content" : "Motion";
  let request, frames = state.frames, caption;
  if (state.view === "clips") {
    request = clipRequest(state.chosen);
    caption = `Seed ${state.chosen}${label}`;
  } else if (state.view === "matrix") {
    request = mixRequest(state.content, state.motion);
    element("content-shown").textContent = between(state.content);
    element("motion-shown").textContent = between(state.motion);
    caption = `Content ${between(state.content)}, motion ${between(state.motion)}${label}`;
    markCell();
  } else if (state.step !== null && state.step < STEPS * state.keys) {
    request = stepRequest(state.step);
    caption = `${name} ${stepText(state.step)}${label}`;
  } else {
    request = changeRequest();
    frames = request[1].frames;
    caption = `${name} from seed ${state.seed} to ${state.seed + state.keys - 1} and back${label}`;
  }
  element("caption").textContent = caption;
  for (const format of ["gif", "mp4", "webp"]) element(format).href = address(request[0], {...request[1], format, download: true});
  writeAddress();
  show(big, request, frames, element("clip")).then(loaded => {
    if (loaded?.notes.length) say(loaded.notes.map(sentence).join(" "));
    const found = loaded?.labels[0];
    if (found && !state.label && state.view === "clips" && request[1].seed === state.chosen) {
      element("caption").textContent = caption.replace(/^Seed \d+/, `$&, class ${found}`);
    }
  });
}
function between(place) {
  const first = state.seed + Math.floor(place);
  return place % 1 ? `${first} → ${first + 1}, ${100 * (place % 1)} %` : `seed ${first}`;
}

function makeTile(text, name, pick) {
  const tile = document.createElement("button"), caption = document.createElement("span");
  tile.type = "button";
  tile.className = "tile";
  tile.append(Object.assign(document.createElement("canvas"), {width: WIDTH, height: HEIGHT}));
  if (text) { caption.textContent = text; tile.append(caption); }
  tile.setAttribute("aria-label", name);
  tile.addEventListener("click", pick);
  return tile;
}

function showTile(tile, request, seed) {
  show(tile.firstChild, request, state.frames, tile).then(loaded => {
    const label = loaded?.labels[0];
    if (label && seed !== undefined) {
      tile.lastChild.textContent = `${seed}, class ${label}`;
      tile.setAttribute("aria-label", `seed ${seed}, class ${label}`);
    }
  });
  return tile;
}
const range = (first, count) => Array.from({length: count}, (_, index) => first + index);

function showClips() {
  const tiles = range(state.seed, tileCount).map(seed => {
    const tile = makeTile(`seed ${seed}`, `seed ${seed}`, () => {
      state.chosen = seed;
      markTile();
      showBig();
    });
    tile.dataset.seed = seed;
    return showTile(tile, clipRequest(seed), seed);
  });
  element("tiles").replaceChildren(...tiles);
  markTile();
}
function markTile() {
  for (const tile of element("tiles").children) tile.setAttribute("aria-pressed", Number(tile.dataset.seed) === state.chosen);
}

function showMatrix() {
  const parts = [document.createElement("b")];
  const heading = text => Object.assign(document.createElement("b"), {textContent: text});
  for (let column = 0; column < SIZE; column++) parts.push(heading(`motion ${state.seed + column}`));
  for (let row = 0; row < SIZE; row++) {
    parts.push(heading(`content ${state.seed + row}`));
    for (let column = 0; column < SIZE; column++) {
      const tile = makeTile("", `Content ${state.seed + row}, motion ${state.seed + column}`, () => {
        Object.assign(state, {content: row, motion: column});
        element("content").value = row;
        element("motion").value = column;
        showBig();
      });
      tile.dataset.cell = `${row},${column}`;
      parts.push(showTile(tile, mixRequest(row, column)));
    }
  }
  element("matrix").replaceChildren(...parts);
  markCell();
}
function markCell() {
  const cell = `${Math.round(state.content)},${Math.round(state.motion)}`;
  for (const tile of element("matrix").querySelectorAll(".tile")) tile.setAttribute("aria-pressed", tile.dataset.cell === cell);
}

function showChange() {
  element("change-hint").textContent = state.what === "content"
    ? "One clip with one motion, whose content goes from seed to seed and back to the first."
    : "Each row goes from the motion of one seed to that of the next, with one content.";
  const tiles = range(0, STEPS * state.keys).map(step => {
    const {at} = stepPlace(step), text = stepText(step);
    const tile = makeTile(at ? `${100 * at} %` : text, `${state.what} ${text}`, () => {
      state.step = state.step === step ? null : step; // a second click shows the whole clip again
      markStep();
      showBig();
    });
    return showTile(tile, stepRequest(step));
  });
  element("steps").replaceChildren(...tiles);
  markStep();
}
function markStep() {
  [...element("steps").children].forEach((tile, step) => tile.setAttribute("aria-pressed", step === state.step));
}

// ---- Controls

function change(update) {
  Object.assign(state, update);
  say("");
  refresh();
}
let timer;
function soon(work) { // while a slider moves
  clearTimeout(timer);
  timer = setTimeout(work, 120);
}
function startAt(seed) {
  tileCount = FIRST_TILES;
  element("seed").value = seed;
  change({seed, chosen: seed, step: null});
}
function randomSeed() { startAt(Math.floor(Math.random() * LARGEST_RANDOM)); }

function connect() {
  element("label").append(new Option("any", ""), ...settings.labels.map(label => new Option(label, label)));
  element("label-field").hidden = !settings.labels.length;
  element("label").value = state.label;
  element("label").addEventListener("change", event => change({label: event.target.value}));
  element("text-field").hidden = !settings.has_captions;
  element("text").value = state.caption;
  element("text").addEventListener("change", event => change({caption: event.target.value.trim()}));
  element("examples").append(...settings.example_captions.map(example => new Option(example)));
  element("seed").value = state.seed;
  element("seed").addEventListener("change", event => {
    if (event.target.checkValidity()) startAt(Number(event.target.value));
    else event.target.reportValidity();
  });
  element("random").addEventListener("click", randomSeed);
  Object.assign(element("frames"), {min: Math.min(4, BLOCK), max: 4 * BLOCK, step: 1, value: state.frames});
  element("frames").addEventListener("input", event => {
    element("frames-shown").textContent = event.target.value;
    soon(() => change({frames: Number(event.target.value)}));
  });
  element("play").addEventListener("click", () => setPaused(!paused));
  element("more").addEventListener("click", () => {
    tileCount += MORE_TILES;
    showClips();
    element("tiles").children[tileCount - MORE_TILES].focus();
  });
  for (const name of ["content", "motion"]) {
    element(name).value = state[name];
    element(name).addEventListener("input", event => {
      state[name] = Number(event.target.value);
      element(`${name}-shown`).textContent = between(state[name]);
      soon(showBig);
    });
    element(name).step = settings.has_latents ? 0.25 : 1;
  }
  element("what").value = state.what;
  element("keys").value = state.keys;
  element("what").addEventListener("change", event => change({what: event.target.value, step: null}));
  element("keys").addEventListener("change", event => change({keys: Number(event.target.value), step: null}));
  element("copy").addEventListener("click", copyLink);
  element("controls").addEventListener("submit", event => event.preventDefault());
  element("tab-matrix").hidden = !settings.has_latents && !settings.has_separate_seeds;
  element("tab-change").hidden = !settings.has_latents;
  const tabs = [...document.querySelectorAll("[role=tab]:not([hidden])")];
  for (const tab of tabs) tab.addEventListener("click", () => change({view: tab.dataset.view}));
  if (!tabs.some(tab => tab.dataset.view === state.view)) state.view = "clips";
  addEventListener("keydown", event => onKey(event, tabs));
}

async function copyLink() {
  const button = element("copy");
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = "Copied";
  } catch { // only secure addresses have a clipboard
    button.textContent = "Copy it below";
    element("link").focus();
  }
  setTimeout(() => { button.textContent = "Copy link"; }, 2000);
}

function onKey(event, tabs) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const steps = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
  const target = event.target;
  if (steps && target.role === "tab") {
    const next = tabs[(tabs.indexOf(target) + steps[0] + steps[1] + tabs.length) % tabs.length];
    next.focus();
    next.click();
    event.preventDefault();
  } else if (steps && target.classList.contains("tile")) {
    const tiles = [...target.parentElement.querySelectorAll(".tile")];
    const columns = tiles.filter(tile => tile.offsetTop === tiles[0].offsetTop).length;
    const next = tiles[tiles.indexOf(target) + steps[0] + steps[1] * columns];
    next?.focus();
    next?.click();
    event.preventDefault();
  } else if (!["INPUT", "SELECT"].includes(target.tagName)) {
    if (event.key === "p") setPaused(!paused);
    if (event.key === "r") randomSeed();
  }
}

connect();
setPaused(paused);
if (state.version && state.version !== settings.version) {
  say(`The link was made with version ${state.version}. Version ${settings.version} is loaded now, so clips can differ.`);
}
refresh();
requestAnimationFrame(play);
