import type { Plan, Stage } from "../../core/plan.ts";
import type { Rule } from "../located-plan.ts";
import { findPlaceholders } from "../placeholders.ts";
import { reactionEvidence } from "./plan-evidence.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

interface Named {
  readonly name: string;
  /** The name with what is known of its stage filled in. */
  readonly filled: string;
  readonly path: Found["path"];
}

/** Names of evidence files are unique over the plan, and hold no secret. */
export const evidenceNames: Rule = (located) => {
  const { plan } = located;
  const named = [
    ...plan.stages.flatMap((stage) =>
      stage.evidence.map(({ id, as }): Named => ({
        name: as,
        filled: fill(as, stage),
        path: [...sourcePath(located, `evidence:${id}`), "as"],
      })),
    ),
    ...reactionEvidence(plan).map(({ id, as }): Named => ({
      name: as,
      filled: as,
      path: [...sourcePath(located, `evidence:${id}`), "as"],
    })),
    ...checkNames(plan).map(({ check, name, filled }): Named => ({
      name,
      filled,
      path: [...sourcePath(located, `check:${check}`), "as"],
    })),
  ];
  const owners = new Map<string, Named>();
  const found = named.flatMap((one): readonly Found[] => {
    const problem = secretIn(one);
    if (problem !== null) return [problem];
    const other = owners.get(one.filled);
    owners.set(one.filled, other ?? one);
    return other === undefined ? [] : [twice(one, other)];
  });
  return problemsAt(located, found);
};

/** A check writes its answer in each stage that runs it. */
function checkNames(plan: Plan): readonly { check: string; name: string; filled: string }[] {
  return Object.values(plan.checks).flatMap(({ name: check, as }) => {
    if (as === null) return [];
    const stages = plan.stages.filter((stage) => stage.checks.includes(check));
    const filled = new Set(stages.map((stage) => fill(as, stage)));
    return [...(filled.size === 0 ? [as] : filled)].map((each) => ({
      check,
      name: as,
      filled: each,
    }));
  });
}

function fill(name: string, { name: stage, share, folder }: Stage): string {
  return name
    .replaceAll("${stage.name}", stage)
    .replaceAll("${stage.traffic}", share === null ? "" : String(share))
    .replaceAll("${stage.folder}", folder);
}

function secretIn({ name, path }: Named): Found | null {
  const isSecret = findPlaceholders(name).found.some(
    ({ kind }) => kind === "env" || kind === "file",
  );
  if (!isSecret) return null;
  return {
    code: "secret-in-name",
    path,
    message: `the file name ${name} would show a secret`,
    fix: "leave it out; names may hold ${stage.name}, ${stage.traffic} and ${rollout.id}",
  };
}

function twice(one: Named, other: Named): Found {
  const dot = one.name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [one.name.slice(0, dot), one.name.slice(dot)] : [one.name, ""];
  const isShared = one.name === other.name && String(one.path) === String(other.path);
  const fix = one.name.includes("${stage.name}")
    ? "give one of them another name"
    : `write ${stem.replaceAll("${stage.traffic}", "${stage.name}")}${stem.includes("${stage.traffic}") ? "" : "_${stage.name}"}${ending}`;
  return {
    code: "evidence-name-twice",
    path: one.path,
    message: isShared
      ? `several stages would write ${one.filled}`
      : `${one.filled} is written by something else too`,
    fix,
  };
}
