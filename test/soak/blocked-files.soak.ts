import { join } from "node:path";

import { expect, test } from "vitest";

import { block, filesIn, twoFolders } from "../e2e/support/blocked-files.ts";
import { deadMount, withoutMounts } from "../e2e/support/dead-mount.ts";
import { BASELINE } from "../e2e/support/world.ts";

/** An abort has its verdict and is gone within this many milliseconds, whatever cannot be read. */
const BOUND = 40_000;

test("with a pipe in the place of each file in turn an abort reaches its verdict, ends, and brings the values back", async () => {
  const { world, id, folders, again } = await twoFolders();
  const all = Object.entries(folders).flatMap(([name, folder]) =>
    filesIn(folder).map((file) => ({ name, path: join(folder, file), file })),
  );
  const seen: string[] = [];
  for (const { name, path, file } of all) {
    await again();
    block(path);
    const began = performance.now();
    const abort = world.abort([id]);
    const late = setTimeout(() => abort.signal("SIGKILL"), BOUND);
    const { code, stdout, stderr } = await abort.exit;
    clearTimeout(late);
    const took = Math.round(performance.now() - began);
    const { traffic } = await world.state();
    expect(traffic, `${name}/${file}`).toEqual(BASELINE.traffic);
    seen.push(`${name}/${file.replace(id, "ID")}: ${String(code)} in ${took} ms`);
    expect([31, 40, 41], `${name}/${file}: ${stdout}${stderr}`).toContain(code);
  }
  console.log(seen.join("\n"));
  expect(seen.length).toBeGreaterThan(8);
}, 1_800_000);

test.skipIf(withoutMounts).for(["own", "second", "state", "every"] as const)(
  "with the disk of its %s folder dead an abort reaches its verdict and ends, and brings the values back",
  async (which) => {
    const { world, id, folders } = await twoFolders();
    const { own, second, state } = folders;
    const dead = which === "every" ? [own, second] : [{ own, second, state }[which]];
    const mounts = await Promise.all(dead.map(deadMount));
    try {
      const args = which === "state" ? [id, "--evidence", folders.own] : [id];
      const abort = world.abort(args);
      const late = setTimeout(() => abort.signal("SIGKILL"), BOUND);
      const { code, stdout, stderr } = await abort.exit;
      clearTimeout(late);
      expect([31, 41], stdout + stderr).toContain(code);
      expect((await world.state()).traffic.canary).toBe(0);
    } finally {
      await Promise.all(mounts.map((revive) => revive()));
    }
  },
);
