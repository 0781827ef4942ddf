import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { freePort } from "./free-port.ts";
import { ask, startNamed, startProgram } from "./split-world.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export interface NginxWorld extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  /** The file with the blocks that make a share. */
  readonly file: string;
  readonly addresses: { readonly stable: readonly [string, string]; readonly canary: string };
  /** The keys that every plan of this nginx needs: how it is tested and reloaded. */
  readonly handling: {
    readonly test: readonly string[];
    readonly reload: readonly string[];
    readonly pid: string;
  };
  text(): Promise<string>;
  /** Reloads with another text, without the driver. */
  setText(text: string): Promise<void>;
  /** What the command that reloads does from now on. */
  setReload(mood: "works" | "fails" | "hangs" | "lies"): Promise<void>;
}

/**
 * A real nginx on a free port, before two stable servers and a canary. `/` goes through the upstream `shop`; `/split`
 * through `split_clients` by the header `x-visitor`, after a `map` of the header `x-team`.
 */
export async function startNginx(): Promise<NginxWorld> {
  const folder = await temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  const [port, stable, second, canary] = await Promise.all([
    freePort(),
    startNamed("stable"),
    startNamed("stable"),
    startNamed("canary"),
  ]);
  const file = at("shop.conf");
  await writeFile(file, blocks([stable.address, second.address], canary.address));
  await writeFile(at("nginx.conf"), mainConf(folder.path, port));
  await writeFile(at("reload"), reloadScript(folder.path));
  await chmod(at("reload"), 0o755);
  await writeFile(at("mood"), "works");
  const base = ["nginx", "-p", folder.path, "-c", at("nginx.conf")];
  const url = `http://127.0.0.1:${port}`;
  const program = await startProgram(
    "nginx",
    [...base.slice(1), "-g", "daemon off;"],
    async () => (await ask(url)) === "stable",
  );
  return {
    url,
    folder: folder.path,
    file,
    addresses: { stable: [stable.address, second.address], canary: canary.address },
    handling: { test: [...base, "-t"], reload: [at("reload")], pid: at("nginx.pid") },
    text: () => readFile(file, "utf8"),
    setText: (text) => writeFile(file, text),
    setReload: (mood) => writeFile(at("mood"), mood),
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      for (const each of [stable, second, canary, folder]) await each[Symbol.asyncDispose]();
    },
  };
}

function blocks([stable, second]: readonly [string, string], canary: string): string {
  return `# who serves the shop; upstream shop { is not this one
upstream other { server ${stable} weight=3; }
upstream shop {
    zone shop 64k;
    server ${stable} max_fails=2;   # the old one
    server "${second}"  max_fails=2 ;
    server ${canary} weight=7 down; # not yet
}
upstream old { server ${stable}; }
upstream new { server ${canary}; }
split_clients "\${http_x_visitor}salt" $side {
    * old;
}
map $http_x_team $route {
    default $side;
    "a b" old;
}
`;
}

function mainConf(folder: string, port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
worker_processes 1;
events { worker_connections 256; }
http {
  access_log off;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join("\n")}
  include ${folder}/shop.conf;
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://shop; }
    location /split { proxy_pass http://$route; }
  }
}
`;
}

function reloadScript(folder: string): string {
  return `#!/bin/sh
case $(cat ${folder}/mood) in
  fails) echo "no reload today" >&2; exit 1 ;;
  hangs) echo > ${folder}/hanging; exec sleep 600 ;;
  lies) exit 0 ;;
esac
exec nginx -p ${folder} -c ${folder}/nginx.conf -s reload
`;
}
