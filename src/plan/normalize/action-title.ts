import { isMap, type JsonMap } from "../decode/is-map.ts";

const LONGEST = 60;

/** What people read for an action without a name: its verb and the first thing it says, like `scale deployment/api`. */
export function actionTitle(kind: string, input: JsonMap): string {
  const about = Object.values(input).flatMap((value) => {
    if (typeof value === "string") return [value];
    if (Array.isArray(value)) return [value.filter((each) => typeof each === "string").join(" ")];
    return isMap(value) ? Object.values(value).filter((each) => typeof each === "string") : [];
  })[0];
  const title = about === undefined ? kind : `${kind} ${about.replaceAll(/\s+/g, " ")}`;
  return title.length <= LONGEST ? title : `${title.slice(0, LONGEST - 1)}…`;
}
