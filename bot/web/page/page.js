"use strict";
// What people wrote goes into the page as text nodes only; nothing is ever parsed as HTML.
const at = (id) => document.getElementById(id);

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function ask(path, body) {
  const headers = { Authorization: `Bearer ${at("key").value.trim()}` };
  if (body) headers["Content-Type"] = "application/json";
  const sent = { headers, method: body ? "POST" : "GET", body: body && JSON.stringify(body) };
  const answer = await fetch(path, sent);
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error.message);
  return told;
}

async function showState() {
  const state = at("state");
  try {
    const { ready } = await (await fetch("readyz")).json();
    state.textContent = ready ? "Ready" : "Not ready";
    state.className = `state ${ready ? "good" : "bad"}`;
  } catch {
    state.textContent = "Not reachable";
    state.className = "state bad";
  }
}

function pairs(list, entries) {
  list.replaceChildren(
    ...entries.map(([name, value]) => {
      const row = element("div");
      row.append(element("dt", name), element("dd", value));
      return row;
    }),
  );
}

async function showStatus() {
  const told = await ask("v1/status");
  const count = (number) => number.toLocaleString();
  at("problems").replaceChildren(...told.problems.map((each) => element("li", each)));
  pairs(at("figures"), [
    ["Screened since the start", count(Object.values(told.screened).reduce((a, b) => a + b, 0))],
    ["Being screened", count(told.under_way)],
    ["Cases waiting", count(told.cases_waiting)],
    ["Deliveries waiting", count(told.backlog)],
  ]);
  at("judges").replaceChildren();
  for (const [name, value] of [
    ["Model", `${told.model.id} (${told.model.revision})`],
    ["Labels", told.model.labels.join(", ")],
    ["Rule set", told.ruleset],
    ["Version", told.version],
    ["Running since", new Date(told.started_at).toLocaleString()],
  ])
    at("judges").append(element("dt", name), element("dd", value));
  at("status").hidden = false;
}

// Offsets are code points, and a string of JavaScript counts otherwise.
function marked(text, spans) {
  const points = Array.from(text);
  const inside = new Array(points.length).fill(false);
  for (const [start, end] of spans) inside.fill(true, start, end);
  const line = element("p", undefined, "quoted");
  for (let start = 0; start < points.length; ) {
    let end = start;
    while (end < points.length && inside[end] === inside[start]) end += 1;
    const piece = points.slice(start, end).join("");
    line.append(inside[start] ? element("mark", piece) : piece);
    start = end;
  }
  return line;
}

function ruleOf(match) {
  const item = element("li", match.reason);
  const action = `${WORDS[match.action]} (${match.action})`;
  const more = match.status === "live" ? action : `${action}, ${match.status}`;
  item.append(element("span", `${match.rule} · ${more}`, "id"));
  return item;
}

function scoresOf(scores) {
  const list = element("dl", undefined, "scores");
  for (const [label, value] of Object.entries(scores)) {
    const bar = element("meter");
    bar.value = value;
    bar.title = label;
    const cell = element("dd");
    cell.append(bar);
    list.append(element("dt", label.replaceAll("_", " ")), cell, element("dd", value.toFixed(2)));
  }
  return list;
}

const WORDS = {
  allow: "Let through",
  note: "Noted",
  flag: "To review",
  hold: "To hold for review",
  remove: "To remove",
};

const NO_HISTORY =
  "Rules about rates and earlier comments were not asked: nothing that is tried here is kept.";

// That nothing came before a text that is tried is as it should be; all else is a fault.
function lacksOf(missing) {
  const faults = missing.filter((each) => each !== "history");
  const told = faults.length ? [element("p", `Missing: ${faults.join(", ")}`, "wrong")] : [];
  return faults.length < missing.length ? [...told, element("p", NO_HISTORY, "hint")] : told;
}

function showVerdict(verdict) {
  const card = element("div", undefined, "verdict");
  card.append(element("p", WORDS[verdict.action], `action ${verdict.action}`));
  card.append(marked(verdict.text, verdict.matches.flatMap((match) => match.spans)));
  if (verdict.matches.length) {
    const rules = element("ul", undefined, "rules");
    rules.append(...verdict.matches.map(ruleOf));
    card.append(rules);
  }
  card.append(...lacksOf(verdict.missing));
  if (verdict.scores) card.append(scoresOf(verdict.scores));
  at("answer").replaceChildren(card);
}

at("key").addEventListener("change", async () => {
  try {
    await showStatus();
    at("answer").replaceChildren();
  } catch (error) {
    at("status").hidden = true;
    at("answer").replaceChildren(element("p", error.message, "wrong"));
  }
});

at("try").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  try {
    const comment = { text: at("text").value };
    if (at("reply").checked) comment.parent_id = "parent";
    showVerdict(await ask("v1/preview", comment));
    await showStatus();
  } catch (error) {
    at("answer").replaceChildren(element("p", error.message, "wrong"));
  } finally {
    button.disabled = false;
  }
});

showState();
setInterval(showState, 15000);
