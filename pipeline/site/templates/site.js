// Sorts and filters the table of runs, and compares two runs. Without scripts, all runs are listed, newest first.
"use strict";
document.documentElement.classList.add("scripts");

const element = (id) => document.getElementById(id);
const make = (name, text, attributes = {}) => {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

function sortableTable(table) {
  const body = table.tBodies[0], rows = [...body.rows], limit = Number(document.querySelector(".filters").dataset.limit);
  const heads = [...table.tHead.rows[0].cells];
  const texts = rows.map((row) => (row.textContent + " " + (row.querySelector(".nodes")?.title || "")).toLowerCase());
  const chosen = {find: "", state: "", verdict: "", sort: "0", up: false, all: false, picked: []};
  const key = (row, column) => {
    const cell = row.cells[column], value = cell.dataset.v ?? (column === 0 ? row.querySelector("b").textContent : cell.textContent);
    return value === "" ? null : isNaN(value) ? value.toLowerCase() : Number(value);
  };
  const compare = (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null); // runs without a value come last
    const order = typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1;
    return chosen.up ? order : -order;
  };
  function show() {
    const words = chosen.find.toLowerCase().split(/\s+/).filter(Boolean), column = Number(chosen.sort);
    const keyed = rows.map((row, index) => [row, key(row, column), index]);
    keyed.sort((a, b) => compare(a[1], b[1]) || a[2] - b[2]);
    let found = 0;
    for (const [row, , index] of keyed) {
      const fits = (!chosen.state || row.dataset.s === chosen.state) && (!chosen.verdict || row.dataset.b === chosen.verdict)
        && words.every((word) => texts[index].includes(word));
      found += fits;
      row.hidden = !fits || (!chosen.all && found > limit);
    }
    body.append(...keyed.map(([row]) => row));
    heads.forEach((head, index) => index === column
      ? head.setAttribute("aria-sort", chosen.up ? "ascending" : "descending") : head.removeAttribute("aria-sort"));
    const shown = chosen.all ? found : Math.min(found, limit);
    element("count").textContent = `${shown} of ${rows.length} runs`;
    element("more").hidden = shown === found;
    element("more").textContent = `Show all ${found} runs`;
    const kept = new URLSearchParams();
    for (const [name, value] of Object.entries(chosen)) if (value && value !== "0" && name !== "picked") kept.set(name, value);
    const hash = kept.toString();
    if (hash || location.hash.includes("=")) history.replaceState(null, "", `#${hash}`);
  }
  const set = (changes) => { Object.assign(chosen, changes); show(); };
  const before = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  for (const name of ["find", "state", "verdict", "sort"]) if (before.has(name)) element(name).value = chosen[name] = before.get(name);
  element("up").checked = chosen.up = before.has("up");
  chosen.all = before.has("all");
  for (const name of ["find", "state", "verdict", "sort"]) element(name).addEventListener("input", (event) => set({[name]: event.target.value}));
  element("up").addEventListener("input", (event) => set({up: event.target.checked}));
  element("more").addEventListener("click", () => set({all: true}));
  heads.forEach((head, index) => {
    const button = make("button", head.textContent, {type: "button"});
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      element("sort").value = String(index);
      element("up").checked = String(index) === chosen.sort ? !chosen.up : false;
      set({sort: String(index), up: element("up").checked});
    });
  });
  for (const row of rows) {
    const number = row.querySelector("b").textContent;
    const box = make("input", null, {type: "checkbox", class: "pick", "aria-label": `Compare run ${number}`});
    row.cells[0].prepend(box);
    box.addEventListener("input", () => {
      chosen.picked = box.checked ? [...chosen.picked, number].slice(-2) : chosen.picked.filter((one) => one !== number);
      for (const one of body.querySelectorAll(".pick")) one.checked = chosen.picked.includes(one.nextElementSibling.querySelector("b").textContent);
      const pair = [...chosen.picked].sort((a, b) => a - b), link = element("compare");
      link.hidden = pair.length < 2;
      link.href = `compare.html#${pair.join(",")}`;
      link.textContent = `Compare runs ${pair.join(" and ")}`;
    });
  }
  show();
}

// The files in data/ call these.
const loaded = new Map();
window.siteRuns = (runs) => { window.allRuns = runs; };
window.siteRun = (number, run) => { loaded.set(String(number), run); };

const load = (number) => new Promise((done) => {
  if (loaded.has(number)) return done(loaded.get(number));
  const script = make("script", null, {src: `data/${number}.js`});
  script.onload = script.onerror = () => done(loaded.get(number));
  document.head.append(script);
});

