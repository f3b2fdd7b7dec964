// Review with the keyboard. Every key does what a link, a button or a form of the page does, so that nothing needs it.

const panels = { c: "confirm", d: "dismiss", w: "wait", s: "suppress", r: "reopen", "?": "keys" };
const typing = (element) => element.closest("textarea, select, input:not([type='radio'], [type='hidden'])");

function follow(id) {
  const link = document.getElementById(id);
  if (link) link.click();
}

// By its button, beside which it opens.
function toggle(id) {
  document.querySelector(`[popovertarget="${id}"]`)?.click();
}

function choose(panel, number) {
  const radios = panel.querySelectorAll("input[type='radio']");
  if (!radios[number - 1]) return;
  radios[number - 1].checked = true;
  radios[number - 1].focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const open = document.querySelector(".panel:popover-open");
  if (open && /^[1-9]$/.test(event.key)) choose(open, Number(event.key));
  else if (open && panels[event.key] !== open.id) return;
  else if (event.key === "j") follow("next");
  else if (event.key === "k") follow("previous");
  else if (event.key === "a") {
    const form = document.getElementById("assign");
    if (form) (form.querySelector("button") || form).click();
  } else if (event.key === "m") document.getElementById("comment")?.focus();
  else if (panels[event.key]) toggle(panels[event.key]);
  else return;
  event.preventDefault();
});

document.querySelector("#cases [aria-current]")?.scrollIntoView({ block: "nearest" });
