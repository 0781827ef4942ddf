// A process that replaces one file over and over: `file-writer.ts PATH`.
import { writeFileAtomic } from "../../src/evidence/write-file.ts";

const path = process.argv[2] ?? "";
for (let count = 0; ; count += 1) {
  await writeFileAtomic(path, String(count % 10).repeat(100_000));
  if (count === 0) process.stdout.write("ready\n");
}
