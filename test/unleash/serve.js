// A real Unleash server with a fresh database. Prints its address as one line of JSON when it answers, and ends, with its
// database, when its standard input closes: so it never outlives the test that started it.
import { startPostgres } from "./postgres.js";

process.env["TZ"] = "UTC";

const TOKEN = "*:*.test-admin";

const postgres = await startPostgres();
process.stdin.resume().once("end", () => postgres.stop().finally(() => process.exit(0)));

const { ApiTokenType, LogLevel, start } = await import("unleash-server");
const unleash = await start({
  db: {
    host: postgres.host,
    port: postgres.port,
    user: "postgres",
    password: "",
    database: "postgres",
    ssl: false,
  },
  server: { host: "127.0.0.1", port: 0, gracefulShutdownEnable: false },
  logLevel: LogLevel.fatal,
  versionCheck: { enable: false },
  telemetry: false,
  authentication: {
    initApiTokens: [
      {
        tokenName: "admin",
        type: ApiTokenType.ADMIN,
        environment: "*",
        project: "*",
        projects: ["*"],
        secret: TOKEN,
      },
    ],
  },
});
const url = `http://127.0.0.1:${unleash.server.address().port}`;
process.stdout.write(`${JSON.stringify({ url, token: TOKEN })}\n`);
