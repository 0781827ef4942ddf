import { stripVTControlCharacters } from "node:util";

import { Chalk } from "chalk";
import { expect, test } from "vitest";

import { witnessLine } from "../../src/evidence/witness-line.ts";
import { colorsFor } from "../../src/report/color.ts";
import { humanRenderer } from "../../src/report/human.ts";
import { ndjsonRenderer } from "../../src/report/ndjson.ts";
import { plainRenderer } from "../../src/report/plain.ts";
import type { Sink } from "../../src/report/sink.ts";
import { createSpinner } from "../../src/report/spinner.ts";
import { entryOf, everyEvent, scene } from "./support/every-event.ts";

function memorySink(): Sink & { text: string } {
  const sink = {
    text: "",
    isTerminal: true,
    write: (text: string) => void (sink.text += text),
    draw: (text: string) => void (sink.text += text),
    flush: () => Promise.resolve(),
  };
  return sink;
}

test("plain: every line has its time in UTC, details and repeated checks are left out", async () => {
  const sink = memorySink();
  const renderer = plainRenderer(sink, scene, "wall");
  const passed = { ...everyEvent["check-finished"], result: "pass" } as const;
  for (const event of [everyEvent.measured, everyEvent["stage-started"], passed, passed])
    renderer.entry(entryOf(event, 5), "");
  renderer.entry(entryOf(everyEvent["check-finished"], 6), "");
  await renderer.close();
  expect(sink.text).toBe(
    [
      "1970-01-01T00:00:05.000Z stage 1 of 1: pilot, 10 %",
      "1970-01-01T00:00:05.000Z check health passed: status 500",
      "1970-01-01T00:00:06.000Z check health failed: status 500",
      "",
    ].join("\n"),
  );
});

test("plain: the log of a rollout is a witness of its journal, and that of a rehearsal is none", async () => {
  const line = '{"v":1,"seq":7}';
  const head = witnessLine(scene.rollout, entryOf(everyEvent["stage-passed"], 5), line);
  for (const [at, expected] of [
    [scene, 1],
    [{ ...scene, evidence: null }, 0],
  ] as const) {
    const sink = memorySink();
    const renderer = plainRenderer(sink, at, "wall");
    renderer.entry(entryOf(everyEvent["stage-passed"], 5), `${line}\n`);
    renderer.entry(entryOf(everyEvent["gate-judged"], 5), `${line}\n`);
    renderer.entry(entryOf(everyEvent["stage-passed"], 5), "");
    await renderer.close();
    expect(sink.text.split(head).length - 1).toBe(expected);
  }
});

test("ndjson: the schema first, then the journal's own bytes", () => {
  const sink = memorySink();
  const renderer = ndjsonRenderer(sink);
  renderer.entry(entryOf(everyEvent.started), '{"v":1,  "seq":1}\n');
  renderer.say({ tone: "info", text: "words", more: [], detail: false });
  renderer.entry(entryOf(everyEvent.verified, 2), "");
  const [first, second, third, rest] = sink.text.split("\n");
  expect(first).toBe('{"schema":"canary.events/v1"}');
  expect(second).toBe('{"v":1,  "seq":1}');
  expect(JSON.parse(third ?? "")).toEqual({
    v: 1,
    seq: 1,
    at: "1970-01-01T00:00:02.000Z",
    mono: 2000,
    epoch: 1,
    actor: "ana",
    event: { kind: "verified" },
  });
  expect(rest).toBe("");
});

test("human: signs and words say it without colour, too", () => {
  const sink = memorySink();
  const renderer = humanRenderer(sink, scene, {
    colors: new Chalk({ level: 0 }),
    spinner: null,
    clock: "wall",
  });
  renderer.entry(entryOf(everyEvent["gate-judged"], 61), "");
  renderer.entry(entryOf(everyEvent.verified, 62), "");
  expect(sink.text).toBe(
    "00:01:01Z ✖ gate p95 < 200ms: RED, p95 = 0.3\n00:01:02Z ✔ verified: the old version is healthy\n",
  );
});

test("human: a rehearsal shows the time since its start", () => {
  const sink = memorySink();
  const colors = new Chalk({ level: 0 });
  const renderer = humanRenderer(sink, scene, { colors, spinner: null, clock: "elapsed" });
  renderer.entry(entryOf(everyEvent["stage-started"], 100), "");
  renderer.entry(entryOf(everyEvent["stage-passed"], 100 + 86_400 + 61), "");
  expect(sink.text).toBe("+00:00:00 ▸ stage 1 of 1: pilot, 10 %\n+24:01:01 ✔ stage pilot passed\n");
});

test("human: the last line shows what goes on and how long, and is cleared before the next", async () => {
  const sink = memorySink();
  const renderer = humanRenderer(sink, scene, {
    colors: new Chalk({ level: 0 }),
    spinner: createSpinner(sink, () => 40),
    clock: "wall",
  });
  renderer.entry({ ...entryOf(everyEvent["stage-started"]), at: Date.now() }, "");
  renderer.entry({ ...entryOf(everyEvent["soak-started"]), at: Date.now() }, "");
  await renderer.close();
  expect(stripVTControlCharacters(sink.text)).toMatch(/soaking pilot, 1m30s left/u);
  expect(sink.text.endsWith("\r\u001B[2K")).toBe(true);
  expect(sink.text).not.toContain("\u001B[?25l");
});

test("the last line never wraps, however long the reason is", async () => {
  const sink = memorySink();
  const spinner = createSpinner(sink, () => 20);
  spinner.show(() => "x".repeat(500));
  spinner.clear();
  expect(stripVTControlCharacters(sink.text).replaceAll("\r", "").length).toBeLessThanOrEqual(20);
});

test.for([
  [{ isTerminal: true, env: {} }, true],
  [{ isTerminal: false, env: {} }, false],
  [{ isTerminal: true, env: { NO_COLOR: "1" } }, false],
  [{ isTerminal: true, env: { NO_COLOR: "" } }, true],
  [{ isTerminal: true, env: { TERM: "dumb" } }, false],
  [{ isTerminal: false, env: { FORCE_COLOR: "1" } }, true],
  [{ isTerminal: true, env: { FORCE_COLOR: "0" } }, false],
  [{ isTerminal: true, env: { CANARY_NO_COLOR: "1" } }, false],
] as const)("colour for %o: %s", ([asked, colored]) => {
  expect(colorsFor(asked).red("x") !== "x").toBe(colored);
});
