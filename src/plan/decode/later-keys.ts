/** Elements of the plan language that this version does not know yet, and what each is for. */
export const laterKeys: Readonly<Record<string, string>> = {
  targets: "more than one target",
  waves: "more than one target",
  drill: "a rehearsed rollback as a check",
  announced: "an announcement as a check",
  routes: "traffic by header or cookie",
  sticky: "traffic that stays with a user",
  stated: "a share that nothing can shift",
  table: "a table in a message",
  find: "the search for what an unanswered call made",
};
