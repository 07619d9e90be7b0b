// The page: its sections, and which view is shown.

const content = read("content");
const users = { points: () => (book ? book.points : []) };

const SHOWN = {
  text: (part) => make("p", {}, part.text),
  code: (part) => make("pre", { tabindex: "0" }, make("code", {}, part.text)),
  table: (part) => makeTable(part).element,
  matrices: makeMatrices,
  users: () => makeUserTable(),
  clips: () => makeClips(),
  chart: (part) => makePlot(part, users).element,
  figures: (part) => make("dl", { class: "figures" }, part.rows.map(([name, value, note]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value, note ? make("small", {}, note) : null)))),
  facts: (part) => {
    const inside = facing(part.caption, part.rows);
    return part.open ? inside : make("details", { class: "told" }, make("summary", {}, part.caption), inside);
  },
  files: (part) => make("ul", { class: "files" }, part.rows.map(([name, words]) => make("li", {}, make("a", { href: name.split("/").map(encodeURIComponent).join("/") }, name), ` ${words}`))),
};

function makeSection({ name, title, parts: inside }) {
  return make("section", { id: name, "aria-labelledby": `${name}-title` },
    make("h2", { id: `${name}-title` }, title), inside.map((part) => SHOWN[part.kind](part)));
}

/** What the library of plots asks for: its licences, read when somebody wants to see them. */
function makeLicences() {
  const text = make("pre", { tabindex: "0" });
  const show = async (event) => { if (event.target.open && !text.textContent) text.textContent = await unpacked("licences"); };
  return make("section", { class: "licences" }, make("details", { ontoggle: show }, make("summary", {}, "Licences of Vega, which draws the plots"), text));
}

const main = byId("main"), one = byId("user");
let shownUser = null;

/** What the address says: a user, or a place on the page. */
async function route() {
  const named = /^#user-(\d+)$/.exec(location.hash);
  main.hidden = byId("head").hidden = Boolean(named);
  one.hidden = !named;
  if (!named) {
    one.replaceChildren();
    document.title = content.title;
    const place = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (shownUser !== null && place) place.scrollIntoView();
    shownUser = null;
    await drawAll(plots.filter((plot) => !plot.view && main.contains(plot.place)));
    return;
  }
  const device = Number(named[1]);
  shownUser = device;
  const { element, plot } = makeUser(device);
  one.replaceChildren(element);
  document.title = `User ${device} – ${content.title}`;
  scrollTo(0, 0);
  (one.querySelector("h1") || one).focus({ preventScroll: true });
  if (plot) await plot.draw();
}

async function start() {
  byId("head").querySelector("h1").textContent = content.title;
  byId("lead").append(...content.lead.map((words) => make("p", { class: "lead" }, words)));
  if (!("DecompressionStream" in window)) {
    main.append(make("p", { class: "alone" }, "This browser is too old for this page (it lacks DecompressionStream): the same results are in the tables and pictures beside it."));
    return;
  }
  if (byId("users")) book = opened(await unpacked("users"));
  byId("nav").append(...content.sections.map(({ name, title }) => make("a", { href: `#${name}` }, title)));
  main.append(...content.sections.map(makeSection), makeLicences());
  if (location.hash.length > 1) byId(location.hash.slice(1))?.scrollIntoView();
  addEventListener("hashchange", route);
  document.documentElement.dataset.ready = Math.round(performance.now());
  await route();
  document.documentElement.dataset.drawn = Math.round(performance.now());
}

// Blocks with sounds come after this script, so everything begins when all of the file is there.
if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
else start();
