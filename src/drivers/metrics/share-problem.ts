export interface ShareKeys {
  readonly bad?: unknown;
  readonly good?: unknown;
  readonly total?: unknown;
}

export interface ShareProblem {
  readonly message: string;
  readonly path: string[];
}

/**
 * What is wrong with the keys of a metric that is either one query under `single`, or a share: `bad` or `good`, with
 * `total`. Null when nothing is.
 */
export function shareProblem<K extends string>(
  query: ShareKeys & { readonly [key in K]?: unknown },
  single: K,
): ShareProblem | null {
  const side = query.bad === undefined ? "good" : "bad";
  const share = [query.bad, query.good, query.total].some((each) => each !== undefined);
  if (query[single] !== undefined)
    return share
      ? problem(single, `\`${single}\` is a metric by itself: leave out bad, good and total`)
      : null;
  if (!share)
    return problem(null, `state a \`${single}\`, or \`bad\` (or \`good\`) with \`total\``);
  if (query.bad !== undefined && query.good !== undefined)
    return problem("good", "`bad` and `good` say the same twice: leave out one");
  if (query.total === undefined)
    return problem(side, `\`${side}\` needs the \`total\` that it is a part of`);
  return query[side] === undefined
    ? problem("total", "`total` needs `bad` or `good`, the part that is judged")
    : null;
}

function problem(key: string | null, message: string): ShareProblem {
  return { message, path: key === null ? [] : [key] };
}
