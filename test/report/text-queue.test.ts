import { expect, test } from "vitest";

import { createTextQueue } from "../../src/report/text-queue.ts";

/** A reader that takes what the test allows. */
function reader(): { take: number | null; got: string; attempt: (bytes: Buffer) => number | null } {
  const self = {
    take: Number.POSITIVE_INFINITY as number | null,
    got: "",
    attempt: (bytes: Buffer): number | null => {
      if (self.take === null) return null;
      const taken = Math.min(self.take, bytes.length);
      self.got += bytes.subarray(0, taken).toString();
      return taken;
    },
  };
  return self;
}

test("what a willing reader is told arrives at once, in order", () => {
  const terminal = reader();
  const queue = createTextQueue(terminal.attempt, 100);
  queue.write("a\n");
  queue.draw("frame");
  queue.write("b\n");
  expect(terminal.got).toBe("a\nframeb\n");
});

test("a reader that stops loses no text and gets no frames, and finds all when it reads on", async () => {
  const terminal = reader();
  const queue = createTextQueue(terminal.attempt, 100);
  terminal.take = 0;
  queue.write("first\n");
  queue.draw("frame");
  queue.write("second\n");
  expect(terminal.got).toBe("");
  terminal.take = 3;
  await queue.flush(5000);
  expect(terminal.got).toBe("first\nsecond\n");
});

test("beyond the bound texts are left out and counted, never kept", async () => {
  const terminal = reader();
  const queue = createTextQueue(terminal.attempt, 10);
  terminal.take = 0;
  for (let n = 0; n < 50; n += 1) queue.write("12345\n");
  terminal.take = 1000;
  await queue.flush(5000);
  expect(terminal.got).toBe("12345\n(49 texts were left out: nobody read them)\n");
});

test("a reader that went away ends the printing, and nothing is thrown", async () => {
  const terminal = reader();
  const queue = createTextQueue(terminal.attempt, 100);
  terminal.take = null;
  queue.write("a\n");
  terminal.take = 1000;
  queue.write("b\n");
  await queue.flush(5000);
  expect(terminal.got).toBe("");
});

test("a flush does not wait longer than it was told", async () => {
  const terminal = reader();
  const queue = createTextQueue(terminal.attempt, 100);
  terminal.take = 0;
  queue.write("a\n");
  await queue.flush(1);
  expect(terminal.got).toBe("");
});
