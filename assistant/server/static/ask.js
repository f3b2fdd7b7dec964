// The ask page with a script: questions are answered in place, with the stages shown while they are worked on. Without
// this script the same form and links load the same addresses as whole pages.

const form = document.getElementById("ask-form");
const box = document.getElementById("q");
const today = document.getElementById("today");
const answer = document.getElementById("answer");
const status = document.getElementById("status");

let running = null;

function addressOf(question) {
  const query = new URLSearchParams({ q: question });
  if (today.value) query.set("today", today.value);
  return `/ask?${query}`;
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    pending += value;
    const blocks = pending.split("\n\n");
    pending = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n");
      const name = lines.find((line) => line.startsWith("event: ")).slice(7);
      yield { name, data: JSON.parse(lines.find((line) => line.startsWith("data: ")).slice(6)) };
    }
  }
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
  status.textContent = sentence;
}

function showAnswer(html) {
  answer.innerHTML = html; // made by the server's own template, with every value escaped
  prepare();
  const article = answer.querySelector("article");
  document.title = article.dataset.title + document.title.slice(document.title.lastIndexOf(" · "));
  status.textContent = document.getElementById("said").innerText;
}

async function ask(address, { remember }) {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  const asked = new URL(address, location.href);
  box.value = asked.searchParams.get("q");
  document.getElementById("ask").classList.remove("is-home");
  document.querySelector("#ask h1").classList.add("unseen");
  document.getElementById("examples")?.remove();
  answer.replaceChildren();
  answer.setAttribute("aria-busy", "true");
  if (remember) history.pushState({}, "", asked);
  try {
    const response = await fetch(`/ask/stream${asked.search}`, { signal });
    if (!response.ok) throw new Error(response.statusText);
    for await (const { name, data } of events(response)) {
      if (name === "stage") showStage(data.sentence);
      else if (name === "answer") showAnswer(data.html);
      else throw new Error(name);
    }
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
  history.replaceState({}, "", link.href);
}

function prepare() {
  for (const button of answer.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}

form.addEventListener("submit", (event) => {
  const question = box.value.trim();
  if (!question) return;
  event.preventDefault();
  ask(addressOf(question), { remember: true });
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-ask], a[data-show], button[data-copy]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  if (link.dataset.copy) {
    await navigator.clipboard.writeText(location.href);
    link.textContent = "Copied";
    status.textContent = "Link copied";
  } else if ("show" in link.dataset) {
    switchTo(link);
  } else {
    ask(link.href, { remember: true });
    box.focus();
  }
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});

window.addEventListener("popstate", () => {
  if (new URLSearchParams(location.search).get("q")) ask(location.href, { remember: false });
  else location.reload();
});

prepare();
