import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";

const PLAN = `apiVersion: canary/v1
kind: Plan
name: shop
connections:
  host: { type: ssh, host: prod }
  app-log: { type: log, file: /var/log/app.log, time: '^(\\S+)' }
  admin: { type: http, url: "http://localhost:8080" }
metrics: { err: { connection: app-log, unit: count, count: ERROR, window: 1m } }
checks:
  smoke:
    services: { sink: { run: [ sink, --port, "9090" ], ready: { tcp: "localhost:9090" } } }
    steps:
      - { name: break it, http: { POST: /mode, json: { status: 503 } }, outputs: { mode: { json: mode } } }
      - { run: [ pay, "\${outputs.mode}" ], connection: host }
      - { log: app-log, lines: [ one, { line: two, after: 2s } ], never: [ PANIC ], for: 5s }
      - wait: 2s
      - { name: again, run: [ pay, "\${outputs.mode}" ], connection: host }
  watched: { run: [ test, -e, /tmp/x ], interval: 10s }
preflight: [ { http: /health, outputs: { token: { json: t, secret: true } } } ]
stages:
  - name: one
    checks: [ smoke ]
    soak: 10m
    gates: [ err < 5 ]
    evidence: [ { table: [ err ], every: 1h, as: hourly.md, required: true }, { run: [ date ], as: date.txt, connection: host } ]
triggers: { hold: [ { when: watched fails, playbook: calm } ] }
rollback: { verify: { wait: 1m, gates: [ err < 5 ] } }
playbooks:
  calm:
    diagnose: [ { run: [ uptime ], connection: host }, { metric: err } ]
    causes: [ a full disk ]
    recover: [ make room ]
    actions: [ { env-file: { file: /etc/a.env, set: { ON: "0" } } } ]
`;

test("every request and command of a plan is shown, also those of steps, services and playbooks", async () => {
  const folder = folderForTest();
  writeFileSync(join(folder, "shop.yaml"), PLAN);
  const { code, stdout, stderr } = await runCanary(folder, ["plan", "shop.yaml"]);
  expect(code, stderr).toBe(0);
  const lines = stdout.split("\n").map((line) => line.trimEnd());
  const part = (first: string, count: number): readonly string[] => {
    const at = lines.findIndex((line) => line.startsWith(first));
    expect(at, first).toBeGreaterThanOrEqual(0);
    return lines.slice(at, at + count);
  };
  expect(part("  check  preflight-1", 2)).toEqual([
    "  check  preflight-1: GET /health (at most 10s)",
    "    keeps    ${outputs.token} from t, in memory only",
  ]);
  expect(part("  check  smoke", 8)).toEqual([
    "  check  smoke: 5 steps (at most 1m52s)",
    "    with     sink: sink --port 9090, up when localhost:9090 takes connections",
    '    1        break it: POST /mode {"status":503}',
    "    keeps    ${outputs.mode} from mode",
    "    2        pay ${outputs.mode} on host",
    "    3        watch app-log for one → two (2s later), never PANIC",
    "    4        wait 2s",
    "    5        again: as step 2",
  ]);
  expect(part("  take   hourly.md", 2)).toEqual([
    "  take   hourly.md (a table of err, every 1h, required)",
    "  take   date.txt (date on host)",
  ]);
  expect(part("asked by gates and triggers", 2)).toEqual([
    "asked by gates and triggers",
    "  check  watched: test -e /tmp/x (at most 30s)",
  ]);
  expect(lines).toContain("  hold     when watched fails, offers the playbook calm");
  expect(part("on the way back", 3)).toEqual([
    "on the way back: every undo above, the newest first, each value read back; then",
    "  wait   1m, so that nothing from before is judged",
    "  verify err < 5",
  ]);
  expect(part("playbook calm", 8)).toEqual([
    "playbook calm, run by `canary playbook calm` alone",
    "  ask    uptime on host",
    "  ask    the value of err",
    "  may be a full disk",
    "  run    set ON=0 in /etc/a.env",
    "  undo     the values before",
    "           at most 30s to write, 5m to take effect",
    "  to do  make room",
  ]);
});

const BACK = `apiVersion: canary/v1
kind: Plan
name: back
connections:
  shop: { type: http, url: "http://127.0.0.1:7070" }
checks: { up: { http: "http://127.0.0.1:7070/", expect: { status: 200 } } }
everyStage: { checks: [ up ], soak: 10s }
stages:
  - name: pilot
    traffic: 5%
    actions:
      - http: { connection: shop, PUT: /flags/a, json: { percent: 5 }, read: { GET: /flags/a, json: percent }, delete: { DELETE: /flags/a } }
      - http: { connection: shop, PUT: /flags/b, json: { percent: 5 }, read: { GET: /flags/b, json: percent } }
        undo: { http: { connection: shop, POST: /cache/drop } }
      - http: { connection: shop, POST: /mail }
        undo: none
traffic:
  - http: { connection: shop, PUT: /router, json: { canary: "\${traffic}" }, read: { GET: /router, json: canary } }
  - flag: { key: a, set: { POST: /flag, json: { name: a, percent: "\${traffic}" } }, read: { GET: /flag, json: percent } }
rollback: { verify: { within: 10s, checks: [ up ] } }
`;

test("the undo of a value says which value goes back, also where the plan states something beside it", async () => {
  const folder = folderForTest();
  writeFileSync(join(folder, "back.yaml"), BACK);
  const { code, stdout, stderr } = await runCanary(folder, ["plan", "back.yaml"]);
  expect(code, stderr).toBe(0);
  const undos = stdout.split("\n").filter((line) => line.startsWith("  undo "));
  expect(undos).toEqual([
    '  undo     PUT /flags/a {"percent":"<value before>"}, read at the start with GET /flags/a; where there was none: DELETE /flags/a',
    '  undo     PUT /flags/b {"percent":"<value before>"}, read at the start with GET /flags/b; and as the plan states: POST /cache/drop',
    "  undo     nothing to undo",
    '  undo     PUT /router {"canary":"<value before>"}, read at the start with GET /router',
    '  undo     POST /flag {"name":"a","percent":"<value before>"}, read at the start',
  ]);
  expect(stdout).toContain('  run    POST /flag {"name":"a","percent":5}\n');
  expect(stdout).toContain("every undo above, traffic first, each value read back");
});
