// Packs the compiled modules into few files, which Node opens much faster: an abort needs three hundred of them, and its first
// write would wait for the disk a third of its time. What the way back needs is one file; the rest is split as it is loaded.
import fs from "node:fs";
import path from "node:path";
import url from "node:url";

import { rolldown } from "rolldown";

const dist = path.join(path.dirname(path.dirname(url.fileURLToPath(import.meta.url))), "dist");
const module = (name) => path.join(dist, `${name}.js`);

/** What `canary --version` needs, and every other command first. It waits for the others, so none of them may import it. */
const MAIN = module("cli/main");

/** What an abort imports by the time its first value is read back: each with all that it imports at its head. */
const WAY_BACK = [
  "cli/run-program",
  "cli/commands/abort",
  "cli/kubectl-through-proxy",
  "cli/in-cluster/kept-files",
  "cli/stores/kept-evidence",
  "drivers/exec",
  "drivers/http",
  "drivers/kubectl/object-way-back",
  "drivers/way-back-drivers",
  "engine/signals",
  "engine/system-processes",
  "evidence/journal-head",
  "report/plain",
  "store/file-store",
  "store/kubernetes/kubernetes-store",
].map(module);

/** As the compiler writes them. */
const AT_HEAD = /^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)";|^import "(\.[^"]+)";/gmu;
const LATE = /\bimport\("(\.[^"]+)"\)/gu;

for (const name of [MAIN, ...WAY_BACK]) {
  if (!fs.existsSync(name)) throw new Error(`scripts/bundle.js names ${name}, which is not there`);
}

/** These modules and all that they import at their heads. */
function closure(names) {
  const reached = new Set();
  const visit = (name) => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const [, from, bare] of fs.readFileSync(name, "utf8").matchAll(AT_HEAD))
      visit(path.resolve(path.dirname(name), from ?? bare));
  };
  for (const name of names) visit(name);
  return reached;
}

const first = closure([MAIN]);
first.delete(MAIN);
const wayBack = closure(WAY_BACK);
const isAtHand = (name) => first.has(name) || wayBack.has(name);

/** What lies in the same file is there already: to import it late would only open one more file, which points back. */
function importAtOnce(code, importer) {
  const heads = [];
  const body = code.replaceAll(LATE, (late, from) => {
    const name = path.resolve(path.dirname(importer), from);
    if (!isAtHand(name)) return late;
    heads.push(`import * as late${heads.length} from ${JSON.stringify(from)};\n`);
    return `Promise.resolve(late${heads.length - 1})`;
  });
  return heads.join("") + body;
}

const bundle = await rolldown({
  input: { main: MAIN, child: module("sandbox/child") },
  platform: "node",
  // Packages stay what they are: installed, with their licences.
  external: (name) => !name.startsWith(".") && !path.isAbsolute(name),
  plugins: [
    {
      name: "import-at-once",
      transform: (code, name) => (wayBack.has(name) ? importAtOnce(code, name) : null),
    },
  ],
  // A module that some load at once and others late lies with the former, as it is meant to.
  checks: { ineffectiveDynamicImport: false },
});
const written = path.join(dist, "bundle.new");
await bundle.write({
  dir: written,
  cleanDir: true,
  format: "esm",
  entryFileNames: "[name].js",
  // Names that stay: a rollout may be under way when canary is built anew or upgraded, and it loads some of its code late.
  chunkFileNames: "[name].js",
  minifyInternalExports: false,
  codeSplitting: {
    groups: [
      { name: "first", priority: 2, test: (name) => first.has(name) },
      { name: "way-back", priority: 1, test: (name) => wayBack.has(name) },
    ],
  },
});
const place = path.join(dist, "bundle");
fs.rmSync(place, { recursive: true, force: true });
fs.renameSync(written, place);
