// Tables that are sorted, filtered and leafed through.

const PER_PAGE = 50;
const tables = [];

/**
 * A table.
 *
 * columns: {head, kind, digits, note}; rows: cells; sums: numbers of rows that stay at the end;
 * link: where the first cell of a row leads; fields: elements above it; keep: whether a row is shown.
 */
function makeTable({ caption, note, columns, rows, sums = [], link = null, fields = [], keep = null, status = null }) {
  const state = { by: null, isFalling: false, page: 0, all: false };
  const ending = new Set(sums);
  const body = make("tbody");
  const heads = columns.map((column, number) => {
    const kind = KINDS[column.kind];
    const button = make("button", { type: "button", title: column.note || null, onclick: () => sort(number) }, column.head);
    return make("th", { scope: "col", class: kind.isRight ? "right" : null }, button);
  });
  const leaf = make("div", { class: "leaf" });
  const told = make("p", { class: "note", role: "status" });

  function chosen() {
    const some = rows.map((_, number) => number).filter((number) => !ending.has(number) && (!keep || keep(rows[number])));
    if (state.by !== null) {
      const key = KINDS[columns[state.by].kind].key || sortKey;
      some.sort((a, b) => compare(key(rows[a][state.by]), key(rows[b][state.by]), state.isFalling));
    }
    return some;
  }

  function draw() {
    const some = chosen();
    const n = Math.max(1, Math.ceil(some.length / PER_PAGE));
    state.page = Math.max(0, Math.min(state.page, n - 1));
    const first = state.all ? 0 : state.page * PER_PAGE;
    const shown = some.slice(first, state.all ? undefined : first + PER_PAGE);
    body.replaceChildren(...shown.map(line), ...sums.map(line));
    heads.forEach((head, number) => {
      if (number === state.by) head.setAttribute("aria-sort", state.isFalling ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    const turn = (by) => () => { state.page += by; draw(); };
    leaf.replaceChildren();
    if (n > 1 && !state.all) {
      leaf.append(
        make("button", { type: "button", onclick: turn(-1), disabled: state.page === 0 }, "Previous"),
        make("span", {}, `${fixed(first + 1, 0)} to ${fixed(first + shown.length, 0)} of ${fixed(some.length, 0)}`),
        make("button", { type: "button", onclick: turn(1), disabled: state.page === n - 1 }, "Next"),
      );
    }
    if (status) told.textContent = status(some.length, rows.length - sums.length);
  }

  function line(number) {
    const cells = columns.map((column, place) => {
      const kind = KINDS[column.kind];
      const words = kind.words(rows[number][place], column.digits);
      const inside = place === 0 && link ? make("a", { href: link(rows[number]) }, words) : words;
      const attributes = { class: kind.isRight ? "right" : null };
      return place === 0 ? make("th", { scope: "row", ...attributes }, inside) : make("td", attributes, inside);
    });
    return make("tr", { class: ending.has(number) ? "sum" : null }, cells);
  }

  function sort(number) {
    const isRight = KINDS[columns[number].kind].isRight && !(number === 0);
    if (state.by === number) state.isFalling = !state.isFalling;
    else Object.assign(state, { by: number, isFalling: Boolean(isRight) });
    state.page = 0;
    draw();
  }

  const again = () => { state.page = 0; draw(); };
  tables.push({ open: () => { state.all = chosen().length <= 500; draw(); }, close: () => { state.all = false; draw(); } });
  draw();
  const element = make(
    "div", { class: "table" },
    fields.length ? make("div", { class: "fields" }, fields) : null,
    status ? told : null,
    make("p", { class: "caption" }, caption),
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      make("table", { "aria-label": caption }, make("thead", {}, make("tr", {}, heads)), body)),
    leaf, muted(note),
  );
  return { element, again };
}

const scenesOf = (shared) => shared.scenes.map((scene) => scene.name);

/** Confusion matrices side by side: of each true scene, % that were taken for which. */
function makeMatrices({ items, note }) {
  const names = scenesOf(content);
  const each = items.filter((item) => item.counts).map(({ name, counts }) => {
    const flat = counts.flat();
    const lines = names.map((scene, row) => {
      const here = flat.slice(4 * row, 4 * row + 4);
      const all = here.reduce((a, b) => a + b, 0);
      const cells = here.map((n, column) => {
        const share = all ? n / all : null;
        const style = { "--share": `${Math.round(100 * (share || 0))}%` };
        const cell = make("td", {
          class: [row === column ? "own" : "", share > 0.55 ? "dark" : ""].join(" ").trim() || null,
          title: `${scene} taken for ${names[column]}: ${fixed(n, 0)} of ${fixed(all, 0)} windows`,
        }, percent(share, 0));
        for (const [key, value] of Object.entries(style)) cell.style.setProperty(key, value);
        return cell;
      });
      return make("tr", {}, make("th", { scope: "row" }, scene), cells);
    });
    const right = accuracy(flat);
    return make("table", { class: "matrix" },
      make("caption", {}, chip(name), ` ${percent(right)} %`),
      make("thead", {}, make("tr", {}, make("td", { class: "corner" }, "true ↓ taken for →"), names.map((scene) => make("th", { scope: "col" }, scene)))),
      make("tbody", {}, lines));
  });
  return make("div", {}, make("div", { class: "matrices" }, each), muted(note));
}

/** A classifier's name with its colour. */
function chip(name) {
  const colour = content.classifiers[name];
  return make("span", { class: "chip" }, colour ? make("i", { style: { background: onGround(colour) }, "aria-hidden": "true" }) : null, name);
}
