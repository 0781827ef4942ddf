/** One reason why a policy does not let a rollout start. */
export interface PolicyProblem {
  /** What it is about: `approvals`, `freeze`, `soak`, … */
  readonly rule: string;
  /** What is wrong, in words. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}
