export interface SqlServer {
  readonly client: keyof typeof SQL_CLIENTS;
  readonly database: string;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

interface ClientCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface SqlClient {
  /** A session that may only read. Nothing secret is an argument: everyone on the machine sees those. */
  readonly command: (server: SqlServer, query: string) => ClientCommand;
  /** What stands between the columns of a printed row. */
  readonly separator: "," | "\t";
}

/** No query runs longer in the database, also when the client is gone. */
const LONGEST = "30s";

/** The databases' own client programs, and how each prints rows without a heading. */
export const SQL_CLIENTS = {
  psql: {
    separator: ",",
    command: ({ host, port, user, password, database, env }, query) => ({
      argv: [
        "psql",
        "--no-psqlrc",
        "--no-password",
        "--quiet",
        "--tuples-only",
        "--csv",
        "--pset=null=null",
        "--command",
        query,
      ],
      env: {
        PGCONNECT_TIMEOUT: "10",
        PGAPPNAME: "canary",
        PGOPTIONS: `-c default_transaction_read_only=on -c statement_timeout=${LONGEST}`,
        PGDATABASE: database,
        ...defined({ PGHOST: host, PGPORT: port?.toString(), PGUSER: user, PGPASSWORD: password }),
        ...env,
      },
    }),
  },
  mysql: {
    separator: "\t",
    command: ({ host, port, user, password, database, env }, query) => ({
      argv: [
        "mysql",
        "--batch",
        "--raw",
        "--skip-column-names",
        // Else `\!` and the like in a query would be commands of the client.
        "--binary-mode",
        "--connect-timeout=10",
        "--init-command=SET SESSION TRANSACTION READ ONLY",
        ...flags({ host, port: port?.toString(), user }),
        `--execute=${query}`,
        database,
      ],
      env: { ...defined({ MYSQL_PWD: password }), ...env },
    }),
  },
  sqlite3: {
    separator: ",",
    command: ({ database, env }, query) => ({
      argv: [
        "sqlite3",
        // A file of one's own at home could change what is printed.
        "-init",
        "/dev/null",
        "-readonly",
        "-safe",
        "-batch",
        "-bail",
        "-csv",
        "-noheader",
        "-nullvalue",
        "null",
        database,
        query,
      ],
      env: { ...env },
    }),
  },
} as const satisfies Readonly<Record<string, SqlClient>>;

function defined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function flags(values: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(defined(values)).map(([name, value]) => `--${name}=${value}`);
}
