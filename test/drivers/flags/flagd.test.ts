import { link, readFile, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import { FlagdCore } from "@openfeature/flagd-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

import type { Change, FieldValue } from "../../../src/core/field.ts";
import type { Answer, DriverContext } from "../../../src/drivers/driver.ts";
import { flagd } from "../../../src/drivers/flags/flagd.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import { must } from "../../support/must.ts";
import { temporaryFolder, type TemporaryFolder } from "../../support/temporary-folder.ts";

interface Definition {
  readonly state?: string;
  readonly variants?: Readonly<Record<string, unknown>>;
  readonly defaultVariant?: string | null;
  readonly targeting?: unknown;
  readonly metadata?: unknown;
}

const plain = (more: Definition = {}): Definition => ({
  state: "ENABLED",
  variants: { on: true, off: false },
  defaultVariant: "off",
  ...more,
});

const split = (on: number): unknown => ({
  fractional: [
    ["on", on],
    ["off", 100 - on],
  ],
});

function fileOf(checkout: Definition, indent: number | string = 2): string {
  const banner = plain({ defaultVariant: "on" });
  return `${JSON.stringify({ $schema: "https://flagd.dev/schema/v0/flags.json", flags: { checkout, banner } }, null, indent)}\n`;
}

/** What flagd's own engine serves to many users; `none` counts those that get the code's default. */
function served(text: string, flag = "checkout", users = 4000): ReadonlyMap<unknown, number> {
  const core = new FlagdCore();
  core.setConfigurations(JSON.stringify(parse(text)));
  const counts = new Map<unknown, number>();
  for (let user = 0; user < users; user += 1) {
    const context = { targetingKey: `user-${user}` };
    const { variant, reason } = core.resolveBooleanEvaluation(flag, false, context);
    const got = reason === "DISABLED" ? "none" : variant;
    counts.set(got, (counts.get(got) ?? 0) + 1);
  }
  return counts;
}

contractOfActionDriver(
  "flagd",
  async () => {
    const folder = await temporaryFolder();
    const file = join(folder.path, "flags.json");
    await writeFile(file, fileOf(plain({ targeting: split(3) })));
    const request = { input: { flag: "checkout", file }, share: 5, connectionName: null };
    const truth = async (): Promise<FieldValue> => {
      const { flags } = JSON.parse(await readFile(file, "utf8")) as {
        flags: Record<string, Definition>;
      };
      const { state, targeting } = flags["checkout"] ?? {};
      const [[, on]] = (targeting as { fractional: [[string, number]] }).fractional;
      return { present: true, value: state === "ENABLED" ? String(on) : `off, ${on}` };
    };
    return {
      driver: flagd,
      request,
      other: { ...request, share: 25 },
      foreign: { present: true, value: "off, 77" },
      context: (signal) => driverContext({ signal }),
      truth,
      async setLive() {
        const [change] = must(await flagd.changes(request, driverContext()));
        const value = { present: true, value: "off, 77" } as const;
        must(await flagd.write([{ ...(change as Change), value }], driverContext()));
      },
      writes: () => null,
      break: {
        // A second name of the file: replacing it would part the two.
        refuse: () => link(file, join(folder.path, "second")),
      },
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  },
  { absence: false },
);

describe("a flag file of flagd", () => {
  let folder: TemporaryFolder;
  let file: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, "flags.json");
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const context = (): DriverContext => driverContext();
  const changesOf = (share: number | null, input: object = {}) =>
    flagd.changes(
      {
        input: flagd.input.parse({ flag: "checkout", file, ...input }),
        share,
        connectionName: null,
      },
      context(),
    );
  const set = async (share: number | null, input: object = {}): Promise<string> => {
    must(await flagd.write(must(await changesOf(share, input)), context()));
    return await readFile(file, "utf8");
  };
  const baselineOf = async (changes: readonly Change[]): Promise<readonly Change[]> => {
    const fields = changes.map(({ field }) => field);
    return JSON.parse(JSON.stringify(must(await flagd.read(fields, context())))) as Change[];
  };
  const write = (changes: readonly Change[]): Promise<Answer<null>> =>
    flagd.write(changes, context());

  it.each([0, 1, 5, 25, 50, 99, 100])(
    "serves %d %% of many users, as flagd's own engine evaluates the file",
    async (share) => {
      await writeFile(file, fileOf(plain()));
      const counts = served(await set(share));
      // Of 4000 fair draws the standard deviation is at most 32; the engine's hash is fixed, so this never flickers.
      expect(Math.abs((counts.get("on") ?? 0) - 40 * share)).toBeLessThan(120);
      if (share === 0) expect(counts.get("on")).toBeUndefined();
      if (share === 100) expect(counts.get("off")).toBeUndefined();
    },
  );

  it("serves a share below one percent", async () => {
    await writeFile(file, fileOf(plain()));
    const text = await set(0.5);
    expect(text).toContain('[["on", 5], ["off", 995]]');
    const on = served(text, "checkout", 20_000).get("on") ?? 0;
    expect(Math.abs(on - 100)).toBeLessThan(40);
    expect(await changesOf(0.0001)).toMatchObject({ kind: "failed" });
  });

  it("takes the share of an action as a plan writes shares, and none of one that is under traffic", async () => {
    await writeFile(file, fileOf(plain()));
    expect(await set(null, { share: "12.5%" })).toContain('[["on", 125], ["off", 875]]');
    for (const [share, input] of [
      [5, { share: "5%" }],
      [5, { enabled: true }],
      [null, {}],
    ] as const)
      expect(await changesOf(share, input)).toMatchObject({ kind: "failed" });
    for (const share of [5, "5", "101%", "-1%", "five"])
      expect(flagd.input.safeParse({ flag: "checkout", file, share }).success).toBe(false);
  });

  it("keeps the users it has when the share grows, in whichever order the split stands", async () => {
    for (const fractional of [
      [
        ["on", 1],
        ["off", 99],
      ],
      [
        ["off", 99],
        ["on", 1],
      ],
    ]) {
      await writeFile(file, fileOf(plain({ targeting: { fractional } })));
      let before = new Set<number>();
      for (const share of [1, 5, 25, 100]) {
        const core = new FlagdCore();
        core.setConfigurations(await set(share));
        const users = Array.from({ length: 2000 }, (_, user) => user).filter(
          (user) =>
            core.resolveBooleanEvaluation("checkout", false, { targetingKey: `user-${user}` })
              .value,
        );
        const now = new Set(users);
        expect([...before].filter((user) => !now.has(user))).toEqual([]);
        before = now;
      }
    }
  });

  it("tells users apart by what the file says", async () => {
    const targeting = { fractional: [{ var: "company" }, ["on", 0], ["off", 100]] };
    await writeFile(file, fileOf(plain({ targeting })));
    const core = new FlagdCore();
    core.setConfigurations(await set(50));
    const of = (company: string, targetingKey: string): boolean =>
      core.resolveBooleanEvaluation("checkout", false, { company, targetingKey }).value;
    const companies = Array.from({ length: 100 }, (_, index) => `company-${index}`);
    for (const company of companies) expect(of(company, "a")).toBe(of(company, "b"));
    const on = companies.filter((company) => of(company, "a")).length;
    expect(on).toBeGreaterThan(30);
    expect(on).toBeLessThan(70);
  });

  it("gives users with an attribute a share of their own, as flagd's own engine evaluates it, and none before or after", async () => {
    const before = fileOf(plain({ targeting: split(0) }));
    await writeFile(file, before);
    const routes = [
      { attribute: { team: ["core", "web"] }, share: "100%" },
      { attribute: { tier: "premium", country: "de" }, share: "50%" },
    ];
    const first = must(await changesOf(5, { routes }));
    const baseline = await baselineOf(first);
    const on = (text: string, attributes: object): number => {
      const core = new FlagdCore();
      core.setConfigurations(text);
      return Array.from({ length: 1000 }, (_, user) =>
        core.resolveBooleanEvaluation("checkout", false, {
          targetingKey: `u-${user}`,
          ...attributes,
        }),
      ).filter(({ value }) => value).length;
    };
    for (const [share, core, premium] of [
      [0, 0, 0],
      [5, 1000, 500],
      [80, 1000, 800],
      [100, 1000, 1000],
    ] as const) {
      const text = await set(share, { routes });
      expect(on(text, { team: "core" })).toBe(core);
      expect(on(text, { team: "web", tier: "premium", country: "de" })).toBe(core);
      for (const [who, wanted] of [
        [{ tier: "premium", country: "de" }, premium],
        [{ tier: "premium", country: "fr" }, share * 10],
        [{ team: "shop" }, share * 10],
        [{}, share * 10],
      ] as const)
        expect(Math.abs(on(text, who) - wanted)).toBeLessThan(60);
      const [reading] = await baselineOf(first);
      expect(reading?.value).toEqual({ present: true, value: String(share) });
    }
    // Somebody else's rule beside ours is a difference, and no share.
    await writeFile(file, (await readFile(file, "utf8")).replace('"core"', '"all"'));
    expect((await baselineOf(first))[0]?.value).not.toEqual({ present: true, value: "100" });
    expect(await changesOf(5, { routes })).toMatchObject({ kind: "failed" });
    must(await write(baseline));
    expect(on(await readFile(file, "utf8"), { team: "core" })).toBe(0);
    expect(await readFile(file, "utf8")).toBe(before);
    // A bundle of before there were routes has none in its fields.
    const [change] = first;
    if (change === undefined) throw new Error("nothing to change");
    const { routes: _, ...ref } = change.field.ref as Record<string, never>;
    const old = {
      field: { ...change.field, ref },
      value: { present: true, value: "7" },
    } as const;
    must(await write([old]));
    expect((await baselineOf([old]))[0]?.value).toEqual({ present: true, value: "7" });
  });

  it.each<[object, string]>([
    [{ routes: [{ attribute: {}, share: "50%" }] }, "name at least one"],
    [{ routes: [{ attribute: { team: "a" }, share: "50" }] }, "write a percentage"],
    [{ routes: [{ attribute: { team: 5 }, share: "50%" }] }, "team"],
    [{ enabled: true, routes: [{ attribute: { team: "a" }, share: "50%" }] }, "belong to a share"],
  ])("takes no routes like %j", (more, words) => {
    const parsed = flagd.input.safeParse({ flag: "checkout", file, ...more });
    expect(JSON.stringify(parsed.error?.issues)).toContain(words);
  });

  it("gives the default variant to who has no targeting key, and refuses a flag where that is the new one", async () => {
    await writeFile(file, fileOf(plain()));
    const core = new FlagdCore();
    core.setConfigurations(await set(100));
    expect(core.resolveBooleanEvaluation("checkout", true, {}).value).toBe(false);
    expect(await changesOf(5, { flag: "banner" })).toMatchObject({
      kind: "failed",
      why: expect.stringContaining('gives "on" to everyone without a targeting key'),
    });
  });

  const shapes: readonly (readonly [string, string, string])[] = [
    ["JSON without targeting", "json", fileOf(plain())],
    ["JSON in one line", "json", fileOf(plain({ targeting: split(7) }), 0)],
    ["JSON in one line, without targeting", "json", fileOf(plain(), 0)],
    ["JSON indented by tabs", "json", fileOf(plain({ targeting: split(7) }), "\t")],
    ["JSON indented by tabs, without targeting", "json", fileOf(plain(), "\t")],
    ["JSON with an empty targeting", "json", fileOf(plain({ targeting: {} }))],
    ["JSON with null as targeting", "json", fileOf(plain({ targeting: null }))],
    ["JSON that is disabled", "json", fileOf(plain({ state: "DISABLED", targeting: split(7) }))],
    [
      "JSON without a state",
      "json",
      fileOf({ variants: { on: true, off: false }, defaultVariant: "off" }),
    ],
    [
      "JSON in Windows lines",
      "json",
      fileOf(plain({ targeting: split(7) })).replaceAll("\n", "\r\n"),
    ],
    [
      "JSON with more beside",
      "json",
      fileOf(plain({ metadata: { owner: "Zoë — π" }, targeting: split(7) })),
    ],
    [
      "YAML",
      "yaml",
      `# all our flags
flags:
  checkout: # the new one
    state: ENABLED   # on since May
    variants: { on: true, off: false }
    defaultVariant: "off"
  banner: { state: DISABLED, variants: { "on": true, "off": false }, defaultVariant: "off" }
`,
    ],
    [
      "YAML with targeting in a block",
      "yaml",
      `flags:
  checkout:
    state: 'DISABLED'
    targeting:
      # who gets it
      fractional:
        - ["on", 7]
        - ["off", 93] # the rest

    variants:
      "on": true
      "off": false
    defaultVariant: "off"
`,
    ],
    [
      "YAML with targeting at the end",
      "yaml",
      `flags:
  checkout:
    variants: { "on": true, "off": false }
    defaultVariant: "off"
    state: ENABLED
    targeting:
      fractional:
        - ["on", 7]
        - ["off", 93]
`,
    ],
  ];

  it.each(shapes)("undoes to the byte: %s", async (_, type, text) => {
    file = join(folder.path, `flags.${type}`);
    await writeFile(file, text);
    const first = must(await changesOf(5));
    const baseline = await baselineOf(first);
    for (const share of [5, 25, 100, 0, 100]) {
      const now = await set(share);
      const on = served(now).get("on") ?? 0;
      expect(Math.abs(on - 40 * share)).toBeLessThan(120);
      expect((await baselineOf(first))[0]?.value).toEqual({ present: true, value: String(share) });
    }
    must(await write(baseline));
    expect(await readFile(file, "utf8")).toBe(text);
    const kill = must(await changesOf(null, { enabled: false }));
    const before = await baselineOf(kill);
    must(await write(kill));
    expect(served(await readFile(file, "utf8"))).toEqual(new Map([["none", 4000]]));
    must(await write(before));
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("leaves everything else in the file to the byte while it is set", async () => {
    const text = fileOf(plain({ targeting: split(7), metadata: { version: 1.5e3 } }));
    await writeFile(file, text);
    const now = await set(25);
    const at = (whole: string): string => whole.slice(whole.indexOf('"metadata"'));
    expect(at(now)).toBe(at(text));
    expect((await stat(file)).mode & 0o777).toBe(0o644);
  });

  it("keeps what someone else writes to another flag meanwhile", async () => {
    await writeFile(file, fileOf(plain()));
    const changes = must(await changesOf(5));
    const baseline = await baselineOf(changes);
    must(await write(changes));
    const theirs = (await readFile(file, "utf8")).replace(
      '"banner": {',
      '"banner": { "metadata": {},',
    );
    await writeFile(file, theirs);
    must(await write(baseline));
    const after = JSON.parse(await readFile(file, "utf8")) as { flags: Record<string, Definition> };
    expect(after.flags["checkout"]).toEqual(plain());
    expect(after.flags["banner"]?.metadata).toEqual({});
  });

  it("writes two flags of one file in one step", async () => {
    await writeFile(file, fileOf(plain()));
    const off = must(await changesOf(null, { flag: "banner", enabled: false }));
    must(await write([...must(await changesOf(5)), ...off]));
    const text = await readFile(file, "utf8");
    expect(served(text, "banner")).toEqual(new Map([["none", 4000]]));
    expect(served(text).get("on")).toBeGreaterThan(100);
  });

  it.each<[string, Definition, object, string]>([
    [
      "targeting rules that a share would wipe",
      plain({ targeting: { if: [{ in: ["@us.example", { var: "email" }] }, "on", "off"] } }),
      {},
      "targeting rules of its own",
    ],
    [
      "a split between three",
      {
        ...plain({
          targeting: {
            fractional: [
              ["on", 1],
              ["off", 1],
              ["maybe", 1],
            ],
          },
        }),
        variants: { on: true, off: false, maybe: false },
      },
      {},
      "splits between on, off, maybe",
    ],
    ["no default variant", plain({ defaultVariant: null }), {}, "gives null to everyone"],
    ["no boolean variants", plain({ variants: { a: 1, b: 2 } }), {}, "name `serve` and `instead`"],
    ["a variant that is not there", plain(), { serve: "blue" }, "no variant blue, but on, off"],
    ["the same variant twice", plain(), { serve: "off" }, "are both off"],
  ])("refuses %s, and says so before the rollout", async (_, definition, input, words) => {
    const text = fileOf(definition);
    await writeFile(file, text);
    expect(await changesOf(5, input)).toMatchObject({
      kind: "failed",
      why: expect.stringContaining(words),
    });
    const request = { input: { flag: "checkout", file, ...input }, share: 5, connectionName: null };
    expect(await flagd.permissions(request, context())).toEqual([expect.stringContaining(words)]);
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("splits between the variants that are named", async () => {
    const variants = { green: "#0f0", blue: "#00f" };
    await writeFile(file, fileOf(plain({ variants, defaultVariant: "green" })));
    const core = new FlagdCore();
    core.setConfigurations(await set(100, { serve: "blue", instead: "green" }));
    const got = core.resolveStringEvaluation("checkout", "", { targetingKey: "user" });
    expect(got.value).toBe("#00f");
  });

  it("does not enable what would serve everyone unless the plan agrees to that", async () => {
    await writeFile(file, fileOf(plain({ state: "DISABLED", targeting: split(100) })));
    expect(await changesOf(null, { enabled: true })).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("everyone: true"),
    });
    expect(served(await set(null, { enabled: true, everyone: true })).get("on")).toBe(4000);
  });

  it.each([
    ["is not there", null, "there is no file"],
    ["is empty", "", "it has no `flags`"],
    ["is broken", '{"flags": {"checkout": ', "it is no flag file"],
    ["is something else", "<html>", "it has no `flags`"],
    ["has the flag twice", '{"flags":{"checkout":{},"checkout":{}}}', "it is no flag file"],
    ["has another flag", '{"flags":{"x":{}}}', "it has no flag checkout, but x"],
    ["has an alias", "flags: {x: &a {state: ENABLED}, checkout: *a}", "is an alias"],
  ])("says so of a file that %s", async (_, text, words) => {
    if (text !== null) await writeFile(file, text);
    expect(await changesOf(5)).toMatchObject({
      kind: "failed",
      why: expect.stringContaining(words),
    });
  });

  it("does not change what other flags use through an anchor, and takes an alias's place", async () => {
    file = join(folder.path, "flags.yaml");
    const banner = 'state: ENABLED, variants: { "on": true, "off": false }, defaultVariant: "off"';
    const text = `flags:
  checkout: { ${banner}, targeting: &half { fractional: [["on", 50], ["off", 50]] } }
  banner: { ${banner}, targeting: *half }
`;
    await writeFile(file, text);
    expect(await flagd.write(must(await changesOf(5)), context())).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("is an anchor"),
    });
    const request = { input: { flag: "checkout", file }, share: 5, connectionName: null };
    expect(await flagd.permissions(request, context())).toEqual([
      expect.stringContaining("is an anchor"),
    ]);
    expect(await readFile(file, "utf8")).toBe(text);
    const changes = must(await changesOf(5, { flag: "banner" }));
    const baseline = await baselineOf(changes);
    must(await write(changes));
    expect(served(await readFile(file, "utf8"), "banner").get("on")).toBeLessThan(300);
    must(await write(baseline));
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("does not undo what its way back cannot find, and says so", async () => {
    await writeFile(file, fileOf(plain()));
    const changes = must(await changesOf(5));
    await writeFile(file, '{"flags":{}}');
    expect(await write(changes)).toMatchObject({ kind: "failed" });
    expect(await flagd.read([(changes[0] as Change).field], context())).toMatchObject({
      kind: "failed",
    });
    const moved = JSON.stringify(changes).replaceAll(
      `"host":"${hostname()}"`,
      '"host":"elsewhere"',
    );
    expect(await write(JSON.parse(moved) as Change[])).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("lies on elsewhere"),
    });
  });
});
