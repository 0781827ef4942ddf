import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryFolder } from "../../support/temporary-folder.ts";
import type { Certificate } from "./smtp-server.ts";

/** A certificate for an address that signs itself. */
export async function certificateFor(ip: string): Promise<Certificate> {
  await using folder = await temporaryFolder();
  const [cert, key] = [join(folder.path, "cert.pem"), join(folder.path, "key.pem")];
  const how = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const whose = ["-subj", "/CN=loopback", "-addext", `subjectAltName=IP:${ip}`];
  execFileSync("openssl", ["req", "-x509", ...how, ...whose, "-keyout", key, "-out", cert], {
    stdio: "ignore",
  });
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}
