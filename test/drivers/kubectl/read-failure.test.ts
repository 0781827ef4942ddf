import { describe, expect, it } from "vitest";

import { readFailure } from "../../../src/drivers/kubectl/read-failure.ts";

function ended(stderr: string): ReturnType<typeof readFailure> {
  return readFailure({ exitCode: 1, stdout: "", stderr, why: null, started: true });
}

describe("what a failed kubectl means", () => {
  it.each([
    'Error from server (NotFound): deployments.apps "nope" not found',
    'Error from server (Forbidden): deployments.apps "api" is forbidden: User "x" cannot patch',
    "Error from server (Conflict): Operation cannot be fulfilled",
    "Error from server (TooManyRequests): the server has received too many requests",
    'The Deployment "api" is invalid: spec.replicas: Invalid value: -3',
    "The request is invalid: the server rejected our request due to an error in our request",
    "error: You must be logged in to the server (Unauthorized)",
    "Error in configuration: context was not found for specified context: nope",
    'error: context "nope" does not exist',
    "error: stat /nope: no such file or directory",
    `error: the server doesn't have a resource type "foo"`,
    'Error from server: admission webhook "policy.example.com" denied the request: no :latest here',
  ])("is certain that nothing changed: %s", (words) => {
    expect(ended(words)).toEqual({ kind: "failed", why: words });
  });

  it.each([
    "Error from server (InternalError): an error on the server",
    "Error from server (ServiceUnavailable): the server is currently unable to handle the request",
    "Error from server (Timeout): the server was unable to return a response in the time allotted",
    "Error from server: etcdserver: request timed out",
    "Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded)",
    "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
    'error: Patch "https://x/apis/apps/v1/namespaces/a/deployments/b": EOF',
    "",
  ])("leaves open what happened: %s", (words) => {
    expect(ended(words).kind).toBe("unknown");
    expect(ended(words).why).not.toBe("");
  });

  it.each([
    'Error from server (Forbidden): admission webhook "cab" denied the request: change request CHG-12 is not approved',
    'Error from server: admission webhook "freeze" denied the request: a change freeze is on',
  ])("names what a person must approve: %s", (words) => {
    expect(ended(words).kind).toBe("approval");
  });

  it("looks past warnings and kubectl's own log", () => {
    const noise =
      'E1121 06:56:20.125059 16608 memcache.go:265] "Unhandled Error"\nWarning: policy/v1beta1 is deprecated\n';
    const words = 'Error from server (NotFound): pods "x" not found';
    expect(ended(noise + words)).toEqual({ kind: "failed", why: words });
  });

  it("cuts a message that quotes the whole object", () => {
    expect(ended(`The request is invalid: patch: ${"x".repeat(9000)}`).why.length).toBeLessThan(
      500,
    );
  });

  it("says unknown of a killed one, and what to install where there is none", () => {
    const killed = {
      exitCode: null,
      stdout: "",
      stderr: "",
      why: "no answer in time",
      started: true,
    };
    expect(readFailure(killed)).toEqual({ kind: "unknown", why: "kubectl: no answer in time" });
    const missing = { ...killed, started: false, why: "kubectl was not found on the PATH" };
    expect(readFailure(missing)).toMatchObject({ kind: "failed" });
    expect(readFailure(missing).why).toContain("https://kubernetes.io/docs/tasks/tools/");
  });
});
