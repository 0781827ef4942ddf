import { expect, test } from "vitest";

import type { Note } from "../../../src/core/event.ts";
import type { Sent } from "../../../src/engine/outbox/deliver.ts";
import { openLane, type Job } from "../../../src/engine/outbox/lane.ts";

function noted() {
  const notes: Note[] = [];
  const note = (each: Note): Promise<void> => {
    notes.push(each);
    return Promise.resolve();
  };
  return { notes, note };
}

const sent = (more: Partial<Sent> = {}): Sent => ({ why: null, receipt: {}, tries: 1, ...more });
const job = (of: string, send: Job["send"]): Job => ({ reaction: "r", of, send });

test("jobs run one after another, and each is told how the one before ended", async () => {
  const { notes, note } = noted();
  const lane = openLane("slack", { ts: "0" }, note);
  const seen: unknown[] = [];
  const step =
    (result: Sent): Job["send"] =>
    (standing) => {
      seen.push(standing);
      return Promise.resolve(result);
    };
  lane.add(job("1.1", step(sent({ receipt: { ts: "1" } }))));
  lane.add(job("1.2", step(sent({ why: "down", receipt: { ts: "1" }, tries: 3 }))));
  lane.add(job("1.3", step(sent({ receipt: { ts: "3" } }))));
  await lane.idle();
  expect(seen).toEqual([
    { receipt: { ts: "0" }, patient: true },
    { receipt: { ts: "1" }, patient: true },
    // A place that was down gets one try a message until it is back.
    { receipt: { ts: "1" }, patient: false },
  ]);
  expect(notes).toMatchObject([
    { kind: "delivered", of: "1.1", to: "slack", receipt: { ts: "1" } },
    { kind: "not-delivered", of: "1.2", why: "down", tries: 3 },
    { kind: "delivered", of: "1.3" },
  ]);
});

test("what has nothing to say any more leaves no trace, and does not stop the rest", async () => {
  const { notes, note } = noted();
  const lane = openLane("slack", {}, note);
  lane.add(job("1.1", () => null));
  lane.add(job("1.2", () => Promise.resolve(sent())));
  await lane.idle();
  expect(notes).toMatchObject([{ of: "1.2" }]);
  lane.add(job("1.3", () => Promise.resolve(sent())));
  await lane.idle();
  expect(notes).toMatchObject([{ of: "1.2" }, { of: "1.3" }]);
});

test("a journal that takes nothing stops no message", async () => {
  const told: string[] = [];
  const lane = openLane("slack", {}, () => Promise.reject(new Error("no space left")));
  for (const of of ["1.1", "1.2"])
    lane.add(
      job(of, () => {
        told.push(of);
        return Promise.resolve(sent());
      }),
    );
  await lane.idle();
  expect(told).toEqual(["1.1", "1.2"]);
});

test("behind a place that hangs only so many wait; the oldest are given up, and said to be", async () => {
  const { notes, note } = noted();
  const lane = openLane("slack", {}, note);
  const { promise, resolve } = Promise.withResolvers<Sent>();
  const begun = Promise.withResolvers<void>();
  const hang: Job["send"] = () => {
    begun.resolve();
    return promise;
  };
  lane.add(job("1.0", hang));
  await begun.promise;
  for (let index = 1; index <= 205; index += 1)
    lane.add(job(`1.${index}`, () => Promise.resolve(sent())));
  resolve(sent());
  await lane.idle();
  const given = notes.filter(({ kind }) => kind === "not-delivered");
  expect(given.map((each) => "of" in each && each.of)).toEqual(["1.1", "1.2", "1.3", "1.4", "1.5"]);
  expect(notes.filter(({ kind }) => kind === "delivered").length).toBe(201);
});
