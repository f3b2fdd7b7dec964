// What is being typed, completed with the book's own names: a combobox as the ARIA practices describe it. The focus
// stays in the field; the arrows choose, Enter takes, Escape closes. With nothing chosen Enter asks.

const WAIT_MS = 120;

export function combobox(box, list, tell) {
  let waiting = null;
  let asking = null;
  let active = -1;

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");

  function close() {
    clearTimeout(waiting);
    asking?.abort();
    active = -1;
    list.hidden = true;
    list.replaceChildren();
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function choose(place) {
    const options = [...list.children];
    active = (place + options.length + 1) % (options.length + 1); // one place more, for none
    options.forEach((one, at) => one.setAttribute("aria-selected", String(at === active)));
    if (active < options.length) {
      box.setAttribute("aria-activedescendant", options[active].id);
      options[active].scrollIntoView({ block: "nearest" });
    } else {
      active = -1;
      box.removeAttribute("aria-activedescendant");
    }
  }

  function take(option) {
    box.value = `${option.dataset.text} `;
    close();
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }

  function optionOf({ text, label, of }, place) {
    const option = document.createElement("li");
    option.id = `suggestion-${place}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.text = text;
    const name = document.createElement("span");
    name.textContent = label;
    const kind = document.createElement("small");
    kind.className = "soft";
    kind.textContent = of;
    option.append(name, " ", kind);
    return option;
  }

  async function look() {
    const typed = box.value;
    if (typed.trim().length < 2 || box.selectionStart !== typed.length) return close();
    asking?.abort();
    asking = new AbortController();
    try {
      const response = await fetch(`/api/v1/suggestions?${new URLSearchParams({ q: typed })}`, { signal: asking.signal });
      const found = response.ok ? (await response.json()).suggestions : [];
      if (box.value !== typed || document.activeElement !== box) return;
      if (!found.length) return close();
      list.replaceChildren(...found.map(optionOf));
      list.hidden = false;
      active = -1;
      box.setAttribute("aria-expanded", "true");
      box.removeAttribute("aria-activedescendant");
      tell(found.length === 1 ? "1 suggestion" : `${found.length} suggestions`);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, WAIT_MS);
  });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") choose(active + 1);
    else if (event.key === "ArrowUp") choose(active < 0 ? list.children.length - 1 : active - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) take(list.children[active]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // so that the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  return { close };
}
