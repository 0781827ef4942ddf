/** What is wrong in the text of a condition, and where: `offset` and `length` count UTF-16 units of the text. */
export interface ConditionProblem {
  readonly code: ConditionCode;
  readonly message: string;
  readonly fix: string | null;
  readonly offset: number;
  readonly length: number;
}

export type ConditionCode =
  | "condition-syntax"
  | "condition-compound"
  | "condition-name"
  | "condition-verb"
  | "condition-limit"
  | "condition-duration";
