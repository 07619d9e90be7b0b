// Users: a table of all, and a view of each, which is made when it is asked for.

let book = null;

/** Users as objects, with what is reckoned from their windows. */
function opened(text) {
  const told = JSON.parse(text);
  const places = told.classifiers.map((name, place) => [name, place]);
  const users = told.rows.map((row) => {
    const user = Object.fromEntries(told.fields.map((field, place) => [field, row[place]]));
    user.accuracy = Object.fromEntries(places.map(([name, place]) => [name, accuracy(user.scores[place])]));
    user.noiseRight = Object.fromEntries(places.map(([name, place]) => [name, user.scores[place] ? recall(user.scores[place], 0) : null]));
    user.gain = less(user.accuracy.personal, user.accuracy.baseline);
    user.over = less(user.accuracy.personal, user.accuracy.comprehensive);
    user.fact = Object.fromEntries(told.facts.map((name, place) => [name, user.facts[place] ?? null]));
    return user;
  });
  const points = users.filter((user) => isNumber(user.gain) && !user.attack).map((user) => ({
    device: user.device, profile: user.profile, distance: user.distance,
    gain: 100 * user.gain, over: isNumber(user.over) ? 100 * user.over : null,
    baseline: 100 * user.accuracy.baseline, personal: 100 * user.accuracy.personal,
    ...Object.fromEntries(Object.entries(user.fact).filter(([, value]) => isNumber(value)).map(([name, value]) => [`fact_${name}`, value])),
  }));
  return { ...told, users, points, byDevice: new Map(users.map((user) => [user.device, user])), profiles: [...new Set(users.map((user) => user.profile))] };
}

const hears = (user) => [...user.noise, ...user.music].map(([name]) => name).join(" ");
const column = (head, kind, note = "", digits = 1) => ({ head, kind, note, digits });

function makeUserTable() {
  const chosen = { text: "", profile: "", fared: "" };
  const columns = [
    column("user", "count"), column("profile", "text"),
    column("distance", "number", "of what she hears from the baseline set, from 0 to 1", 2),
    column("before", "share", "accuracy of the baseline classifier, in %"),
    column("after", "share", "accuracy of her personal classifier, in %"),
    column("gain", "points", "after less before, in points"),
    column("over all data", "points", "after less the comprehensive classifier, in points"),
    column("noise before", "share", "share of noise windows that were right, in %"),
    column("noise after", "share", "likewise with the personal classifier"),
    column("teacher", "share", "accuracy of the teacher, in %"),
    column("took part", "text"),
  ];
  const rows = book.users.map((user) => [
    user.device, user.profile, user.distance, user.accuracy.baseline, user.accuracy.personal, user.gain, user.over,
    user.noiseRight.baseline, user.noiseRight.personal, user.accuracy.teacher,
    user.attack ? `attacks (${user.attack})` : user.took_part, user,
  ]);
  const fares = {
    "": () => true,
    better: (user) => user.gain > 0,
    worse: (user) => user.gain < 0 && user.gain !== null,
    below: (user) => user.over < 0 && user.over !== null,
  };
  const search = make("input", { type: "search", placeholder: "a number, or what she hears", oninput: () => { chosen.text = search.value.trim().toLowerCase(); table.again(); } });
  const profiles = [["", "all"], ...book.profiles.map((name) => [name, name])];
  const table = makeTable({
    caption: "Users, in %", columns, rows,
    link: (row) => `#user-${row[0]}`,
    fields: [
      make("label", { class: "field" }, make("span", {}, "Find"), search),
      selection("Profile", profiles, (value) => { chosen.profile = value; table.again(); }),
      selection("Fares", [["", "any way"], ["better", "better than before"], ["worse", "worse than before"], ["below", "worse than with all data"]], (value) => { chosen.fared = value; table.again(); }),
    ],
    keep: (row) => {
      const user = row[row.length - 1];
      return (!chosen.profile || user.profile === chosen.profile) && fares[chosen.fared](user)
        && (!chosen.text || String(user.device) === chosen.text || hears(user).toLowerCase().includes(chosen.text));
    },
    status: (n, all) => (n === all ? `${fixed(all, 0)} users` : `${fixed(n, 0)} of ${fixed(all, 0)} users`),
    note: (book.n_users > rows.length ? `The page has the first ${fixed(rows.length, 0)} of ${fixed(book.n_users, 0)} users; devices.csv has all. ` : "")
      + "A user's number leads to what there is to say of her. Headings sort.",
  });
  return table.element;
}

