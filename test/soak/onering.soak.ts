import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary, startCanary } from "../e2e/support/run-canary.ts";
import { oneringBackend } from "../support/runbooks/onering-backend.ts";
import { sayYes } from "../support/runbooks/person.ts";
import { writePrograms } from "../support/runbooks/programs.ts";

const PLAN = resolve(import.meta.dirname, "../../plans/onering-webhooks.yaml");

const SH = "#!/bin/sh\n";

/** What stands on the host of onering, as far as the plan looks at it. */
const PROGRAMS = {
  // Restarts are told to the backend; its state is that of a unit that is always there.
  "bin/systemctl": `${SH}
case "$*" in
  *show*onering-webhook-delivery*) curl -fsS -o /dev/null "$BACKEND/control/worker" && s=active || s=inactive
    echo LoadState=loaded; echo ActiveState=$s ;;
  *show*) echo LoadState=loaded; echo ActiveState=active ;;
  *stop*onering-webhook-delivery*) curl -fsS -X POST "$BACKEND/control/worker/stop" ;;
  *start*onering-webhook-delivery*) curl -fsS -X POST "$BACKEND/control/worker/start" ;;
  *) curl -fsS -X POST "$BACKEND/control/restart" ;;
esac
`,
  "bin/pgrep": `${SH}case "$*" in *rq*) echo 5 ;; *) exec curl -fsS "$BACKEND/control/worker" ;; esac\n`,
  "bin/psql": `${SH}case "$*" in *pg_extension*) echo 1 ;; *information_schema*) echo 3 ;; *) exec curl -fsS "$BACKEND/control/deliveries" ;; esac\n`,
  "bin/redis-cli": `${SH}echo PONG\n`,
  "bin/npx": `${SH}echo Database schema is up to date\n`,
  "bin/pnpm": `${SH}echo passed\n`,
  "bin/pytest": `${SH}echo passed\n`,
  // A sink that takes what it is sent, and a smoke test that sends one thing to it.
  "tools/webhook_sink.py": `
import http.server, sys
class Sink(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(204); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Sink).serve_forever()
`,
  "backend/scripts/external_smoke.py": `
import sys, urllib.request
arg = lambda name: sys.argv[sys.argv.index(name) + 1]
assert arg("--admin-key") == "admin-secret"
print(urllib.request.urlopen(arg("--backend-url") + "/v1/monitoring/webhooks/metrics").status)
print(urllib.request.urlopen(arg("--webhook-sink"), b"{}").status)
`,
};

test("onering-webhooks runs against its stand-in to promoted", async () => {
  const folder = folderForTest();
  const flags = join(folder, "flags.env");
  writeFileSync(flags, "ONERING_EXTERNAL_API_ENABLED=0\nOTHER=1\n");
  mkdirSync(join(folder, "log"));
  const log = join(folder, "log/backend.log");
  writeFileSync(log, "INFO begins\n");
  const backend = await oneringBackend(flags);
  const evidence = join(folder, "evidence");
  const places = [
    ...["--plan", PLAN, "--evidence", evidence],
    ...["--set", `backend=${backend.url}`, "--set", `flags=${flags}`, "--set", `log=${log}`],
    ...["--set", `consumer=${backend.url}/v1/monitoring/external/metrics`],
  ];
  const env = {
    PATH: writePrograms(folder, PROGRAMS),
    BACKEND: backend.url,
    ONERING_ADMIN_KEY: "admin-secret",
  };
  const canary = startCanary(
    folder,
    ["start", ...places, "--time-scale", "1/4000", "--output", "plain"],
    { env },
  );
  const exit = await sayYes(canary, folder, evidence, ["docs-ready", "signed-off"]);
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
  const expectAll = (value: 0 | 1): void => {
    const live = readFileSync(flags, "utf8");
    for (const name of ["EXTERNAL_API", "WEBHOOKS", "WEBHOOKS_DELIVERY"])
      expect(live).toContain(`ONERING_${name}_ENABLED=${value}`);
    expect(live).toContain("OTHER=1");
  };
  expectAll(1);
  expect(backend.delivered()).toBeGreaterThan(0);
  // The key of the canary is of no use any more, and nobody has seen its secret.
  expect([...backend.keys.values()]).toEqual([false]);
  expect(exit.stdout + exit.stderr).not.toContain("s3cr3t-of-the-canary");
  // Everything off, for dead letters; on again although the count of the day still holds them.
  backend.knobs.dead = 12;
  const killed = await runCanary(folder, ["playbook", "kill-switch", ...places, "--yes"], { env });
  expect(killed.code, killed.stdout + killed.stderr).toBe(0);
  expectAll(0);
  const again = await runCanary(
    folder,
    ["start", ...places, "--set", "by=re-enable", "--time-scale", "1/60"],
    { env },
  );
  expect(again.code, again.stdout + again.stderr).toBe(0);
  expectAll(1);
  expect(backend.keys.size).toBe(1);
});
