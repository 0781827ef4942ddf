import { describe, expect, it } from "vitest";

import type { FieldValue } from "../../../src/core/field.ts";
import type { Json } from "../../../src/core/units.ts";
import { patchFor, type Edit } from "../../../src/drivers/kubectl/json-patch.ts";
import { pathText, type ObjectPath } from "../../../src/drivers/kubectl/object-path.ts";
import { must } from "../../support/must.ts";

const pod = {
  metadata: { name: "x" },
  spec: {
    containers: [
      { name: "a", image: "a:1" },
      { name: "b", env: [{ name: "E", value: "1" }] },
    ],
  },
};

function edit(path: ObjectPath, value: Json | undefined, had = path.length): Edit {
  const wanted: FieldValue = value === undefined ? { present: false } : { present: true, value };
  return { path, value: wanted, had };
}

describe("a JSON patch for edits", () => {
  it("tests the name of each list element on the way", () => {
    const path = ["spec", "containers", { name: "b" }, "env", { name: "E" }];
    expect(must(patchFor(pod, [edit(path, { name: "E", value: "2" })])).ops).toEqual([
      { op: "test", path: "/spec/containers/1/name", value: "b" },
      { op: "test", path: "/spec/containers/1/env/0/name", value: "E" },
      { op: "replace", path: "/spec/containers/1/env/0", value: { name: "E", value: "2" } },
    ]);
  });

  it("escapes keys", () => {
    const { ops } = must(
      patchFor({ metadata: { annotations: {} } }, [
        edit(["metadata", "annotations", "a/b~c"], "1"),
      ]),
    );
    expect(ops).toEqual([{ op: "add", path: "/metadata/annotations/a~1b~0c", value: "1" }]);
  });

  it("says that it makes a parent, and makes it with all that goes into it", () => {
    const edits = [
      edit(["metadata", "annotations", "a"], "1"),
      edit(["metadata", "annotations", "b"], "2"),
    ];
    expect(must(patchFor(pod, edits))).toEqual({
      makesParent: true,
      ops: [
        { op: "add", path: "/metadata/annotations", value: { a: "1" } },
        { op: "add", path: "/metadata/annotations/b", value: "2" },
      ],
    });
  });

  it("makes a list for its first element", () => {
    const path = ["spec", "containers", { name: "a" }, "env", { name: "E" }];
    const { ops, makesParent } = must(patchFor(pod, [edit(path, { name: "E" })]));
    expect(makesParent).toBe(true);
    expect(ops.at(-1)).toEqual({
      op: "add",
      path: "/spec/containers/0/env",
      value: [{ name: "E" }],
    });
  });

  it("takes the parents that it made, and only those, while they hold nothing else", () => {
    const made = { spec: { kept: { a: { b: 1 } } } };
    expect(must(patchFor(made, [edit(["spec", "kept", "a", "b"], undefined, 2)])).ops).toEqual([
      { op: "test", path: "/spec/kept/a", value: { b: 1 } },
      { op: "remove", path: "/spec/kept/a" },
    ]);
    const shared = { spec: { kept: { a: { b: 1, theirs: 2 } } } };
    expect(must(patchFor(shared, [edit(["spec", "kept", "a", "b"], undefined, 2)])).ops).toEqual([
      { op: "remove", path: "/spec/kept/a/b" },
    ]);
  });

  it("finds the places of several elements although the first removal moves them", () => {
    const list = { spec: { env: [{ name: "A" }, { name: "B" }, { name: "C" }] } };
    const edits = ["A", "C"].map((name) => edit(["spec", "env", { name }], undefined));
    expect(must(patchFor(list, edits)).ops).toEqual([
      { op: "test", path: "/spec/env/0/name", value: "A" },
      { op: "remove", path: "/spec/env/0" },
      { op: "test", path: "/spec/env/1/name", value: "C" },
      { op: "remove", path: "/spec/env/1" },
    ]);
  });

  it("has nothing to take where nothing is", () => {
    expect(must(patchFor(pod, [edit(["spec", "nodeSelector", "disk"], undefined)])).ops).toEqual(
      [],
    );
  });

  it("replaces also what has the value already, because a read may be old", () => {
    const path = ["spec", "containers", { name: "a" }, "image"];
    expect(must(patchFor(pod, [edit(path, "a:1")])).ops).toHaveLength(2);
  });

  it.each([
    [["spec", "containers", { name: "z" }, "image"], 'there is no "z" in spec.containers'],
    [["metadata", "name", "deep"], "there is no metadata.name.deep"],
    [["spec", { name: "a" }], "there is no spec[a]"],
  ] as const)("does not invent what is on the way to %j", (path, why) => {
    expect(patchFor(pod, [edit(path, "1")])).toEqual({ kind: "failed", why });
  });

  it("leaves the object that it was given alone", () => {
    const before = structuredClone(pod);
    must(patchFor(pod, [edit(["spec", "containers", { name: "a" }, "image"], "a:2")]));
    expect(pod).toEqual(before);
  });

  describe("of elements that have no name", () => {
    const route = {
      http: [
        {
          match: [{ uri: { prefix: "/api" } }],
          route: [{ destination: { host: "a" }, weight: 1 }],
        },
        { route: [{ destination: { host: "a" } }, { destination: { host: "b" }, weight: 9 }] },
      ],
    };
    const all = { where: { match: null } };
    const b = { where: { destination: { host: "b" } } };

    it("tests what tells them, and of what lacks a key the whole", () => {
      const edits = [edit(["http", all, "route", b, "weight"], 5)];
      expect(must(patchFor(route, edits)).ops).toEqual([
        { op: "test", path: "/http/1", value: route.http[1] },
        { op: "test", path: "/http/1/route/1/destination", value: { host: "b" } },
        { op: "replace", path: "/http/1/route/1/weight", value: 5 },
      ]);
    });

    it("makes a key absent again that the element did not have", () => {
      const a = { where: { destination: { host: "a" } } };
      const path = ["http", all, "route", a, "weight"];
      const [first, second, last] = must(patchFor(route, [edit(path, 3, 4)])).ops;
      expect([first?.op, second?.op]).toEqual(["test", "test"]);
      expect(last).toEqual({ op: "add", path: "/http/1/route/0/weight", value: 3 });
      expect(must(patchFor(route, [edit(path, undefined, 4)])).ops).toEqual([]);
    });

    it("finds no other one when what tells it was changed, whatever the order of its keys", () => {
      const match = [{ uri: { prefix: "/api" }, port: 80 }];
      const path = ["http", { where: { match } }, "timeout"];
      expect(patchFor(route, [edit(path, "1s")]).kind).toBe("failed");
      const turned = { http: [{ match: [{ port: 80, uri: { prefix: "/api" } }] }] };
      expect(must(patchFor(turned, [edit(path, "1s")])).ops.at(-1)).toEqual({
        op: "add",
        path: "/http/0/timeout",
        value: "1s",
      });
    });

    it("leaves one out whose place is gone, when asked to, but not all", () => {
      const gone = edit(["http", { name: "gone" }, "timeout"], "1s");
      const there = edit(["http", all, "timeout"], "1s");
      expect(patchFor(route, [gone, there]).kind).toBe("failed");
      const partly = must(patchFor(route, [gone, there], { partly: true }));
      expect(partly.ops.at(-1)).toEqual({ op: "add", path: "/http/1/timeout", value: "1s" });
      expect(patchFor(route, [gone, gone], { partly: true })).toEqual(patchFor(route, [gone]));
    });

    it("is the same text for the same element", () => {
      expect(pathText(["http", all, "route", b])).toMatch(
        /^http\[match~[0-9a-f]{8}\]\.route\[destination~[0-9a-f]{8}\]$/u,
      );
      expect(pathText([{ where: { name: "a", kind: "Service" } }])).toBe("[name=a,kind=Service]");
      expect(pathText([{ where: { m: { a: 1, b: 2 } } }])).toBe(
        pathText([{ where: { m: { b: 2, a: 1 } } }]),
      );
    });
  });
});
