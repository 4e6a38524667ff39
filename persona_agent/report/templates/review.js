"use strict";
// What is typed and not saved lives here, through every change of the page and a reload of it.
const drafts = new Map(JSON.parse(sessionStorage.getItem("drafts") || "[]"));
const said = document.getElementById("said");
let waiting = 0; // the timer of the question that is asked next
let questions = 0; // an answer to an earlier question is not shown over a later one's
let telling = 0;
const STAYS = 8000; // milliseconds that a message is seen
const PAUSE = 500; // milliseconds after the last letter, before code is asked what it says

const keep = () => sessionStorage.setItem("drafts", JSON.stringify([...drafts]));
const spotOf = (element) => element.closest(".spot, .merge");
const placeOf = (at) => document.querySelector(`section.spot[data-at="${CSS.escape(at)}"]`);
const formOf = (spot, kind) => spot.querySelector(`form[data-for="${kind}"]`);

async function post(path, body) {
  try {
    const reply = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (reply.status === 401) return { refused: ["This page is of a review that has ended. Open the address that was printed last; what you typed is still here."] };
    return await reply.json();
  } catch {
    return { refused: ["Nobody answers: the review has ended. Start it again, and open the address that it prints."] };
  }
}

function tell(text) {
  said.textContent = text;
  clearTimeout(telling);
  telling = setTimeout(() => said.replaceChildren(), STAYS);
}

function show(box, lines, refused, more) {
  box.replaceChildren();
  box.classList.toggle("refused", Boolean(refused));
  if (lines.length === 1) {
    box.append(Object.assign(document.createElement("p"), { textContent: lines[0] }));
  } else if (lines.length) {
    const list = document.createElement("ul");
    for (const line of lines) list.append(Object.assign(document.createElement("li"), { textContent: line }));
    box.append(list);
  }
  if (more) box.append(more);
}

function offerOwnWords(spot) {
  const row = Object.assign(document.createElement("p"), { className: "doings" });
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Publish it all the same, marked as not verified" });
  button.dataset.do = "own";
  row.append(button);
  return row;
}

// The page with what is new, and with every form that was open as it was.
function renew(html, at) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("review");
  document.getElementById("review").replaceWith(fresh);
  restore();
  const spot = at && document.getElementById(at);
  const first = spot && spot.querySelector("button");
  if (first) first.focus();
}

function restore() {
  for (const [key, text] of drafts) {
    const cut = key.lastIndexOf("/");
    const spot = placeOf(key.slice(0, cut));
    const form = spot && formOf(spot, key.slice(cut + 1));
    if (!form) continue;
    open(spot, form, text);
  }
}

function open(spot, form, text) {
  const box = form.querySelector("textarea");
  if (text !== undefined) box.value = text;
  form.hidden = false;
  spot.classList.toggle("editing", form.dataset.for === "text");
  const around = form.closest("details");
  if (around) around.open = true;
  return box;
}

function close(spot) {
  for (const form of spot.querySelectorAll("form.editor")) {
    drafts.delete(`${spot.dataset.at}/${form.dataset.for}`);
    form.hidden = true;
    form.reset();
  }
  keep();
  spot.classList.remove("editing");
  show(spot.querySelector(".verdict"), []);
}

async function change(spot, asked, kind) {
  const at = spot.dataset.at;
  if (spot.getAttribute("aria-busy")) return;
  questions += 1;
  clearTimeout(waiting);
  spot.setAttribute("aria-busy", "true");
  const seen = spot.dataset.seen || (placeOf(at) || spot).dataset.seen || "";
  const done = await post("/edit", { at, seen, ...asked });
  spot.removeAttribute("aria-busy");
  if (done.refused.length) {
    if (done.main) renew(done.main);
    const here = (done.main && placeOf(at)) || spot;
    const more = kind === "text" && !done.main && !asked.own_words ? offerOwnWords(here) : null;
    show(here.querySelector(".verdict"), done.refused, true, more);
    tell(`Refused: ${done.refused.join("; ")}`);
    return;
  }
  if (kind) drafts.delete(`${at}/${kind}`);
  keep();
  renew(done.main, done.at);
  tell(`Saved. ${done.reads}${done.mark ? ` (${done.mark})` : ""}`);
}

