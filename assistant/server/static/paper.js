// A paper beside its fields: the box of the field that has the focus is marked on the page, and Ctrl+Enter confirms.

const form = document.getElementById("fields");

function mark(id) {
  for (const one of document.querySelectorAll(".box.is-marked")) one.classList.remove("is-marked");
  const box = id && document.getElementById(id);
  if (!box) return;
  box.classList.add("is-marked");
  box.scrollIntoView({ block: "nearest", inline: "nearest" });
}

form.addEventListener("focusin", (event) => mark(event.target.dataset.box));
form.addEventListener("keydown", (event) => {
  const button = document.getElementById("confirm");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && button) {
    event.preventDefault();
    button.click();
  }
});

// A box that is clicked leads to its field.
for (const box of document.querySelectorAll(".box[id^='box-']")) {
  box.addEventListener("click", () => document.querySelector(`[data-box="${box.id}"]`)?.focus());
}

document.getElementById("here")?.scrollIntoView({ block: "center" });
if (!location.hash) document.querySelector("[aria-invalid='true']")?.focus();
