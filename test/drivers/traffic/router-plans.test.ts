import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { builtInDrivers } from "../../../src/drivers/registry.ts";
import { loadPlan, type Loaded } from "../../../src/plan/load-plan.ts";

const path = resolve(import.meta.dirname, "../../../plans/kubernetes.yaml");
const text = readFileSync(path, "utf8");

function lint(changed: string, router: string): Loaded {
  const options = { catalog: builtInDrivers(), set: { router }, useExamples: true };
  return loadPlan({ path, text: changed }, options);
}

function told(changed: string, router: string): string {
  return lint(changed, router)
    .diagnostics.map(({ code, message, fix }) => `${code}: ${message}; ${fix ?? ""}`)
    .join("\n");
}

const ROUTERS = ["ingress-nginx", "gateway-api", "istio", "traefik", "replicas"] as const;

describe("a plan for Kubernetes", () => {
  it.each(ROUTERS)("lints clean by %s, and shifts the share of each stage with it", (router) => {
    const { plan, diagnostics } = lint(text, router);
    expect(diagnostics).toEqual([]);
    const shifts = plan?.stages.flatMap(({ actions }) =>
      actions.filter(({ role }) => role === "traffic"),
    );
    expect(shifts?.map(({ driver, share }) => [driver, share])).toEqual([
      [router, 10],
      [router, 50],
      [router, 100],
    ]);
  });

  it.each<[string, (typeof ROUTERS)[number], string, string, string]>([
    ["a route for nobody", "istio", "{ cookie: { segment: premium }, ", "{ ", "say which requests"],
    [
      "a share without %",
      "gateway-api",
      "share: 50% }",
      "share: 50 }",
      'a share is written with %: "50%"',
    ],
    [
      "a misspelt key",
      "gateway-api",
      "      route: shop",
      "      httproute: shop",
      "there is route, canary",
    ],
    [
      "routes of a router without any",
      "traefik",
      "      sticky:",
      "      routes:",
      "not-supported: `routes` is not possible here: a TraefikService weighs services",
    ],
    ["stickiness without any", "replicas", "total: 10", "total: 10, sticky: {}", "stay on one Pod"],
    [
      "stickiness beside its weight",
      "ingress-nginx",
      "ingress: shop-canary",
      "ingress: shop-canary\n      sticky: { cookie: a, for: 1h }",
      "not reach who is kept on the canary; remove it, or give a route",
    ],
    [
      "stickiness before its weight",
      "gateway-api",
      "      route: shop",
      "      route: shop\n      sticky: {}",
      "goes before the weights",
    ],
    [
      "stickiness within a version",
      "istio",
      "      virtualService: shop",
      "      virtualService: shop\n      sticky: {}",
      "`consistentHash`",
    ],
    [
      "a route that nginx cannot take",
      "ingress-nginx",
      "routes: [{ header: { X-Team: shop }, share: 100% }]",
      "routes: [{ header: { X-Team: shop }, share: 50% }]",
      "ingress-nginx sends all or none of the requests with header X-Team",
    ],
    ["a part of a replica", "replicas", "total: 10", "total: 0.5", "whole number"],
    ["a kept cookie for no time", "traefik", "for: 12h", "for: 12", "write a duration"],
  ])("is told of %s", (_, router, from, to, words) => {
    expect(text).toContain(from);
    expect(told(text.replace(from, to), router)).toContain(words);
  });

  it.each<[(typeof ROUTERS)[number], string]>([
    [
      "ingress-nginx",
      "annotate: { resource: ingress/shop-canary, set: { nginx.ingress.kubernetes.io/canary-weight: '5' } }",
    ],
    ["gateway-api", "patch: { resource: httproute/shop, patch: { spec: { rules: [] } } }"],
    ["istio", "patch: { resource: virtualservice/shop, patch: { spec: { http: [] } } }"],
    ["traefik", "patch: { resource: traefikservice/shop, patch: { spec: { weighted: null } } }"],
    ["replicas", "scale: { workload: deployment/shop, replicas: 3 }"],
  ])("is told of an action that writes what %s shifts", (router, action) => {
    const first = "      - set-image: { workload: deployment/shop-canary,";
    const changed = text.replace(first, `      - ${action}\n${first}`);
    expect(changed).not.toBe(text);
    expect(told(changed, router)).toContain("traffic-written-twice: the action");
    const other = ROUTERS.find((each) => each !== router) ?? "istio";
    expect(told(changed, other)).not.toContain("traffic-written-twice");
  });
});

describe("docs/kubernetes.md", () => {
  const page = readFileSync(resolve(import.meta.dirname, "../../../docs/kubernetes.md"), "utf8");
  const drivers = builtInDrivers().actions;

  it("shows what the drivers take", () => {
    const blocks = [...page.matchAll(/```yaml\n(traffic:[^`]*)```/gu)].map(([, block]) => block);
    const inline = [...page.matchAll(/`((?:replicas|sticky): \{[^`]*\})`/gu)].map(
      ([, part]) => part,
    );
    const actions = [
      ...blocks.flatMap((block) => (parse(block ?? "") as { traffic: object[] }).traffic),
      ...inline.map((part) => {
        const map = parse(part ?? "") as object;
        return "sticky" in map ? { traefik: { service: "s", canary: "c", ...map } } : map;
      }),
    ];
    expect(actions.flatMap((action) => Object.keys(action))).toEqual([
      "istio",
      "traefik",
      "replicas",
    ]);
    for (const [kind, input] of actions.flatMap((action) => Object.entries(action)))
      expect(drivers.get(kind)?.input.safeParse(input)).toMatchObject({ success: true });
  });

  it("has a line for every router of Kubernetes", () => {
    for (const router of ROUTERS) expect(page).toContain(`| \`${router}\``);
  });
});
