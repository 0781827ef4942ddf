import { PassThrough } from "node:stream";

import { expect, test } from "vitest";

import { askAtTerminal } from "../../src/cli/terminal-signals.ts";
import type { Line } from "../../src/report/line.ts";
import type { Renderer } from "../../src/report/renderer.ts";

interface Asked {
  readonly said: Line[];
  readonly paused: string[];
  readonly input: PassThrough;
  readonly over: AbortController;
  readonly answer: ReturnType<typeof askAtTerminal>;
  guard: string | null;
}

function ask(patience: number): Asked {
  const said: Line[] = [];
  const paused: string[] = [];
  const renderer: Renderer = {
    entry: () => undefined,
    say: (line) => void said.push(line),
    setScene: () => undefined,
    pause: () => {
      paused.push("taken");
      return () => void paused.push("given back");
    },
    close: () => Promise.resolve(),
  };
  const asked = { said, paused, input: new PassThrough(), over: new AbortController() };
  const open: Omit<Asked, "answer"> = { ...asked, guard: null };
  const question = { guard: () => open.guard, over: asked.over.signal };
  return Object.assign(open, {
    answer: askAtTerminal(renderer, question, { input: asked.input, patience }),
  });
}

test.for([
  ["r", "roll-back"],
  [" C ", "go-on"],
] as const)("%j is %s", async ([typed, answer]) => {
  const asked = ask(60_000);
  asked.input.write(`${typed}\n`);
  expect(await asked.answer).toBe(answer);
  expect(asked.paused).toEqual(["taken", "given back"]);
});

test("nobody who answers rolls back, also when the input ends", async () => {
  const silent = ask(20);
  expect(await silent.answer).toBe("roll-back");
  const ended = ask(20);
  ended.input.end();
  expect(await ended.answer).toBe("roll-back");
});

test("d counts only while a guard watches, and says what the guard would do", async () => {
  const asked = ask(60_000);
  asked.input.write("d\n");
  await expect.poll(() => asked.said.length).toBe(2);
  expect(asked.said[1]?.text).toContain("no guard watches");
  asked.guard = "rolls it back";
  asked.input.write("d\n");
  expect(await asked.answer).toBe("detach");
});

test("a question that is over answers nothing", async () => {
  const asked = ask(60_000);
  asked.over.abort();
  expect(await asked.answer).toBeNull();
});
