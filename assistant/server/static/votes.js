// Whether the answer was right: sent as the form would send it, without leaving the page.

export async function vote(form, fields, tell) {
  const place = form.closest(".vote");
  let sentence = "Thank you. It is kept beside the book and goes nowhere else.";
  try {
    const response = await fetch(form.action, { method: "POST", body: fields, redirect: "manual" });
    if (response.type !== "opaqueredirect") throw new Error(response.statusText);
  } catch {
    sentence = "This could not be kept; try again later.";
  }
  const said = document.createElement("p");
  said.className = "soft";
  said.tabIndex = -1;
  said.textContent = sentence;
  place.replaceChildren(said);
  said.focus();
  tell(sentence);
}
