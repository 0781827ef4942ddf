import { alertmanagerCases } from "./alertmanager-cases.ts";
import { commandCases } from "./command-cases.ts";
import { graphiteCases } from "./graphite-cases.ts";
import { httpJsonCases } from "./http-json-cases.ts";
import { influxdbCases } from "./influxdb-cases.ts";
import { logCases } from "./log-cases.ts";
import { lokiCases } from "./loki-cases.ts";
import { openmetricsCases } from "./openmetrics-cases.ts";
import { prometheusCases } from "./prometheus-cases.ts";
import type { SourceCases } from "./source-cases.ts";
import { sqlCases } from "./sql-cases.ts";

/** Every source, with what it looks like when there is nothing to judge. */
export const everySource: readonly SourceCases[] = [
  prometheusCases,
  openmetricsCases,
  httpJsonCases,
  commandCases,
  logCases,
  alertmanagerCases,
  influxdbCases,
  graphiteCases,
  sqlCases,
  lokiCases,
];
