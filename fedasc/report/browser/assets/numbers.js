// Numbers in words, as they stand in all tables of fedasc: a dash where there is none.

const DASH = "–";
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

function fixed(value, digits, isSigned = false) {
  if (typeof value === "string") return value;
  if (!isNumber(value)) return DASH;
  const words = Math.abs(value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const isZero = !/[1-9]/.test(words);
  return (value < 0 && !isZero ? "−" : isSigned && !isZero ? "+" : "") + words;
}

const percent = (share, digits = 1) => (isNumber(share) ? fixed(100 * share, digits) : DASH);
const points = (difference, digits = 1) => (isNumber(difference) ? fixed(100 * difference, digits, true) : DASH);
const within = (value) => Math.max(-1, Math.min(1, value));

function gain([mean, low, high], digits) {
  const ends = isNumber(low) && isNumber(high);
  return points(mean, digits) + (ends ? ` [${points(within(low), digits)}, ${points(within(high), digits)}]` : "");
}

/** A number as short as it may be. */
function brief(value) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (!isNumber(value)) return value === null || value === "" || value === undefined ? DASH : String(value);
  if (Number.isInteger(value)) return fixed(value, 0);
  return Number(value.toPrecision(3)).toString().replace("-", "−");
}

/** By kind of column: its words, what it is sorted by, and whether it stands at the right. */
const KINDS = {
  text: { words: (value) => (value === null || value === "" || value === undefined ? DASH : String(value)) },
  share: { words: percent, isRight: true },
  points: { words: points, isRight: true },
  number: { words: fixed, isRight: true },
  count: { words: (value) => fixed(value, 0), isRight: true },
  mean: { words: ([mean, low, high], digits) => percent(mean, digits) + (isNumber(low) ? ` [${percent(low, digits)}, ${percent(high, digits)}]` : ""), key: (value) => value[0], isRight: true },
  plain: { words: ([mean, low, high], digits) => fixed(mean, digits) + (isNumber(low) ? ` [${fixed(low, digits)}, ${fixed(high, digits)}]` : ""), key: (value) => value[0], isRight: true },
  gain: { words: gain, key: (value) => value[0], isRight: true },
};

const ENDLESS = { "∞": Infinity, "−∞": -Infinity };
const sortKey = (value) => (value in ENDLESS ? ENDLESS[value] : value);

/** How two values stand to each other; what isn't there comes last, whichever way. */
function compare(one, other, isFalling) {
  const lacks = (value) => value === null || value === undefined || value === "";
  if (lacks(one) || lacks(other)) return lacks(one) - lacks(other);
  const order = typeof one === "string" ? one.localeCompare(other, "en", { numeric: true }) : one - other;
  return isFalling ? -order : order;
}

/** Share of a scene's windows (row) that were right; null of none. */
function recall(counts, scene) {
  const row = counts.slice(4 * scene, 4 * scene + 4);
  const all = row.reduce((a, b) => a + b, 0);
  return all ? row[scene] / all : null;
}

function accuracy(counts) {
  if (!counts) return null;
  const all = counts.reduce((a, b) => a + b, 0);
  return all ? (counts[0] + counts[5] + counts[10] + counts[15]) / all : null;
}

const less = (one, other) => (isNumber(one) && isNumber(other) ? one - other : null);
