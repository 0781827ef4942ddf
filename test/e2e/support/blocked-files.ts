import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";

import { eventually } from "../../support/sandbox-client.ts";
import { untilShare, worldForTest, type World } from "./world.ts";

/** A rollout at 10 % whose runner was killed, and that a second folder of this machine knows too: an abort from its bundle stopped there. */
export interface TwoFolders {
  readonly world: World;
  readonly id: string;
  /** The folders that its files lie in: its own, the second one, and the state of this machine. */
  readonly folders: Readonly<Record<"own" | "second" | "state", string>>;
  /** Puts files and world back to how they were. */
  readonly again: () => Promise<void>;
}

export async function twoFolders(): Promise<TwoFolders> {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const id = await world.rolloutId();
  start.signal("SIGKILL");
  await start.exit;
  const second = join(world.folder, "second");
  const copy = join(world.folder, "copy.json");
  cpSync(join(world.evidence, id, "rollback.json"), copy);
  await world.knobs({ hangRouter: true, hangDeploy: true });
  const first = world.abort(["--bundle", copy, "--evidence", second]);
  await eventually(
    () => Promise.resolve(filesIn(second).some((path) => /journal\.\d+\.ndjson$/u.test(path))),
    Boolean,
  );
  first.signal("SIGKILL");
  await first.exit;
  await world.knobs({ hangRouter: false, hangDeploy: false });
  const folders = {
    own: world.evidence,
    second,
    state: join(world.folder, "state"),
  };
  const kept = join(world.folder, "kept");
  mkdirSync(kept);
  for (const [name, path] of Object.entries(folders))
    cpSync(path, join(kept, name), { recursive: true });
  const router = `${world.sandbox.url}/router`;
  return {
    world,
    id,
    folders,
    again: async () => {
      for (const [name, path] of Object.entries(folders)) {
        rmSync(path, { recursive: true, force: true });
        cpSync(join(kept, name), path, { recursive: true });
      }
      await fetch(router, { method: "PUT", body: '{"canary":10}' });
    },
  };
}

/** Every file under a folder, relative to it. */
export function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .toSorted();
  } catch {
    return [];
  }
}

/** Puts a pipe that nobody writes to into the place of a file: whoever opens it as one waits for ever. */
export function block(path: string): void {
  renameSync(path, `${path}.before`);
  rmSync(`${path}.before`);
  execFileSync("mkfifo", [path]);
}