/** Bars of shares from 0 to 1: [name, share, words, colour]. */
function makeBars(caption, bars) {
  const most = Math.max(...bars.map(([, share]) => share || 0), 1e-9);
  return make("table", { class: "bars" }, make("caption", {}, caption), make("tbody", {}, bars.map(([name, share, words, colour]) =>
    make("tr", {}, make("th", { scope: "row" }, name),
      make("td", { class: "bar", "aria-hidden": "true" }, isNumber(share) ? make("i", { style: { width: `${100 * share / most}%`, background: colour || null } }) : null),
      make("td", { class: "right" }, words)))));
}

const facing = (caption, rows) => make("table", { class: "facts" }, make("caption", {}, caption), make("tbody", {},
  rows.map(([name, value, note]) => make("tr", {}, make("th", { scope: "row", title: note || null }, name), make("td", { class: String(value).length > 24 ? "long" : null }, value)))));

function whoSheIs(user) {
  const world = Object.entries(user.surroundings).map(([name, value]) => [content.words[name] || name, brief(value)]);
  return facing("Who she is", [
    ["profile", user.profile], ["distance from the baseline set", brief(user.distance), "from 0 to 1"], ...world,
    ["took part", user.took_part], ...(user.lost ? [["lost", user.lost]] : []), ...(user.attack ? [["attacks", user.attack]] : []),
    ["windows summarised", brief(user.n_windows || null)], ["bytes up", brief(user.bytes_up)], ["bytes down", brief(user.bytes_down)],
    ...(user.n_answers ? [["answers given", brief(user.n_answers)]] : []),
    ...(user.expected_gain === null ? [] : [["expected gain over all data", `${points(user.expected_gain)} points`], ["a classifier of her own pays", brief(user.pays)]]),
  ]);
}

function whatSheHears(user) {
  const counts = user.scores.find(Boolean);
  const parts = [];
  if (counts) {
    const by = content.scenes.map((_, place) => counts.slice(4 * place, 4 * place + 4).reduce((a, b) => a + b, 0));
    const all = by.reduce((a, b) => a + b, 0);
    parts.push(makeBars(`Scenes, of ${fixed(all, 0)} evaluation windows`, content.scenes.map((scene, place) => [scene.name, by[place] / all, `${percent(by[place] / all, 0)} %`, scene.colour])));
  }
  for (const [caption, kinds] of [["Noise types", user.noise], ["Genres", user.music]]) {
    if (!kinds.length) continue;
    if (kinds.every(([, share]) => share === null)) parts.push(make("div", {}, make("p", { class: "caption" }, caption), make("ul", { class: "named" }, kinds.map(([name]) => make("li", {}, name)))));
    else parts.push(makeBars(caption, kinds.map(([name, share]) => [name, share, share === null ? "" : `${percent(share, 0)} %`])));
  }
  return parts;
}

function howSheFares(user) {
  const names = book.classifiers.filter((_, place) => user.scores[place]);
  if (!names.length) return [make("p", {}, "She wasn't judged: her device was lost.")];
  const columns = [column("classifier", "text"), column("accuracy", "share"), column("less before", "points"), ...content.scenes.map((scene) => column(scene.name, "share"))];
  const rows = names.map((name) => {
    const counts = user.scores[book.classifiers.indexOf(name)];
    return [name, accuracy(counts), name === "baseline" ? null : less(accuracy(counts), user.accuracy.baseline), ...content.scenes.map((_, scene) => recall(counts, scene))];
  });
  return [
    makeTable({ caption: "Share of her windows that each classifier has right, in %", columns, rows }).element,
    makeMatrices({ items: names.map((name) => ({ name, counts: user.scores[book.classifiers.indexOf(name)] })), note: "Of each true scene, % that were taken for which. Before: baseline; after: personal." }),
  ];
}

