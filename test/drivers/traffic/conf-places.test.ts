import { array, assert as check, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";

import {
  readPlace,
  writePlace,
  type ConfPlace,
} from "../../../src/drivers/traffic/nginx/conf-places.ts";

const server: ConfPlace = { kind: "server", upstream: "shop", address: "10.0.0.1:80" };
const part: ConfPlace = { kind: "part", variable: "$side", value: "new" };
const entry: ConfPlace = { kind: "entry", variable: "$route", key: "internal" };

describe("places of an nginx configuration", () => {
  it("are found among comments, quotes, variables and other blocks", () => {
    const text = `http { # upstream shop { server 10.0.0.1:80 weight=9; }
  log_format x '{ "a": "$arg_a;}" }';
  upstream shop_old { server 10.0.0.1:80 weight=1; }
  set $x "\${y}{";
  upstream "shop" { keepalive 8; server 10.0.0.10:80; server "10.0.0.1:80"  weight=3 ; }
  split_clients "\${remote_addr}x" $side { 0.5% "new"; * old; }
  map $http_x $route { default $side; internal new; "a b" old; ~^x{2}$ old; }
}`;
    expect(readPlace(text, server)).toBe("  weight=3 ");
    expect(readPlace(text, part)).toBe("0.5%");
    expect(readPlace(text, entry)).toBe("new");
    expect(readPlace(text, { ...entry, key: "a b" })).toBe("old");
    expect(readPlace(text, { ...entry, key: "gone" })).toBeNull();
    expect(writePlace(text, server, " down")).toContain('server "10.0.0.1:80" down; }');
  });

  it("say why they cannot be told", () => {
    const why = (text: string, place: ConfPlace): string => {
      const read = readPlace(text, place);
      return read instanceof Error ? read.message : "no error";
    };
    expect(why("", server)).toBe("there is no block `upstream shop`");
    expect(why("upstream shop {", server)).toBe("there is no block `upstream shop`");
    expect(why("upstream shop { }", server)).toContain("there is no server 10.0.0.1:80");
    expect(why("upstream shop { } upstream shop { }", server)).toContain("there are 2 blocks");
    const twice = "upstream shop { server 10.0.0.1:80; server 10.0.0.1:80; }";
    expect(why(twice, server)).toContain("is there 2 times");
    expect(why("split_clients x $other { * a; }", part)).toContain("split_clients … $side");
  });

  const pieces = constantFrom(
    "# a comment }\n",
    "upstream shop { server 10.0.0.1:80; }\n",
    "upstream shop { zone z 64k;\n    server 10.0.0.1:80 max_fails=1 weight=2;\n}",
    'split_clients "$a" $side { 5% new; * old; }',
    'split_clients "$a" $side {\n    * old;\n}\n',
    "map $b $route {\r\n\tinternal new;\r\n}",
    "map $b $route { default 'x;y'; }",
    "server { location / { return 200 '{}'; } }",
    "}",
    "{",
    "'",
    ";",
  );

  it("come back to the byte, whatever stands around them", () => {
    let wrote = 0;
    const file = array(pieces, { maxLength: 6 }).map((all) => all.join(""));
    const change = constantFrom(
      { place: server, value: " weight=7" },
      { place: part, value: "25%" },
      { place: entry, value: "old" },
    );
    check(
      property(file, change, (text, { place, value }) => {
        const before = readPlace(text, place);
        if (before instanceof Error) {
          expect(writePlace(text, place, value)).toBeInstanceOf(Error);
          return;
        }
        const written = writePlace(text, place, value);
        if (written instanceof Error) throw written;
        expect(readPlace(written, place)).toBe(value);
        expect(writePlace(written, place, before)).toBe(text);
        wrote += 1;
      }),
      { numRuns: 2000 },
    );
    expect(wrote).toBeGreaterThan(100);
  });
});
