import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

import { expect, it } from "vitest";

const DRIVERS = resolve(import.meta.dirname, "../../../src/drivers/way-back-drivers.ts");

// An abort must not wait for schemas, which only a plan needs.
it.each(["unleash", "launchdarkly", "flagd"])("%s loads no schema on its way back", (kind) => {
  const script = `
    import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) {
      if (url.includes("/node_modules/zod/")) { console.log("zod"); process.exit(1); }
      return next(url, context);
    } });
    const { wayBackDrivers } = await import(process.argv[1]);
    const driver = wayBackDrivers().actions.get(process.argv[2]);
    const answers = [await driver.read([], {}), await driver.write([], {}), await driver.settle([], {})];
    console.log(answers.map(({ kind }) => kind).join());`;
  const args = ["--input-type=module", "-e", script, DRIVERS, kind];
  const ran = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(ran.stdout.trim(), ran.stderr).toBe("ok,ok,ok");
});
