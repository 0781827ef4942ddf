/** Elements of the plan language that this version does not know yet, and what each is for. */
export const laterKeys: Readonly<Record<string, string>> = {
  targets: "more than one target",
  waves: "more than one target",
  drill: "a rehearsed rollback as a check",
  find: "the search for what an unanswered call made",
};
