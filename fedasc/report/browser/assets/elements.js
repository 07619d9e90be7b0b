// Elements are made of texts alone: whatever a name holds, it is shown as it is.

const byId = (id) => document.getElementById(id);
const read = (id) => JSON.parse(byId(id).textContent);

/** An element; children that are null or false are left out. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== false));
  return element;
}

const muted = (words) => (words ? make("p", { class: "note" }, words) : null);

/** A field to choose with, and what it is for. */
function selection(label, options, chosen) {
  const field = make("select", { onchange: () => chosen(field.value) });
  field.append(...options.map(([value, words]) => make("option", { value }, words)));
  return make("label", { class: "field" }, make("span", {}, label), field);
}

/** What a block of the file holds that is compressed and in base64. */
async function unpacked(id) {
  const bytes = Uint8Array.from(atob(byId(id).textContent), (one) => one.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** When the browser has shown what is there. */
const later = (work) => requestAnimationFrame(() => setTimeout(work));
