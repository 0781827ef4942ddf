import { describe } from "vitest";

import { github } from "../../src/sinks/github.ts";
import { grafana } from "../../src/sinks/grafana.ts";
import { pagerduty } from "../../src/sinks/pagerduty.ts";
import { slack } from "../../src/sinks/slack.ts";
import { statuspage } from "../../src/sinks/statuspage.ts";
import { webhook } from "../../src/sinks/webhook.ts";
import { answerContract, sinkContract, type SinkUnderTest } from "../support/contract-sink.ts";
import { startFakeApi } from "./support/fake-api.ts";
import { startFakeGithub } from "./support/fake-github.ts";
import { startFakeGrafana } from "./support/fake-grafana.ts";
import { startFakePagerDuty } from "./support/fake-pagerduty.ts";
import { startFakeSlack } from "./support/fake-slack.ts";
import { startFakeStatuspage } from "./support/fake-statuspage.ts";

const secret = "canary-secret-5f1e9a";
const receiver = () => startFakeApi(() => ({ status: 200, body: "ok" }));

const sinks: readonly (SinkUnderTest & { readonly name: string; readonly reads: boolean })[] = [
  {
    name: "slack",
    sink: slack,
    fake: () => startFakeSlack(secret),
    trial: (url) => ({ config: { token: secret, channel: "#deploys", api: `${url}/api` } }),
    secret,
    sends: "header",
    reads: true,
  },
  {
    name: "slack, through an incoming webhook",
    sink: slack,
    fake: receiver,
    trial: (url) => ({ config: { url: `${url}/services/${secret}` } }),
    secret,
    sends: "path",
    reads: false,
  },
  {
    name: "pagerduty",
    sink: pagerduty,
    fake: () => startFakePagerDuty(secret),
    trial: (url) => ({ config: { key: secret, url } }),
    secret,
    sends: "body",
    reads: false,
  },
  {
    name: "grafana",
    sink: grafana,
    fake: () => startFakeGrafana(secret),
    trial: (url) => ({ config: { token: secret, url } }),
    secret,
    sends: "header",
    reads: true,
  },
  {
    name: "statuspage",
    sink: statuspage,
    fake: () => startFakeStatuspage(secret),
    trial: (url) => ({
      config: { token: secret, url, page: "pg1" },
      options: { status: "monitoring" },
    }),
    secret,
    sends: "header",
    reads: true,
  },
  {
    name: "github",
    sink: github,
    fake: () => startFakeGithub(secret),
    trial: (url) => ({ config: { token: secret, url, repo: "acme/shop", ref: "v1" } }),
    secret,
    sends: "header",
    reads: true,
  },
  {
    name: "webhook",
    sink: webhook,
    fake: receiver,
    trial: (url) => ({
      config: { url, secret: `whsec_${Buffer.from(secret.repeat(2)).toString("base64")}` },
    }),
    secret,
    sends: "signature",
    reads: false,
  },
];

describe.each(sinks)("$name", (under) => {
  sinkContract(under);
  if (under.reads) answerContract(under);
});
