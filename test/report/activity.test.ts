import { expect, test } from "vitest";

import type { Event } from "../../src/core/event.ts";
import { activityText, nextActivity, noActivity } from "../../src/report/activity.ts";
import { entryOf, everyEvent, scene } from "./support/every-event.ts";

/** What is being done after these events, five seconds after the last. */
function after(...events: readonly Event[]): string | null {
  const activity = events.reduce(
    (before, event) => nextActivity(before, entryOf(event), scene),
    noActivity,
  );
  return activityText(activity, 5000);
}

test("a value that does not go back is named with the time left, until its group is done", () => {
  const back = everyEvent["rolling-back"];
  const retried = everyEvent["undo-retried"];
  expect(after(back)).toBe("rolling back");
  expect(after(back, retried)).toBe("rolling back: router share is not back yet, 4m55s left");
  expect(after(back, retried, everyEvent["undo-finished"])).toBe("rolling back");
  expect(after(back, retried, everyEvent["undo-finished"], everyEvent.restored)).toContain(
    "verifying",
  );
});

test("with its bound over a value is still named", () => {
  const retried = { ...everyEvent["undo-retried"], left: 0 };
  expect(after(everyEvent["rolling-back"], retried)).toBe(
    "rolling back: router share is not back yet",
  );
});
