import { expect, test } from "vitest";

import type { Reaction } from "../../../src/core/reaction.ts";
import type { EventWords } from "../../../src/engine/outbox/event-words.ts";
import { reactsTo } from "../../../src/engine/outbox/matching.ts";
import { noticeOf } from "../../../src/engine/outbox/notice-of.ts";
import type { Post } from "../../../src/engine/outbox/post.ts";
import { openSchedule } from "../../../src/engine/outbox/schedule.ts";
import { untold } from "../../../src/engine/outbox/tale.ts";
import type { Clock } from "../../../src/engine/ports.ts";
import { createRedactor } from "../../../src/evidence/redact.ts";
import { plan } from "../../report/support/every-event.ts";
import { reaction } from "../../support/told-rollout.ts";

const words: EventWords = {
  title: "warning: slow",
  reason: "p95 = 0.3",
  tone: "warn",
  needsPerson: false,
  isOver: false,
  isEnd: false,
  stage: null,
  trigger: "slow",
  by: "canary",
};

test.each<[string, Partial<Reaction>, boolean]>([
  ["its event", {}, true],
  ["another event", { event: "paged" }, false],
  ["its trigger", { trigger: "slow" }, true],
  ["another trigger", { trigger: "errors" }, false],
  ["its stage", { stage: "pilot" }, true],
  ["another stage", { stage: "full" }, false],
])("a line for %s", (_, more, wanted) => {
  const line = { ...reaction("warned", "slack"), ...more };
  expect(reactsTo(line, "warned", words, "pilot")).toBe(wanted);
});

test("nothing of a message holds a secret, whoever wrote it", () => {
  const redactor = createRedactor();
  redactor.register("env:TOKEN", "s3cret-value");
  const told = noticeOf({
    subject: {
      plan,
      rollout: "r",
      event: "warned",
      at: 0,
      words: { ...words, reason: "it said s3cret-value" },
      tale: untold,
    },
    reaction: reaction("warned", "slack", {
      subject: "s3cret-value",
      text: "${event.reason} ${outputs.x}",
    }),
    of: "1.7",
    outputs: () => "s3cret-value",
    asked: [],
    redactor,
  });
  expect(told.subject).toBe("[redacted env:TOKEN]");
  expect(told.text).toBe("it said [redacted env:TOKEN] [redacted env:TOKEN]");
});

/** A clock that stands still and remembers what it was asked. */
function standing(now: number): Clock & { readonly set: number[] } {
  const set: number[] = [];
  return {
    set,
    now: () => now,
    mono: () => 0,
    after(ms) {
      set.push(ms);
      return () => undefined;
    },
  };
}

function postman(): Post & { readonly sent: string[] } {
  const sent: string[] = [];
  return {
    sent,
    send: ({ id }, { of }) => void sent.push(`${id} ${of}`),
    giveUp: () => undefined,
    close: () => Promise.resolve(),
    stop: () => undefined,
  };
}

test.each([
  ["what is not due waits for the time that is left since the event", 700, [300], []],
  ["what became due while nobody ran is told at once", 5000, [], ["started/slack 1.3"]],
])("%s", (_, since, waits, sent) => {
  const clock = standing(10_000);
  const post = postman();
  const schedule = openSchedule(clock, post, () => untold);
  const occasion = {
    of: "1.3",
    at: 10_000 - since,
    event: "started",
    words,
    tale: untold,
  } as const;
  schedule.plan(reaction("started", "slack", { after: 1000 }), occasion);
  expect(clock.set).toEqual(waits);
  expect(post.sent).toEqual(sent);
});

test("what is told again and again keeps its rhythm over a takeover", () => {
  const clock = standing(10_000);
  const post = postman();
  const schedule = openSchedule(clock, post, () => untold);
  const occasion = { of: "1.3", at: 7700, event: "started", words, tale: untold } as const;
  schedule.plan(reaction("in-progress", "slack", { every: 1000 }), occasion);
  expect(clock.set).toEqual([700]);
});
