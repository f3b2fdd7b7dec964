// The last questions of this browser, kept in its own storage and nowhere else: to find one again, and to clear them.

const KEPT_MAX = 50;
const SHOWN_MAX = 50;

const shown = document.getElementById("history");
const find = document.getElementById("history-find");
const list = document.getElementById("history-list");

function keyOf(book) {
  return `tillproof.history.${book}`;
}

function read(book) {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(book)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one?.title === "string" && `${one.address}`.startsWith("/ask?")) : [];
  } catch {
    return []; // no storage, or not ours: there is no history then
  }
}

function write(book, kept) {
  try {
    if (kept.length) localStorage.setItem(keyOf(book), JSON.stringify(kept));
    else localStorage.removeItem(keyOf(book));
  } catch {
    // a browser that keeps nothing has no history
  }
}

export function remember(book, { title, lasting, reading }) {
  const others = read(book).filter((one) => one.address !== lasting && !(one.title === title && one.reading === reading));
  write(book, [{ title, address: lasting, reading }, ...others].slice(0, KEPT_MAX));
}

function entryOf({ title, address, reading }) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = address;
  link.dataset.ask = "";
  link.textContent = title;
  item.append(link);
  if (reading && reading !== title) {
    const small = document.createElement("small");
    small.className = "soft";
    small.textContent = reading;
    item.append(small);
  }
  return item;
}

export function showHistory(book) {
  const kept = read(book);
  const wanted = find.value.trim().toLowerCase();
  const fitting = kept.filter(({ title, reading }) => `${title} ${reading}`.toLowerCase().includes(wanted));
  shown.hidden = kept.length === 0;
  if (fitting.length) list.replaceChildren(...fitting.slice(0, SHOWN_MAX).map(entryOf));
  else {
    const none = document.createElement("li");
    none.className = "soft";
    none.textContent = "None of them has that.";
    list.replaceChildren(none);
  }
}

const book = document.getElementById("ask").dataset.book;
find.addEventListener("input", () => showHistory(book));
document.getElementById("history-clear").addEventListener("click", () => {
  write(book, []);
  find.value = "";
  shown.open = false;
  showHistory(book);
  document.getElementById("q").focus();
  document.getElementById("status").textContent = "Your last questions are cleared";
});
