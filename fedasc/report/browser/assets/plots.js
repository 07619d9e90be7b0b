// Plots: Vega-Lite draws them when the browser has time, again when colours change.

const dark = matchMedia("(prefers-color-scheme: dark)");
const GROUND = "#15181c";
const MOST_VECTORS = 2000;
const plots = [];
let library = null;

const parts = (hex) => [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16));
const linear = (one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4);
const luminance = (rgb) => rgb.map(linear).reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);

/** A colour as it is; black is that of letters, and what hardly shows on a dark ground is lightened. */
function onGround(hex) {
  if (hex === "#000000") return "currentColor";
  if (!dark.matches) return hex;
  const ground = luminance(parts(GROUND));
  let rgb = parts(hex);
  while ((luminance(rgb) + 0.05) / (ground + 0.05) < 4.2) rgb = rgb.map((one) => Math.round(one + 0.08 * (255 - one)));
  return `#${rgb.map((one) => one.toString(16).padStart(2, "0")).join("")}`;
}

const CONFIG = {
  background: "transparent",
  font: "system-ui, sans-serif",
  autosize: { type: "fit-x", contains: "padding" },
  view: { stroke: null },
  axis: {
    labelColor: "currentColor", titleColor: "currentColor", domainColor: "currentColor", tickColor: "currentColor",
    gridColor: "currentColor", gridOpacity: 0.14, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal",
    labelLimit: 130, titlePadding: 8,
  },
  legend: {
    orient: "top", direction: "horizontal", labelColor: "currentColor", titleColor: "currentColor", labelFontSize: 12,
    titleFontSize: 12, titleFontWeight: "normal", symbolStrokeWidth: 1.5, labelLimit: 260,
  },
  header: { labelColor: "currentColor", titleColor: "currentColor" },
  text: { color: "currentColor" },
  rule: { color: "currentColor" },
  axisYDiscrete: { labelLimit: 260 },
  axisYQuantitative: { tickCount: 6 },
  axisXQuantitative: { tickCount: 9 },
  numberFormat: ",~r",
};

async function loaded() {
  library ||= unpacked("plots").then((text) => {
    const script = document.createElement("script");
    script.textContent = text;
    document.head.append(script);
  });
  return library;
}

/** A specification with what was chosen in it, and colours as they are on this ground. */
function filled(spec, chosen) {
  if (Array.isArray(spec)) return spec.map((one) => filled(one, chosen));
  if (spec && typeof spec === "object") {
    return Object.fromEntries(Object.entries(spec).map(([name, one]) => [name, name === "values" ? one : filled(one, chosen)]));
  }
  if (typeof spec !== "string") return spec;
  if (/^#[0-9a-f]{6}$/.test(spec)) return onGround(spec);
  return spec in chosen ? chosen[spec] : spec;
}

/** A plot with its caption; data are what specifications name. */
function makePlot({ spec, caption, description, note, choices = [] }, data = {}) {
  const place = make("div", { class: "plot", role: "img", "aria-label": description });
  const chosen = {};
  const choose = ({ name, options }, field) => {
    chosen[`@${name}`] = field;
    chosen[`@${name}.title`] = options.find(([value]) => value === field)[1];
  };
  const fields = choices.map((choice) => {
    choose(choice, choice.options[0][0]);
    return selection(choice.label, choice.options, (field) => { choose(choice, field); plot.draw(); });
  });
  const plot = {
    place,
    view: null,
    async draw() {
      await loaded();
      const whole = filled(spec, { ...chosen, "@ink": "currentColor", "@ground": dark.matches ? GROUND : "#ffffff" });
      const named = whole.data && data[whole.data.name];
      if (named) whole.data = { values: named() };
      const n = (whole.data && whole.data.values && whole.data.values.length) || 0;
      plot.view?.finalize();
      const isNarrow = place.clientWidth < 480;
      const config = structuredClone(CONFIG);
      if (isNarrow) {
        Object.assign(config.legend, { columns: 2, labelLimit: 110 });
        Object.assign(config.axis, { labelFontSize: 11 });
        config.axisYDiscrete.labelLimit = 100;
        config.axisXQuantitative.tickCount = 5;
      }
      const result = await vegaEmbed(place, { width: "container", ...whole, description }, {
        ast: true, config, renderer: n > MOST_VECTORS ? "canvas" : "svg", mode: "vega-lite",
        actions: { export: true, source: false, compiled: false, editor: false }, downloadFileName: "fedasc",
        tooltip: { theme: dark.matches ? "dark" : "light" },
      });
      plot.view = result.view;
      plot.isCanvas = n > MOST_VECTORS;
      plot.view.addEventListener("click", (_, item) => {
        const device = item?.datum?.device;
        if (device !== undefined) location.hash = `user-${device}`;
      });
      place.dataset.drawn = "";
    },
  };
  plots.push(plot);
  const element = make("figure", {},
    make("figcaption", {}, caption),
    fields.length ? make("div", { class: "fields" }, fields) : null,
    place, muted(note));
  return { element, plot };
}

/** Draw one after the other, those in sight first, so that the page stays quick meanwhile. */
async function drawAll(some) {
  const height = window.innerHeight;
  const isSeen = ({ place }) => { const { top, bottom } = place.getBoundingClientRect(); return bottom > 0 && top < height; };
  const order = [...some.filter(isSeen), ...some.filter((plot) => !isSeen(plot))];
  for (const plot of order) {
    await new Promise(later);
    if (plot.place.isConnected && !plot.place.closest("[hidden]")) await plot.draw();
  }
}

dark.addEventListener("change", () => drawAll(plots.filter((plot) => plot.view)));

// On paper everything is as on a light ground. What is drawn as pixels is drawn anew.
const onPaper = (isPaper) => () => {
  document.documentElement.classList.toggle("paper", isPaper);
  for (const table of tables) isPaper ? table.open() : table.close();
  for (const details of document.querySelectorAll("details.told")) details.open ||= isPaper;
  for (const plot of plots) if (plot.isCanvas && plot.place.isConnected) plot.view.resize().run();
};
addEventListener("beforeprint", onPaper(true));
addEventListener("afterprint", onPaper(false));
