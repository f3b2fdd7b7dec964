// Copies for the clipboard: the answer's text with the links of its figures, its table for a spreadsheet, its address.

function absolute(address) {
  return new URL(address, location.href).href;
}

// The text with "[1]" at each figure and the addresses below, and the same as a rich text with links.
function answerOf(article) {
  const paragraphs = [...article.querySelectorAll("#said p")];
  const proofs = new Map();
  const rich = document.createElement("div");
  const plain = paragraphs.map((paragraph) => {
    const shown = document.createElement("p");
    let text = "";
    for (const node of paragraph.childNodes) {
      const link = node.nodeName === "SUP" ? node.querySelector("a") : null;
      if (link) {
        proofs.set(link.textContent, absolute(link.getAttribute("href")));
        text += ` [${link.textContent}]`;
      } else {
        text += node.textContent;
        if (node.nodeName === "A") {
          const figure = document.createElement("a");
          figure.href = absolute(node.getAttribute("href"));
          figure.textContent = node.textContent;
          shown.append(figure);
        } else shown.append(node.textContent);
      }
    }
    rich.append(shown);
    return text;
  });
  const { reading, lasting } = article.dataset;
  const below = [...proofs].map(([number, address]) => `[${number}] ${address}`);
  if (reading) below.push(`Read as ${reading}`);
  below.push(absolute(lasting));
  return { plain: [...plain, "", ...below].join("\n"), rich: rich.innerHTML };
}

async function copyAnswer(article) {
  const { plain, rich } = answerOf(article);
  if (!window.ClipboardItem) return navigator.clipboard.writeText(plain);
  const kinds = { "text/plain": plain, "text/html": rich };
  const parts = Object.entries(kinds).map(([type, text]) => [type, new Blob([text], { type })]);
  return navigator.clipboard.write([new ClipboardItem(Object.fromEntries(parts))]);
}

async function copyTable(button) {
  const response = await fetch(button.dataset.cells);
  if (!response.ok) throw new Error(response.statusText);
  return navigator.clipboard.writeText(await response.text());
}

export async function copy(button, answer, tell) {
  const article = answer.querySelector("article");
  const said = { text: "Answer copied", table: "Table copied", link: "Link copied" }[button.dataset.copy];
  try {
    if (button.dataset.copy === "text") await copyAnswer(article);
    else if (button.dataset.copy === "table") await copyTable(button);
    else await navigator.clipboard.writeText(absolute(article.dataset.lasting));
    button.textContent = "Copied";
    tell(said);
  } catch {
    button.textContent = "Not copied";
    tell("The browser did not let it be copied");
  }
}
