import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { describe, expect, test } from "vitest";

import { runCanary } from "../e2e/support/run-canary.ts";
import { untilShare, worldForTest } from "../e2e/support/world.ts";
import { eventually } from "../support/sandbox-client.ts";
import { CANARY, FAST, onTerminal, run, startLine } from "./support/terminal.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ESCAPE = String.fromCodePoint(27);

describe("on a terminal", () => {
  test.concurrent("colour, a last line that moves, no hidden cursor, and the code of the end", async () => {
    const world = await worldForTest();
    const { code, text } = await onTerminal(startLine(world), world.folder).done;
    expect(code, text).toBe(0);
    expect(text).toContain(`${ESCAPE}[32m✔`);
    expect(text).toContain(`\r${ESCAPE}[2K`);
    expect(text).toContain("soaking pilot");
    expect(text).not.toContain(`${ESCAPE}[?25l`);
    expect(text.trimEnd().split("\n").at(-1)).toContain("to undo it later");
  });

  test.concurrent("NO_COLOR takes the colour, FORCE_COLOR goes before it, TERM=dumb takes the last line too", async () => {
    const world = await worldForTest();
    const lint = `${CANARY} lint missing-key.yaml; ${CANARY} rehearse ${FAST}`;
    const colours = new RegExp(`${ESCAPE}\\[[0-9;]*m`, "u");
    const text = async (env: Record<string, string>): Promise<string> =>
      (await onTerminal(lint, world.folder, env).done).text;
    expect(await text({})).toMatch(colours);
    expect(await text({ NO_COLOR: "1" })).not.toMatch(colours);
    expect(await text({ NO_COLOR: "1", FORCE_COLOR: "1" })).toMatch(colours);
    expect(await text({ TERM: "dumb" })).not.toContain(ESCAPE);
  });

  test.concurrent("a terminal that nobody reads does not stop the rollout", async () => {
    const world = await worldForTest();
    const terminal = onTerminal(startLine(world), world.folder);
    await untilShare(world, 10);
    terminal.signal("SIGSTOP");
    await eventually(world.list, ([rollout]) => rollout?.exit === 0);
    expect((await world.state()).traffic.canary).toBe(100);
    terminal.signal("SIGCONT");
    const { code } = await terminal.done;
    expect(code).toBe(0);
  });
});

describe("into a pipe", () => {
  test.concurrent("lines with their time in UTC, and no colour", async () => {
    const world = await worldForTest();
    const { code, text } = await run(["bash", "-c", startLine(world)], world.folder).done;
    expect(code, text).toBe(0);
    for (const line of text.trimEnd().split("\n"))
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S| {3}\S/u);
    expect(text).not.toContain(ESCAPE);
  });

  test.concurrent("a reader that goes after the first line does not stop the rollout", async () => {
    const world = await worldForTest();
    const line = `${startLine(world)} | head -1; exit "\${PIPESTATUS[0]}"`;
    const { code, text } = await run(["bash", "-c", line], world.folder).done;
    expect(code, text).toBe(0);
    expect(text.trimEnd().split("\n")).toHaveLength(1);
    expect((await world.state()).traffic.canary).toBe(100);
    expect((await world.verify()).code).toBe(0);
  });

  test.concurrent.for([
    "plan FAST",
    "rehearse FAST",
    "schema",
    "completion bash",
    "--help",
    "lint --json FAST",
  ])("canary %s | head -1 exits 0 and complains of nothing", async (args) => {
    const world = await worldForTest();
    const line = `${CANARY} ${args.replace("FAST", FAST)} | head -1; exit "\${PIPESTATUS[0]}"`;
    const { code, text } = await run(["bash", "-c", line], world.folder).done;
    expect(code, text).toBe(0);
    expect(text).not.toMatch(/EPIPE|bug/u);
  });
});

test.concurrent("ndjson: a line that names the schema, then the very lines of the journal", async () => {
  const world = await worldForTest();
  const { code, stdout } = await runCanary(world.folder, [
    ...["start", FAST, "--sandbox", world.sandbox.url, "--time-scale", "1/3"],
    ...["--evidence", world.evidence, "--json"],
  ]);
  expect(code).toBe(0);
  const [first, ...lines] = stdout.trimEnd().split("\n");
  expect(JSON.parse(first ?? "")).toEqual({ schema: "canary.events/v1" });
  const id = await world.rolloutId();
  const journal = [1, 2].flatMap((epoch) =>
    readFileSync(join(world.evidence, id, `journal.${epoch}.ndjson`), "utf8")
      .trimEnd()
      .split("\n"),
  );
  expect(lines).toEqual(journal);
  for (const line of lines) {
    const record = JSON.parse(line) as Record<string, unknown>;
    expect(record).toMatchObject({
      v: 1,
      seq: expect.any(Number) as number,
      at: expect.stringMatching(/^\d{4}-.*Z$/u) as string,
      mono: expect.any(Number) as number,
      epoch: expect.any(Number) as number,
      actor: expect.any(String) as string,
      event: { kind: expect.any(String) as string },
    });
  }
});

test.concurrent("list --json: an array, newest first, with id, plan, state and exit", async () => {
  const world = await worldForTest();
  const start = async (plan: string): Promise<void> =>
    void (await runCanary(world.folder, [
      ...[
        "start",
        join(ROOT, plan),
        "--sandbox",
        "http://127.0.0.1:9",
        "--evidence",
        world.evidence,
      ],
    ]));
  await start("plans/quickstart.yaml");
  await start("plans/quickstart-bad.yaml");
  const { stdout } = await runCanary(world.folder, [
    "list",
    "--json",
    "--evidence",
    world.evidence,
  ]);
  const listed = JSON.parse(stdout) as readonly Record<string, unknown>[];
  expect(listed).toMatchObject([
    { plan: "quickstart-bad", state: "refused", exit: 20 },
    { plan: "quickstart", state: "refused", exit: 20 },
  ]);
  for (const { id } of listed) expect(id).toMatch(/^[0-9a-z]{26}$/u);
});
