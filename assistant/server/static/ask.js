// The ask page with a script: questions are answered in place, with the stages shown while they are worked on. Without
// this script the same forms and links load the same addresses as whole pages.

import { events } from "./events.js";
import { foundValues, listValues } from "./chips.js";
import { turnOf, showTurns, TURNS_MAX } from "./conversation.js";
import { copy } from "./copying.js";
import { remember, showHistory } from "./history.js";
import { combobox } from "./suggestions.js";
import { vote } from "./votes.js";

const page = document.getElementById("ask");
const form = document.getElementById("ask-form");
const box = document.getElementById("q");
const today = document.getElementById("today");
const answer = document.getElementById("answer");
const status = document.getElementById("status");

let conversation = new URLSearchParams(location.search).get("c") || page.dataset.conversation;
let turns = history.state?.turns ?? [];
let running = null;

const suggestions = combobox(box, document.getElementById("suggestions"), tell);

function tell(sentence) {
  status.textContent = sentence;
}

function addressOf(question) {
  const query = new URLSearchParams({ q: question });
  if (today.value) query.set("today", today.value);
  query.set("c", conversation);
  return `/ask?${query}`;
}

function showStage(sentence) {
  let list = answer.querySelector(".stages");
  if (!list) {
    list = document.createElement("ol");
    list.className = "stages";
    answer.replaceChildren(list);
  }
  const item = document.createElement("li");
  item.textContent = sentence;
  list.append(item);
  tell(sentence);
}

function showSentence(sentence) {
  const said = document.createElement("p");
  said.className = "said is-coming";
  said.textContent = sentence;
  answer.append(said);
}

function showError(message) {
  const article = document.createElement("article");
  const note = document.createElement("p");
  note.className = "note bad";
  note.id = "said";
  note.textContent = message;
  article.append(note);
  answer.replaceChildren(article);
  tell(message);
}

function showAnswer(html, focus) {
  answer.innerHTML = html; // made by the server's own template, with every value escaped
  const article = answer.querySelector("article");
  document.title = article.dataset.title + document.title.slice(document.title.lastIndexOf(" · "));
  history.replaceState({ turns }, "", article.dataset.address);
  prepare();
  tell((document.getElementById("problem") ?? document.getElementById("said")).innerText);
  const wanted = focus && (answer.querySelector(`[data-chip="${focus}"]`) ?? answer.querySelector("h2"));
  if (wanted) wanted.focus();
  else if (document.activeElement === box) box.select();
}

// Where to: an address of this page. How: whether it is a new step of the history, whether the answer before it stays
// above as an earlier turn, and what has the focus afterwards (the name of a chip, or "answer").
async function ask(address, { step = true, keep = true, focus = null } = {}) {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  const asked = new URL(address, location.href);
  const before = answer.querySelector("article[data-address]");
  if (step && keep && before) turns = [...turns, turnOf(before)].slice(-TURNS_MAX);
  suggestions.close();
  conversation = asked.searchParams.get("c") || conversation;
  box.value = asked.searchParams.has("part") ? "" : (asked.searchParams.get("q") ?? "");
  box.placeholder = "Ask on, or ask another question";
  page.classList.remove("is-home");
  page.querySelector("h1").classList.add("unseen");
  document.getElementById("anew").hidden = false;
  document.getElementById("examples")?.remove();
  answer.replaceChildren();
  answer.setAttribute("aria-busy", "true");
  if (step) history.pushState({ turns }, "", asked);
  showTurns(turns);
  const query = new URLSearchParams(asked.search);
  query.set("c", conversation);
  try {
    const response = await fetch(`/ask/stream?${query}`, { signal });
    if (!response.ok) throw new Error(response.statusText);
    for await (const { name, data } of events(response)) {
      if (name === "stage") showStage(data.sentence);
      else if (name === "text") showSentence(data.sentence);
      else if (name === "answer") showAnswer(data.html, focus);
      else if (name === "error") showError(data.error.message);
    }
    if (!answer.querySelector("article")) throw new Error("the stream ended before the answer");
  } catch (error) {
    if (signal.aborted) return;
    location.assign(asked); // the whole page says what is wrong
  } finally {
    if (!signal.aborted) answer.removeAttribute("aria-busy");
  }
}

function switchTo(link) {
  for (const part of answer.querySelectorAll("[data-part]")) {
    part.hidden = link.dataset.show !== "" && part.dataset.part !== link.dataset.show;
  }
  for (const other of answer.querySelectorAll("[data-show]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  history.replaceState({ turns }, "", link.href);
}

function prepare() {
  const article = answer.querySelector("article[data-address]");
  for (const button of answer.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  if (article) remember(page.dataset.book, article.dataset);
  showHistory(page.dataset.book);
}

form.addEventListener("submit", (event) => {
  const question = box.value.trim();
  if (!question) return;
  event.preventDefault();
  ask(addressOf(question));
});

document.addEventListener("submit", (event) => {
  const sent = event.target;
  const fields = new URLSearchParams(new FormData(sent, event.submitter));
  if (sent.matches("[data-change]")) {
    event.preventDefault();
    ask(`/ask/change?${fields}`, { keep: false, focus: sent.dataset.change });
  } else if (sent.matches("[data-vote]")) {
    event.preventDefault();
    vote(sent, fields, tell);
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-ask], a[data-show], button[data-copy]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  if (link.dataset.copy) copy(link, answer, tell);
  else if ("show" in link.dataset) switchTo(link);
  else ask(link.href, { focus: "answer" });
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-names]")) foundValues(event.target);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-dimension]")) listValues(event.target.form);
});

document.addEventListener(
  "toggle",
  (event) => {
    if (event.newState !== "open" || !event.target.matches("[popover]")) return;
    const chooses = event.target.querySelector("select[data-dimension]");
    if (chooses) listValues(chooses.form);
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});

window.addEventListener("popstate", (event) => {
  turns = event.state?.turns ?? [];
  const query = new URLSearchParams(location.search);
  if (query.has("q") || query.has("plan")) ask(location.href, { step: false });
  else location.reload();
});

prepare();
showTurns(turns);
