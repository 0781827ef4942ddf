/** One exit code of canary, for people and scripts. */
export interface ExitCode {
  readonly code: number;
  /** The name that docs and completion use. */
  readonly name: string;
  readonly means: string;
  /** What production looks like when a command ended so. */
  readonly production: string;
  /** What to do next. */
  readonly next: string;
}

/** Every exit code, once. Help, docs and completion are made from this table. */
export const exitCodes: readonly ExitCode[] = [
  {
    code: 0,
    name: "done",
    means: "promoted and verified; or the asked-for thing was done",
    production: "new version",
    next: "nothing",
  },
  {
    code: 1,
    name: "bug",
    means: "a bug in canary",
    production: "see `canary status`",
    next: "`canary abort` if a rollout is open, then report the bug",
  },
  {
    code: 2,
    name: "usage",
    means: "wrong usage, or the plan is invalid",
    production: "untouched",
    next: "correct what the message names",
  },
  {
    code: 20,
    name: "preflight",
    means: "preflight failed",
    production: "untouched",
    next: "correct what the message names, and start again",
  },
  {
    code: 21,
    name: "locked",
    means: "another rollout holds the target",
    production: "untouched by this one",
    next: "wait for that rollout, or abort it",
  },
  {
    code: 22,
    name: "not-approved",
    means:
      "the policy does not let this plan start: it is not approved as it is, or a rule says no",
    production: "untouched",
    next: "do what the message lists: it is everything at once",
  },
  {
    code: 30,
    name: "rolled-back",
    means: "restored and verified, after a gate, check, action or trigger said no",
    production: "old version",
    next: "read the report: it says what was wrong",
  },
  {
    code: 31,
    name: "aborted",
    means: "restored and verified, after a person's abort",
    production: "old version",
    next: "nothing",
  },
  {
    code: 32,
    name: "held",
    means: "held, waiting for a person",
    production: "partial, bounded",
    next: "`canary status` says what it waits for",
  },
  {
    code: 33,
    name: "detached",
    means: "left at a signal while a guard is armed",
    production: "partial, bounded",
    next: "`canary watch`",
  },
  {
    code: 40,
    name: "rollback-failed",
    means: "**not restored or not verified**",
    production: "a person is needed",
    next: "the message lists what is not back; put that right, then `canary abort` again",
  },
  {
    code: 41,
    name: "unknown",
    means: "the outcome of something is unknown",
    production: "a person is needed",
    next: "`canary status`, look at the targets, then `canary abort` again",
  },
  {
    code: 42,
    name: "halted",
    means: "halted past a point of no return",
    production: "a person is needed",
    next: "decide: go forward by hand, or `canary abort --past-irreversible`",
  },
  {
    code: 50,
    name: "evidence",
    means: "`verify`: the evidence is incomplete or was changed",
    production: "not touched by `verify`",
    next: "the message lists the files",
  },
  {
    code: 130,
    name: "left",
    means: "left at once, on the second signal",
    production: "see `canary status`",
    next: "`canary abort`",
  },
];
