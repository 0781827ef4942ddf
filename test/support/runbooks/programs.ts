import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Writes small programs that stand in for those of a team, below `folder`; gives a PATH that finds those in `bin`. */
export function writePrograms(folder: string, programs: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(programs)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  }
  return `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`;
}
