// The values in a chip's panel: found by a part of their name among all that the book has, those that are chosen first.

const WAIT_MS = 150;
const SHOWN_MAX = 40;

const waiting = new WeakMap();

function dimensionOf(form) {
  return form.elements.dimension.value;
}

function choiceOf({ value, label }) {
  const made = document.createElement("label");
  const check = document.createElement("input");
  check.type = "checkbox";
  check.name = "value";
  check.value = value;
  const name = document.createElement("span");
  name.textContent = label;
  made.append(check, " ", name);
  return made;
}

async function show(form, typed) {
  const dimension = dimensionOf(form);
  const query = new URLSearchParams({ dimension, q: typed, limit: SHOWN_MAX });
  const response = await fetch(`/api/v1/names?${query}`);
  if (!response.ok || dimensionOf(form) !== dimension || form.elements.typed.value.trim() !== typed) return;
  const { names, total } = await response.json();
  const values = form.querySelector(".values");
  const chosen = [...values.querySelectorAll("label")].filter((one) => one.querySelector("input").checked);
  const taken = new Set(chosen.map((one) => one.querySelector("input").value));
  const others = names.filter((one) => !taken.has(one.value)).map(choiceOf);
  values.replaceChildren(values.querySelector("legend"), ...chosen, ...others);
  form.querySelector(".values-more").hidden = total <= names.length;
}

// As a name is typed, the values that have it.
export function foundValues(field) {
  clearTimeout(waiting.get(field));
  waiting.set(field, setTimeout(() => show(field.form, field.value.trim()), WAIT_MS));
}

// The values of the dimension that was chosen, of which none is chosen yet.
export function listValues(form) {
  for (const one of form.querySelectorAll(".values label")) one.remove();
  form.elements.typed.value = "";
  show(form, "");
}