function side(run, name) {
  const made = make("div"), shown = run.clips[name];
  made.append(make("h3", `Run ${run.number}${run.name ? ` ${run.name}` : ""}`));
  if (!shown) made.append(make("p", "no such clips", {class: "none"}));
  else {
    const figure = make("figure", null, {class: "grid"});
    figure.append(make("img", null, {class: shown.still ? "moving" : "moves", src: shown.moving, alt: `${shown.title}, moving`, loading: "lazy"}));
    if (shown.still) figure.append(make("img", null, {class: "paused", src: shown.still, alt: `${shown.title}, first frame`, loading: "lazy"}));
    figure.append(make("figcaption", shown.title));
    made.append(figure);
  }
  return made;
}

// The clips of the first gallery, and those that both runs have.
function clips(first, second) {
  const names = Object.keys({...first.clips, ...second.clips});
  const pairs = names.filter((name, index) => !index || (first.clips[name] && second.clips[name])).map((name) => {
    const pair = make("div", null, {class: "beside"});
    pair.append(side(first, name), side(second, name));
    return pair;
  });
  if (!pairs.length) return [];
  const same = first.seed !== null && first.seed === second.seed;
  const more = make("details");
  more.append(make("summary", `${pairs.length - 1} more galleries`), ...pairs.slice(1));
  return [
    make("h2", "Samples"),
    make("p", same ? `Clips in the same order have the same seed (${first.seed}).` : "The seeds of these runs differ, or are not known.", {class: "lead"}),
    pairs[0], ...(pairs.length > 1 ? [more] : []),
  ];
}

function tables(first, second, all) {
  const parts = [];
  for (const part of Object.keys(first.values)) {
    const one = first.values[part], other = second.values[part] || {}, rows = [];
    for (const key of Object.keys({...one, ...other})) {
      const [a, b] = [one[key] ?? "-", other[key] ?? "-"];
      if (a === b && !all) continue;
      const row = make("tr", null, a === b ? {} : {class: "differs"});
      row.append(make("th", key, {scope: "row"}), make("td", a), make("td", b));
      rows.push(row);
    }
    parts.push(make("h2", {config: "Configuration", data: "Data", code: "Code", node: "Nodes", metric: "Metrics", result: "Result"}[part] || part));
    if (!rows.length) { parts.push(make("p", "no difference", {class: "none"})); continue; }
    const table = make("table", null, {class: all ? "plain compared whole" : "plain compared"}), head = make("tr"), box = make("div", null, {class: "scrolling", tabindex: "0", role: "region", "aria-label": part});
    head.append(make("th", ""), make("th", `run ${first.number}`, {scope: "col"}), make("th", `run ${second.number}`, {scope: "col"}));
    table.createTHead().append(head);
    table.createTBody().append(...rows);
    box.append(table);
    parts.push(box);
  }
  return parts;
}

function comparison() {
  const runs = window.allRuns || [], result = element("result");
  for (const id of ["first", "second"]) {
    element(id).append(...runs.map(([number, text]) => make("option", text, {value: number})));
  }
  async function show() {
    const numbers = [element("first").value, element("second").value];
    const [first, second] = await Promise.all(numbers.map(load));
    if (!first || !second) { result.replaceChildren(make("p", "The data of a run is missing. Write the site again.", {class: "failure"})); return; }
    const links = make("p", null, {class: "links"});
    for (const run of [first, second]) links.append(make("a", `Run ${run.number}: ${run.state}`, {class: "button", href: `runs/${run.number}.html`}));
    result.replaceChildren(links, ...clips(first, second), ...tables(first, second, element("same").checked));
    result.dataset.shown = numbers.join(",");
  }
  function choose() {
    const [a, b] = location.hash.slice(1).split(",");
    const known = (number) => runs.some(([one]) => String(one) === number);
    const done = runs.filter(([, , isDone]) => isDone), newest = done.length > 1 ? done : runs;
    element("first").value = known(a) ? a : newest[Math.min(1, newest.length - 1)]?.[0];
    element("second").value = known(b) ? b : newest[0]?.[0];
    if (runs.length) show();
  }
  const changed = () => { history.replaceState(null, "", `#${element("first").value},${element("second").value}`); show(); };
  for (const id of ["first", "second"]) element(id).addEventListener("input", changed);
  element("same").addEventListener("input", show);
  element("swap").addEventListener("click", () => {
    [element("first").value, element("second").value] = [element("second").value, element("first").value];
    changed();
  });
  addEventListener("hashchange", choose);
  choose();
}

addEventListener("DOMContentLoaded", () => {
  if (element("table")) sortableTable(element("table"));
  if (element("result")) comparison();
});