function worded(spot, form) {
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const moved = boxes.some((box) => box.checked !== box.defaultChecked);
  return { text: form.querySelector("textarea").value.trim(), rests_on: moved ? boxes.filter((box) => box.checked).map((box) => box.value) : [] };
}

function measured(form) {
  const value = (name) => form.elements[name].value;
  const says = value("says");
  const measure = { unit: value("unit"), statistic: "share", steps: [[{ field: "action", op: "is", value: [value("act")] }]] };
  if (says.endsWith("_others")) Object.assign(measure, { versus: "matched", says: { comparator: says } });
  else if (says) measure.says = { quantifier: says };
  return JSON.stringify(measure);
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const spot = spotOf(form);
  const kind = form.dataset.for;
  if (kind === "text") change(spot, worded(spot, form), kind);
  else if (kind === "note") change(spot, { note: form.querySelector("textarea").value.trim() }, kind);
  else if (kind === "words") change(spot, { text: form.querySelector("textarea").value.trim() }, kind);
  else if (kind === "measure") change(spot, { measure: measured(form) });
  else if (kind === "merge") merge(form);
});

async function merge(form) {
  const file = form.querySelector("input").files[0];
  const box = form.querySelector(".verdict");
  if (!file) return show(box, ["Choose a file first."], true);
  const done = await post("/join", { name: file.name, text: await file.text() });
  if (done.refused.length) return show(box, done.refused, true);
  renew(done.main, "done");
  tell(done.reads);
}

const DOES = { accept: { verdict: "accepted" }, reject: { verdict: "rejected" }, lock: { locked: true }, unlock: { locked: false } };

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button) return;
  const spot = spotOf(button);
  const does = button.dataset.do;
  if (does === "edit" || does === "note") {
    const box = open(spot, formOf(spot, does === "edit" ? "text" : "note"));
    box.focus();
  } else if (does === "cancel") {
    close(spot);
    spot.querySelector("button").focus();
  } else if (does === "own") {
    change(spot, { ...worded(spot, formOf(spot, "text")), own_words: true }, "text");
  } else if (does === "undo") {
    change(spot, { undo: button.dataset.id });
  } else if (does === "again") {
    const place = placeOf(spot.dataset.at);
    if (!place) return tell("That place is not on the card any more: take the change back.");
    open(place, formOf(place, "text"), button.dataset.words).focus();
  } else if (DOES[does]) {
    change(spot, DOES[does]);
  }
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("form");
  if (!form || form.dataset.for === "measure" || form.dataset.for === "merge") return;
  const spot = spotOf(form);
  const text = form.querySelector("textarea").value;
  drafts.set(`${spot.dataset.at}/${form.dataset.for}`, text);
  keep();
  if (form.dataset.for !== "text") return;
  clearTimeout(waiting);
  waiting = setTimeout(() => ask(spot, form, text), PAUSE);
});

async function ask(spot, form, text) {
  if (!text.trim()) return;
  const mine = (questions += 1);
  const done = await post("/try", { at: spot.dataset.at, ...worded(spot, form) });
  if (form.hidden || mine !== questions) return; // they went on
  const box = spot.querySelector(".verdict");
  if (done.refused.length) show(box, done.refused.map((why) => `Does not hold: ${why}`), true);
  else show(box, [`Code finds nothing against it${done.mark ? `; it would be marked “${done.mark}”` : ""}.`]);
}

document.addEventListener("keydown", (event) => {
  const form = event.target.closest && event.target.closest("form.editor");
  if (!form) return;
  if (event.key === "Escape") {
    const spot = spotOf(form);
    close(spot);
    spot.querySelector("button").focus();
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});

restore();