function whatHerMixtureSays(user) {
  const parts = [];
  if (user.tally) {
    const [drawn, ...rest] = user.tally;
    const kept = rest.slice(0, 4), wanted = rest[4];
    const all = kept.reduce((a, b) => a + b, 0);
    parts.push(makeBars("Artificial samples by the teacher's scene", content.scenes.map((scene, place) => [scene.name, all ? kept[place] / all : null, `${fixed(kept[place], 0)} (${percent(all ? kept[place] / all : null, 0)} %)`, scene.colour])));
    parts.push(facing("Samples", [["drawn", fixed(drawn, 0)], ["kept", `${fixed(all, 0)} (${percent(drawn ? all / drawn : null, 0)} %)`], ["wanted", fixed(wanted, 0)]]));
  }
  const known = Object.entries(user.fact).filter(([name, value]) => value !== null && value !== "" && !name.startsWith("kept_"));
  if (known.length) {
    parts.push(facing("What probes tell", [
      ...known.map(([name, value]) => [content.words[name] || name, brief(value), name]),
      ["teacher's calibration error", `${percent(user.calibration_error)} points`],
    ]));
  }
  return parts.length ? parts : [make("p", {}, "Nothing was made of artificial samples for her on this night.")];
}

function herNights(user) {
  const values = book.nights[user.device];
  if (!values || values.length < 2 * book.night_fields.length) return null;
  const lines = [];
  for (let place = 0; place < values.length; place += book.night_fields.length) {
    book.night_fields.slice(1).forEach((classifier, number) => {
      const share = values[place + 1 + number];
      if (isNumber(share)) lines.push({ night: values[place], classifier, accuracy: 100 * share });
    });
  }
  return makePlot({ ...content.user_nights, caption: "Her nights", description: `Accuracy of user ${user.device} from night to night, by classifier.` }, { nights: () => lines });
}

/** The view of a user. */
function makeUser(device) {
  const user = book && book.byDevice.get(device);
  if (!user) return { element: make("p", { class: "alone" }, `No user ${device} is in this page. `, make("a", { href: "#users" }, "All users")), plot: null };
  const numbers = book.users.map((one) => one.device);
  const place = numbers.indexOf(device);
  const step = (by, words) => (place + by in numbers ? make("a", { href: `#user-${numbers[place + by]}` }, words) : null);
  const nights = herNights(user);
  const clips = content.clips.map((clip, number) => [clip, number]).filter(([clip]) => clip.device === device);
  const word = user.gain === null ? "" : ` ${percent(user.accuracy.baseline)} % before, ${percent(user.accuracy.personal)} % after: ${points(user.gain)} points; over all data ${points(user.over)}.`;
  const block = (title, ...inside) => make("section", {}, make("h2", {}, title), ...inside);
  const element = make("div", {},
    make("nav", { class: "steps", "aria-label": "Users" }, make("a", { href: "#users" }, "All users"), step(-1, "Previous user"), step(1, "Next user")),
    make("h1", { tabindex: "-1" }, `User ${device}`),
    make("p", { class: "lead" }, `Of profile ${user.profile}${book.nights[device] ? `, night ${user.night}` : ""}.${word}`),
    block("Who she is and what she hears", make("div", { class: "columns" }, whoSheIs(user), whatSheHears(user))),
    block("How she fares", ...howSheFares(user)),
    nights ? block("From night to night", nights.element) : null,
    block("What her mixture says", make("div", { class: "columns" }, whatHerMixtureSays(user))),
    clips.length ? block("Windows that were taken for something else", make("div", { class: "clips" }, clips.map(([clip, number]) => makeClip(clip, number, false)))) : null,
  );
  return { element, plot: nights && nights.plot };
}
