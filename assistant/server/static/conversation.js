// The earlier turns of a conversation: what was asked and said, folded, each figure still linked to its proof. They are
// kept with the step of the browser's history that they belong to, so that back, forward and reload have them.

export const TURNS_MAX = 20;

// What a text that names a figure is made of: words, and links to proofs.
function partsOf(paragraph) {
  const parts = [];
  for (const node of paragraph.childNodes) {
    const link = node.nodeType === Node.ELEMENT_NODE ? node.closest("a") ?? node.querySelector("a") : null;
    parts.push({ text: node.textContent, href: link?.getAttribute("href") ?? null, small: node.nodeName === "SUP" });
  }
  return parts;
}

export function turnOf(article) {
  const { title, address, reading } = article.dataset;
  const said = [...article.querySelectorAll("#said p")].map(partsOf);
  return { title, address, reading, said };
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function shownPart({ text, href, small }) {
  if (!href?.startsWith("/")) return document.createTextNode(text);
  const link = element("a", text, small ? "" : "figure");
  link.href = href;
  if (!small) return link;
  link.setAttribute("aria-label", `proof ${text}`);
  const above = element("sup");
  above.append(link);
  return above;
}

function shownTurn(turn) {
  const made = element("details");
  made.append(element("summary", turn.title));
  for (const paragraph of turn.said) {
    const said = element("p");
    said.append(...paragraph.map(shownPart));
    made.append(said);
  }
  if (turn.reading && turn.reading !== turn.title) made.append(element("p", `Read as ${turn.reading}`, "soft"));
  const again = element("a", "Open this answer");
  again.href = turn.address;
  again.dataset.ask = "";
  made.append(again);
  return made;
}

export function showTurns(turns) {
  const earlier = document.getElementById("earlier");
  earlier.replaceChildren(...turns.map(shownTurn));
  earlier.hidden = turns.length === 0;
}
