// Windows to listen to: sounds and pictures are read from the file when they come into sight.

const PER_SHELF = 12;
const inWords = (scene) => scene.replaceAll("_", " ");

/** A window with its sound, pictures, and what each classifier took it for. */
function makeClip(clip, number, isLinked = true) {
  const name = `Window ${clip.window} of user ${clip.device}: ${inWords(clip.scene)}`;
  const { sound, spectrogram, ams } = read(`clip-${number}`);
  const said = Object.entries(clip.said).map(([classifier, scene]) => {
    const isRight = scene === clip.scene;
    return make("tr", {}, make("th", { scope: "row" }, chip(classifier)), make("td", {}, inWords(scene)), make("td", { class: isRight ? "yes" : "no" }, isRight ? "right" : "wrong"));
  });
  const colour = content.scenes.find((scene) => scene.key === clip.scene)?.colour;
  return make("article", { class: "clip", "aria-label": name },
    make("h3", {}, make("i", { class: "scene", style: { background: colour || null }, "aria-hidden": "true" }), inWords(clip.scene)),
    make("p", { class: "note" }, isLinked ? make("a", { href: `#user-${clip.device}` }, `user ${clip.device}`) : `user ${clip.device}`, `, ${clip.profile}, window ${clip.window}`),
    make("p", {}, clip.heard),
    make("audio", { controls: true, preload: "none", src: sound, "aria-label": `Play. ${name}, ${fixed(clip.seconds, 0)} s` }),
    make("div", { class: "seen" },
      make("figure", {}, make("img", { src: spectrogram, alt: `Spectrogram of window ${clip.window} of user ${clip.device}` }),
        make("figcaption", {}, `spectrogram: ${fixed(clip.seconds, 0)} s →, frequency ↑`)),
      make("figure", {}, make("img", { src: ams, alt: `AMS features of window ${clip.window} of user ${clip.device}` }),
        make("figcaption", {}, "AMS: time →"))),
    make("table", { class: "said" }, make("caption", {}, "Taken for"), make("tbody", {}, said)));
}

/** All of them, by scene and by who was wrong. */
function makeClips() {
  const chosen = { scene: "", wrong: "", n: PER_SHELF };
  const place = make("div", { class: "clips" });
  const told = make("p", { class: "note", role: "status" });
  const more = make("button", { type: "button", onclick: () => { chosen.n += PER_SHELF; draw(); } }, "Show more");
  const shown = new Map();
  function draw() {
    const some = content.clips.map((_, number) => number).filter((number) => {
      const clip = content.clips[number];
      return (!chosen.scene || clip.scene === chosen.scene) && (!chosen.wrong || (clip.said[chosen.wrong] ?? clip.scene) !== clip.scene);
    });
    for (const number of some.slice(0, chosen.n)) if (!shown.has(number)) shown.set(number, makeClip(content.clips[number], number));
    place.replaceChildren(...some.slice(0, chosen.n).map((number) => shown.get(number)));
    more.hidden = some.length <= chosen.n;
    const left = content.n_clips - content.clips.length;
    told.textContent = `${Math.min(chosen.n, some.length)} of ${some.length} windows` + (left ? `; ${left} more had no room in this file` : "");
  }
  const again = (name) => (value) => { Object.assign(chosen, { [name]: value, n: PER_SHELF }); draw(); };
  const classifiers = [...new Set(content.clips.flatMap((clip) => Object.keys(clip.said)))];
  draw();
  return make("div", {},
    make("div", { class: "fields" },
      selection("True scene", [["", "any"], ...content.scenes.map((scene) => [scene.key, scene.name])], again("scene")),
      selection("Wrong is", [["", "any classifier"], ...classifiers.map((name) => [name, name])], again("wrong"))),
    told, place, more);
}
