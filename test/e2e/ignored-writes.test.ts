import { expect, test } from "vitest";

import { eventually } from "../support/sandbox-client.ts";
import { untilShare, worldForTest, type World } from "./support/world.ts";

/** A rollout at 10 % whose runner is dead, in a world that answers writes and drops them. */
async function ignoring(): Promise<{ readonly world: World; readonly id: string }> {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const id = await world.rolloutId();
  start.signal("SIGKILL");
  await start.exit;
  await world.knobs({ ignoreWrites: true });
  return { world, id };
}

const said = (process: { stdout(): string }, text: string): Promise<boolean> =>
  eventually(() => Promise.resolve(process.stdout().includes(text)), Boolean);

test.concurrent("an abort whose writes are ignored says at once which value does not take, and what to run by hand", async () => {
  const { world, id } = await ignoring();
  const abort = world.abort([id]);
  await said(abort, "NOT BACK YET");
  await said(abort, "by hand: ");
  expect(abort.stdout()).toMatch(/NOT BACK YET: .*should be 0, and it is 10/u);
  expect(abort.stdout()).toContain(`by hand: PUT /router {"canary":0}  (url ${world.sandbox.url})`);
  abort.signal("SIGTERM");
  await said(abort, "SIGTERM received: the way back goes on");
  await world.knobs({ ignoreWrites: false });
  const exit = await abort.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(31);
  expect((await world.state()).traffic.canary).toBe(0);
});

test.concurrent("a second signal leaves an abort at once with 130, and another abort finishes it", async () => {
  const { world, id } = await ignoring();
  const abort = world.abort([id]);
  await said(abort, "NOT BACK YET");
  abort.signal("SIGTERM");
  await said(abort, "SIGTERM received");
  abort.signal("SIGINT");
  const exit = await abort.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(130);
  expect(exit.stdout).toContain("what was under way is not finished");
  expect((await world.state()).traffic.canary).toBe(10);
  await world.knobs({ ignoreWrites: false });
  const again = await world.abort([id]).exit;
  expect(again.code, again.stdout + again.stderr).toBe(31);
});
