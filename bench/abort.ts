/**
 * How long a way back takes on a real API server, as ratios to a `kubectl annotate` and a `kubectl get` typed by hand in the
 * same run: from the start of the process `canary abort` until the baseline is read back, over the file store and over the
 * shared one, and for several rollouts that are aborted at once. Needs CANARY_TEST_CLUSTER, as the tests do.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROUNDS = Number(process.env["CANARY_BENCH_ROUNDS"] ?? 5);
const BIN = resolve(import.meta.dirname, "../bin/canary.js");
const WEIGHT = "nginx.ingress.kubernetes.io/canary-weight";
const SCRIPTS = process.env["CANARY_TEST_CLUSTER"] ?? "";

if (SCRIPTS === "") {
  console.log("abort on an API server: left out, CANARY_TEST_CLUSTER names no control plane");
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), "canary-bench-"));
const cluster = join(folder, "cluster");
const port = 20_000 + Math.floor(Math.random() * 10_000);
const up = spawnSync(join(SCRIPTS, "up"), [cluster, String(port)], { encoding: "utf8" });
if (up.status !== 0) throw new Error(up.stderr);
const kubeconfig = join(cluster, "admin.kubeconfig");
const children = new Set<ChildProcess>();
let count = 0;

process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  spawnSync(join(SCRIPTS, "down"), [cluster]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

interface Kind {
  readonly name: string;
  /** How many rollouts are under way and aborted at once. */
  readonly rollouts: number;
  readonly store: "file" | "shared";
}

/** From Enter to the read-back of the first and of the last of the rollouts, in milliseconds. */
interface Times {
  readonly first: number;
  readonly last: number;
}

