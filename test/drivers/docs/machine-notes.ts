import type { ActionNote } from "./driver-note.ts";

/** The actions that work without a cluster. */
export const machineNotes: Readonly<Record<string, ActionNote>> = {
  run: {
    example: `run: { argv: [./migrate, up], env: { TOKEN: "\${env:TOKEN}" } }
undo: { run: [./migrate, down] }`,
    undo: "as the plan states: another action, or `none`",
    reads: "nothing: its exit code tells; any but 0 leaves the outcome open, and is undone",
    rights: "to execute the program",
    test: "actions/run.test.ts",
    against: "real processes",
  },
  http: {
    example: `http:
  PUT: /deployments/canary
  json: { image: "shop:2" }
  read: { GET: /deployments/canary, json: image }
  delete: { DELETE: /deployments/canary }`,
    undo: "with `read`: the value that was read before, by the same request, or `delete` where there was none; without: as the plan states",
    reads: "with `read`: the value at its path of the answer",
    rights: "what the requests need: the one of `read`, the one that writes, and `delete`",
    test: "actions/http.test.ts",
    against: "a real HTTP server on loopback",
  },
  flag: {
    example: `flag:
  key: checkout
  set: { PUT: /flags/checkout, json: { enabled: true, percentage: "\${traffic}" } }
  read: { GET: /flags/checkout, json: [percentage, enabled] }
  kill: { POST: /flags/checkout/off }
  delete: { DELETE: /flags/checkout }`,
    undo: "the values before, by `set`; `kill` where that fails on the way to off; `delete` where there was no flag",
    reads: "the share, and the other paths of `read`",
    rights: "to read the flag, to change it without an approval, and to delete it where it is new",
    test: "flags/flag.test.ts",
    against: "a real HTTP server on loopback",
  },
  unleash: {
    example: "unleash: { flag: checkout }",
    undo: "the strategy and the switch as they were, in one step of the API each",
    reads: "the flag's strategies and switch in the one environment of the connection",
    rights:
      "a token with UPDATE_FEATURE_STRATEGY and UPDATE_FEATURE_ENVIRONMENT in that environment; also CREATE_ and DELETE_FEATURE_STRATEGY for a flag without a strategy, and SKIP_CHANGE_REQUEST where change requests are on",
    test: "flags/unleash.test.ts",
    against: "a real Unleash",
  },
  launchdarkly: {
    example: "launchdarkly: { flag: checkout }",
    undo: "the fallthrough and the switch as they were",
    reads: "the flag in the one environment of the connection",
    rights:
      "a token whose role has updateOn, updateFallthrough and reading, in an environment that asks for no approval",
    test: "flags/launchdarkly.test.ts",
    against: "a contract fake that holds LaunchDarkly's documented rules",
  },
  flagd: {
    example: "flagd: { flag: checkout, file: /etc/flagd/flags.json }",
    undo: "the flag's state and targeting as they were; the rest of the file stays to the byte",
    reads: "the flag in the file",
    rights: "to write the file and its folder",
    test: "flags/flagd.test.ts",
    against: "flagd's own engine",
  },
  posthog: {
    example: "posthog: { flag: checkout, project: 1 }",
    undo: "the percentage and the switch as they were; all other filters stay",
    reads: "the flag in its project",
    rights: "a personal API key with feature_flag:read and feature_flag:write",
    test: "flags/posthog.test.ts",
    against: "a contract fake that holds PostHog's documented rules",
  },
  "env-file": {
    example: `env-file:
  file: /etc/shop/shop.env
  set: { FEATURE_CHECKOUT: "on", WEBHOOK_SECRET: "\${env:NEW_SECRET}" }
  reload: { systemd: shop, orRestart: true }
  connection: web`,
    undo: "the lines as they were, and the same reload; a key that was absent is removed. A secret's old value stays in a copy beside the file, for its owner alone, until it is back",
    reads: "the lines, as they are written in the file; and that the unit runs after its reload",
    rights:
      "to write the file and its folder, as its owner; to run the reload; with an ssh connection, to sign in there with a key",
    test: "env/env-file.test.ts",
    against: "real files and a real sshd; systemctl is a stand-in that keeps its exit codes",
  },
  service: {
    example: "service: { name: shop-worker, state: started }",
    undo: "started and stopped: as it was; restarted and reloaded: as the plan states",
    reads: "whether it runs",
    rights: "to start and stop the unit without a password: polkit, root, or a unit of the user",
    test: "env/service.test.ts",
    against: "a stand-in of systemctl that keeps its exit codes, and real commands",
  },
  haproxy: {
    example: `haproxy: { backend: shop, canary: canary-1, stable: [stable-1, stable-2] }`,
    needs: [
      "HAProxy needs a socket that may set weights, and a dynamic balance algorithm. A canary that begins `disabled` takes",
      "back also those whom a cookie binds to it; without that, a backend with a cookie or a stick table is refused.",
      "",
      "```",
      "global",
      "  stats socket /run/haproxy/admin.sock mode 660 group deploy level admin",
      "frontend web",
      "  # for `routes: [{ map: /etc/haproxy/teams.map, key: internal, to: canary }]`",
      "  use_backend %[req.hdr(x-team),map(/etc/haproxy/teams.map)] if { req.hdr(x-team),map(/etc/haproxy/teams.map) -m found }",
      "  default_backend shop",
      "backend shop",
      "  balance roundrobin",
      "  server stable-1 10.0.0.1:8080 weight 100",
      "  server canary-1 10.0.0.2:8080 weight 0 disabled",
      "backend canary",
      "  server canary-1 10.0.0.2:8080",
      "```",
    ],
    undo: "weight and state of every server of the backend, and the entries of maps, as they were. A reload of HAProxy forgets what the Runtime API has set: canary sees it when it reads back, and holds",
    reads: "weight and state of every server, and that those with a share take requests",
    rights:
      "to use a `stats socket` of `level admin`; on another `host`, to sign in there with a key, and socat there",
    test: "traffic/haproxy.test.ts",
    against: "a real HAProxy, by measuring the split of real requests",
  },
  nginx: {
    example: `nginx:
  file: /etc/nginx/conf.d/shop.conf
  upstream: shop
  canary: 10.0.0.2:8080
  stable: [10.0.0.3:8080, 10.0.0.4:8080]
  reload: { systemd: nginx }`,
    needs: [
      "With `upstream` the weights of its servers are set; a `zone` makes the workers share one count. With `split` a",
      "`split_clients` block is: a visitor stays on its side as long as the text that is hashed stays the same.",
      "",
      "```",
      "upstream shop {",
      "    zone shop 64k;",
      "    server 10.0.0.3:8080;",
      "    server 10.0.0.2:8080 down;",
      "}",
      "# or, with `split: $side` and `canary: new`:",
      'split_clients "${cookie_visitor}salt" $side {',
      "    * old;",
      "}",
      "# for `routes: [{ map: $route, key: internal, to: new }]`:",
      "map $http_x_team $route {",
      "    default $side;",
      "}",
      "```",
    ],
    undo: "the servers' parameters, the percentage and the entries of maps as they were, to the byte; tested and reloaded like every change",
    reads:
      "the file, and that all workers that take requests began after it was written (seen in /proc)",
    rights:
      "to write the file and its folder; to run `nginx -t` and the reload; to read nginx's pid file",
    test: "traffic/nginx.test.ts",
    against: "a real nginx, by measuring the split of real requests",
  },
  stated: {
    example: "stated: by invitation, 50 testers of 1000",
    undo: "nothing",
    reads: "nothing: the share is believed",
    rights: "none",
    test: "traffic/stated.test.ts",
    against: "nothing to prove it against",
  },
};
