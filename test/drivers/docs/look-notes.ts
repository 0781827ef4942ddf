import type { DriverNote } from "./driver-note.ts";

/** The checks: what only looks, and says yes or no. */
export const checkNotes: Readonly<Record<string, DriverNote>> = {
  http: {
    example: `http: /healthz
expect: { status: 200, json: { version: v2 } }`,
    rights: "to send the request",
    test: "checks/http.test.ts",
    against: "a real HTTP server on loopback",
  },
  run: {
    example: `run: [./smoke-test, --fast]
expect: { stdout: "/all good/" }`,
    rights: "to execute the program",
    test: "checks/run.test.ts",
    against: "real processes",
  },
  kubectl: {
    example: `kubectl: [get, deployment/shop, -o, json]
expect: { json: { status.readyReplicas: 3 } }`,
    rights: "what the command needs; it is asked for before the start",
    test: "kubectl/commands.test.ts",
    against: "a real API server",
  },
  log: {
    example: `log: /var/log/shop.log
lines: ["retry 1", "retry 2", delivered]
never: [panic]
for: 20s`,
    rights: "to read the file",
    test: "checks/log.test.ts",
    against: "real files",
  },
};

/** The evidence items: what is kept as it is. */
export const evidenceNotes: Readonly<Record<string, DriverNote>> = {
  metrics: {
    example: "metrics: app",
    rights: "to scrape the page",
    test: "evidence/evidence.test.ts",
    against: "a real HTTP server on loopback",
  },
  http: {
    example: "http: /api/version",
    rights: "to send the request",
    test: "evidence/evidence.test.ts",
    against: "a real HTTP server on loopback",
  },
  run: {
    example: "run: [git, log, --max-count=1]",
    rights: "to execute the program",
    test: "evidence/evidence.test.ts",
    against: "real processes",
  },
  kubectl: {
    example: "kubectl: [get, pods, -o, wide]",
    rights:
      "what the command needs; it is asked for before the start, of evidence that is `required`",
    test: "kubectl/commands.test.ts",
    against: "a real API server",
  },
  log: {
    example: `log: /var/log/shop.log
match: ERROR
tail: 200`,
    rights: "to read the file; of a workload: `get` on `pods/log`",
    test: "evidence/evidence.test.ts",
    against: "real files",
  },
  picture: {
    example: "picture: https://grafana.example.com/d/shop",
    rights: "to execute Chromium, and to open the page",
    test: "evidence/picture.test.ts",
    against: "a real Chromium where there is one",
  },
  panel: {
    example: `panel: 4
dashboard: shop`,
    rights: "a Grafana token of the role Viewer; the server needs its image renderer",
    test: "evidence/panel.test.ts",
    against: "a contract fake of Grafana's render API",
  },
};