function kubectl(args: readonly string[], input = ""): string {
  const ran = spawnSync("kubectl", [`--kubeconfig=${kubeconfig}`, ...args], {
    input,
    encoding: "utf8",
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return ran.stdout;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** What a person types who has the command ready. */
function byHand(): number {
  const began = performance.now();
  kubectl(["annotate", "--overwrite", "ingress/hand", `${WEIGHT}=${Math.round(began)}`]);
  kubectl(["get", "ingress/hand", "--output=json"]);
  return performance.now() - began;
}

/** As many people who type that at the same moment: from the first until the last of them has read it back. */
async function byHands(count: number): Promise<number> {
  const began = performance.now();
  const type = (args: readonly string[]): Promise<void> =>
    new Promise((done, fail) => {
      const child = spawn("kubectl", [`--kubeconfig=${kubeconfig}`, ...args], { stdio: "ignore" });
      child.on("error", fail);
      child.on("close", (code) => (code === 0 ? done() : fail(new Error(`kubectl: ${code}`))));
    });
  const person = async (): Promise<void> => {
    await type(["annotate", "--overwrite", "ingress/hand", `bench=${Math.random()}`]);
    await type(["get", "ingress/hand", "--output=json"]);
  };
  await Promise.all(Array.from({ length: count }, person));
  return performance.now() - began;
}

/** A canary beside its stable Ingress, each pair with a host of its own. */
function makeIngresses(name: string, namespace: string): void {
  const backend = { service: { name: "shop", port: { number: 80 } } };
  const paths = [{ path: "/", pathType: "Prefix", backend }];
  const canary = { "nginx.ingress.kubernetes.io/canary": "true", [WEIGHT]: "0" };
  const ingress = (own: string, annotations: object): object => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: own, namespace, annotations },
    spec: { rules: [{ host: `${name}.example`, http: { paths } }] },
  });
  const items = [ingress(name, canary), ingress(`${name}-stable`, {})];
  kubectl(["create", "--filename=-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

function planOf(namespace: string, ingress: string): string {
  const plan = {
    apiVersion: "canary/v1",
    kind: "Plan",
    name: ingress,
    connections: { cluster: { type: "kubectl", kubeconfig, namespace } },
    checks: { fine: { run: ["true"] } },
    traffic: [{ "ingress-nginx": { ingress } }],
    stages: [{ name: "pilot", traffic: "10%", soak: "10m", checks: ["fine"] }],
    rollback: { verify: { within: "20s", checks: ["fine"] } },
  };
  return JSON.stringify(plan);
}

/** Several rollouts are begun, and stopped by one command: that of the machine that began them, or of one with the store alone. */
async function timed({ rollouts, store }: Kind): Promise<Times> {
  count += 1;
  const own = join(folder, `run-${count}`);
  const namespace = `bench-${count}`;
  kubectl(["create", "namespace", namespace]);
  const address = store === "file" ? "file" : `kubernetes:///${namespace}`;
  const run = (args: readonly string[], where: string): ChildProcess => {
    const child = spawn(process.execPath, [BIN, ...args, "--evidence", join(where, "evidence")], {
      env: {
        ...{ PATH: process.env["PATH"], HOME: folder, KUBECONFIG: kubeconfig },
        ...{ CANARY_STATE_DIR: join(where, "state"), CANARY_STORE: address },
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
    children.add(child);
    child.on("close", () => children.delete(child));
    return child;
  };
  const names = Array.from({ length: rollouts }, (_, index) => `shop-${index}`);
  const runners = names.map((name) => {
    makeIngresses(name, namespace);
    const plan = join(folder, `${namespace}-${name}.json`);
    writeFileSync(plan, planOf(namespace, name));
    return run(["start", "--plan", plan], own);
  });
  const weights = (): readonly string[] => {
    const path = `jsonpath={.items[*].metadata.annotations.${WEIGHT.replaceAll(".", "\\.")}}`;
    return kubectl([`--namespace=${namespace}`, "get", "ingress", `--output=${path}`]).split(" ");
  };
  while (weights().filter((weight) => weight === "10").length < rollouts) {
    const over = runners.find(({ exitCode }) => exitCode !== null);
    if (over !== undefined) throw new Error(`a rollout ended with ${over.exitCode}`);
    await sleep(200);
  }
  await sleep(1000);
  const from = store === "file" ? own : join(folder, `elsewhere-${count}`);
  const id = rollouts === 1 ? [] : ["--all"];
  const began = Date.now();
  const abort = run(["abort", ...id, "--reason", "bench"], from);
  const code = await new Promise((done) => abort.on("close", done));
  if (code !== 31) throw new Error(`abort ended with ${String(code)}`);
  await Promise.all(
    runners.map((runner) => runner.exitCode ?? new Promise((done) => runner.on("close", done))),
  );
  const ends = readBacks(join(from, "evidence")).map((at) => at - began);
  if (ends.length !== rollouts) throw new Error(`${ends.length} read-backs, not ${rollouts}`);
  return { first: Math.min(...ends), last: Math.max(...ends) };
}

/** When the values of each rollout in a folder were read back, in milliseconds since the epoch. */
function readBacks(evidence: string): readonly number[] {
  return readdirSync(evidence).map((id) => {
    const lines = readdirSync(join(evidence, id))
      .filter((name) => /^journal\.\d+\.ndjson$/u.test(name))
      .flatMap((name) => readFileSync(join(evidence, id, name), "utf8").split("\n"));
    const line = lines.find((each) => each.includes('"kind":"undo-finished"')) ?? "{}";
    return Date.parse((JSON.parse(line) as { readonly at?: string }).at ?? "");
  });
}

const MANY = 8;
const KINDS: readonly Kind[] = [
  { name: "file store", rollouts: 1, store: "file" },
  { name: "shared store, from another machine", rollouts: 1, store: "shared" },
  { name: "file store, --all of 4", rollouts: 4, store: "file" },
  { name: `file store, --all of ${MANY}`, rollouts: MANY, store: "file" },
  { name: "shared store, --all of 4", rollouts: 4, store: "shared" },
  { name: `shared store, --all of ${MANY}`, rollouts: MANY, store: "shared" },
];

makeIngresses("hand", "default");
const hand: number[] = [];
const hands: number[] = [];
const times = new Map<string, Times[]>();
for (let round = 0; round < ROUNDS; round += 1) {
  hands.push(await byHands(MANY));
  for (const kind of KINDS) {
    hand.push(byHand());
    times.set(kind.name, [...(times.get(kind.name) ?? []), await timed(kind)]);
  }
}
/** The quietest of each says what the work takes where nothing else runs; the median, what it took. */
const ratios = (values: readonly number[]): readonly [median: string, least: string] => [
  (median(values) / median(hand)).toFixed(2),
  (Math.min(...values) / Math.min(...hand)).toFixed(2),
];
console.log(
  `by hand: ${median(hand).toFixed(0)} ms (least ${Math.min(...hand).toFixed(0)}) for kubectl annotate and kubectl get; ${MANY} people at once: ${ratios(hands).join(", least ")} times that`,
);
console.table(
  Object.fromEntries(
    [...times].map(([name, own]) => {
      const [first, leastFirst] = ratios(own.map((each) => each.first));
      const [last, leastLast] = ratios(own.map((each) => each.last));
      const aim = name.includes("--all") ? "as one" : 1.5;
      return [
        name,
        { "first read-back": first, least: leastFirst, last, "least last": leastLast, aim },
      ];
    }),
  ),
);
