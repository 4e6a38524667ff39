"use strict";
// All that needs a script: opening what a link points at, finding claims, copying a card. Without it the page reads as well.
document.documentElement.classList.add("js");
const claims = [...document.querySelectorAll("details.claim")];
const find = document.getElementById("find");
const kind = document.getElementById("kind");
const found = document.getElementById("found");
const texts = new Map(claims.map((claim) => [claim, claim.textContent.toLowerCase()]));

function follow() {
  let name = "";
  try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  const target = name && document.getElementById(name);
  if (!target) return;
  if (target.closest("[hidden]")) clear();
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  target.scrollIntoView({ block: "start" });
  const summary = target.matches("details") ? target.querySelector("summary") : null;
  (summary || target).focus({ preventScroll: true });
}

function filter() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let left = 0;
  for (const claim of claims) {
    const fits = (!kind.value || claim.dataset.kind === kind.value) && words.every((w) => texts.get(claim).includes(w));
    claim.hidden = !fits;
    left += fits;
  }
  for (const list of document.querySelectorAll(".claims")) {
    list.hidden = !list.querySelector("details.claim:not([hidden])");
  }
  const active = words.length > 0 || kind.value !== "";
  document.documentElement.classList.toggle("filtered", active);
  if (active) for (const evidence of document.querySelectorAll("details.evidence")) evidence.open = true;
  found.textContent = active ? `${left} of ${claims.length} claims` : `${claims.length} claims`;
}

function clear() {
  find.value = "";
  kind.value = "";
  filter();
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).content.textContent.trim() + "\n";
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.body.appendChild(document.createElement("textarea"));
    area.value = text;
    area.select();
    done = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const said = button.textContent;
  button.textContent = done ? "Copied" : "Could not copy";
  setTimeout(() => { button.textContent = said; }, 1500);
}

if (find) {
  find.addEventListener("input", filter);
  kind.addEventListener("change", filter);
  find.addEventListener("keydown", (e) => { if (e.key === "Escape") clear(); });
  filter();
}
for (const button of document.querySelectorAll("button[data-copy]")) button.addEventListener("click", () => copy(button));
addEventListener("hashchange", follow);
// A second click on the same link changes no address and is meant all the same.
document.addEventListener("click", (e) => {
  const link = e.target.closest("a[href^='#']");
  if (link && link.hash === location.hash) { e.preventDefault(); follow(); }
});
follow();
