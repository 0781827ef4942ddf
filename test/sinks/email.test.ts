import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

import { expect, test } from "vitest";

import { email } from "../../src/sinks/email.ts";
import { certificateFor } from "./support/certificate.ts";
import { startSmtpServer, type Mail } from "./support/smtp-server.ts";
import { notice, ROLLOUT, trySink } from "./support/try-sink.ts";

const base = { host: "127.0.0.1", from: "canary@example.com", to: ["ops@example.com"] };
const plain = { ...base, tls: "none" };

function header(mail: Mail | undefined, name: string): string | undefined {
  const head = mail?.text.split("\r\n\r\n", 1)[0]?.replaceAll(/\r\n\s+/gu, " ") ?? "";
  return new RegExp(`^${name}: (.*)$`, "imu").exec(head)?.[1];
}

test("a mail says what happened, to everybody who is named", async () => {
  await using server = await startSmtpServer();
  const to = ["ops@example.com", "lead@example.com"];
  const told = notice({ subject: "checkout: rolling back", text: "p95 = 0.4 (> 0.3)" });
  const config = { ...plain, port: server.port, to };
  expect(await trySink(email, told, { config })).toEqual({ kind: "delivered", receipt: {} });
  const [mail] = server.mails;
  expect(mail).toMatchObject({ from: "canary@example.com", to, secure: false });
  expect(header(mail, "subject")).toBe("checkout: rolling back");
  expect(header(mail, "auto-submitted")).toBe("auto-generated");
  expect(mail?.text).toContain("p95 = 0.4 (> 0.3)");
  expect(mail?.text).toContain("pilot 5 %: running");
  expect(mail?.text).toContain(`rollout ${ROLLOUT}, owner team checkout`);
});

test("mails of one rollout are one conversation, and a mail that is sent again is the same mail", async () => {
  await using server = await startSmtpServer();
  const config = { ...plain, port: server.port };
  await trySink(email, notice({ key: "a" }), { config });
  await trySink(email, notice({ key: "a" }), { config });
  await trySink(email, notice({ key: "b" }), { config });
  await trySink(email, notice({ key: "c", rollout: "other" }), { config });
  const ids = server.mails.map((mail) => header(mail, "message-id"));
  expect(ids[0]).toMatch(/^<[0-9a-f]{32}@example\.com>$/u);
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
  const threads = server.mails.map((mail) => header(mail, "references"));
  expect(threads[2]).toBe(threads[0]);
  expect(threads[3]).not.toBe(threads[0]);
});

test("what a target said cannot add a header or a recipient", async () => {
  await using server = await startSmtpServer();
  const subject = "x\r\nBcc: everybody@example.com\r\n\r\nhello";
  await trySink(email, notice({ subject }), { config: { ...plain, port: server.port } });
  expect(server.mails[0]?.to).toEqual(["ops@example.com"]);
  expect(header(server.mails[0], "bcc")).toBeUndefined();
});

test("it signs in, over STARTTLS to a server it has reason to trust", async () => {
  const certificate = await certificateFor("127.0.0.1");
  const login = { user: "canary", password: "s3cret-canary" };
  await using server = await startSmtpServer({ certificate, login });
  const config = { ...base, port: server.port, ca: certificate.cert, ...login };
  expect(await trySink(email, notice(), { config })).toMatchObject({ kind: "delivered" });
  expect(server.mails[0]).toMatchObject({ secure: true, user: "canary" });
  expect(server.mails[0]?.text).not.toContain(login.password);
  const wrong = { ...config, password: "other" };
  const refused = await trySink(email, notice(), { config: wrong });
  expect(refused).toMatchObject({ kind: "refused", why: expect.stringContaining("535") });
  const { ca: _, ...unknown } = config;
  expect(await trySink(email, notice(), { config: unknown })).toMatchObject({
    kind: expect.stringMatching(/again|refused/u),
    why: expect.stringMatching(/certificate|self.signed/iu),
  });
  expect(server.mails.length).toBe(1);
});

test("TLS from the first byte", async () => {
  const certificate = await certificateFor("127.0.0.1");
  await using server = await startSmtpServer({ certificate, wrapped: true });
  const config = { ...base, port: server.port, ca: certificate.cert, tls: "wrapped" };
  expect(await trySink(email, notice(), { config })).toMatchObject({ kind: "delivered" });
  expect(server.mails[0]?.secure).toBe(true);
});

test("nothing is sent in the clear where TLS is required, which it is by default", async () => {
  await using server = await startSmtpServer();
  const config = { ...base, port: server.port };
  const delivery = await trySink(email, notice(), { config });
  expect(delivery).toMatchObject({ kind: "refused", why: expect.stringMatching(/TLS/u) });
  expect(server.mails).toEqual([]);
});

test.each([
  [451, "again"],
  [452, "again"],
  [550, "refused"],
  [553, "refused"],
])("the answer %i means %s", async (code, kind) => {
  await using server = await startSmtpServer({ recipient: () => ({ code, text: "not now" }) });
  const config = { ...plain, port: server.port };
  expect(await trySink(email, notice(), { config })).toMatchObject({ kind });
});

test("who was reached is not told again because somebody else was not", async () => {
  const recipient = (address: string) =>
    address.startsWith("gone") ? { code: 550, text: "no such user" } : null;
  await using server = await startSmtpServer({ recipient });
  const to = ["ops@example.com", "gone@example.com"];
  const config = { ...plain, port: server.port, to };
  expect(await trySink(email, notice(), { config })).toEqual({
    kind: "delivered",
    receipt: { refused: "gone@example.com" },
  });
  expect(server.mails[0]?.to).toEqual(["ops@example.com"]);
});

test("a server that says nothing is left when the try is over", async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  const sockets = Promise.withResolvers<void>();
  silent.on("connection", (socket) => {
    socket.on("error", () => undefined);
    socket.on("close", () => silent.close());
    sockets.resolve();
  });
  const leave = new AbortController();
  const sending = trySink(email, notice(), { config: { ...plain, port }, signal: leave.signal });
  await sockets.promise;
  leave.abort();
  expect(await sending).toMatchObject({ kind: "again" });
});

test("nobody there is a reason to try again", async () => {
  const server = await startSmtpServer();
  await server[Symbol.asyncDispose]();
  const config = { ...plain, port: server.port };
  expect(await trySink(email, notice(), { config })).toMatchObject({ kind: "again" });
});

test.each([
  [{ ...base, to: [] }, "nobody is told"],
  [{ ...base, to: ["ops"] }, "is no address"],
  [{ ...base, user: "x" }, "belong together"],
  [{ ...base, host: "mail.example.com", tls: "none" }, "this machine only"],
])("the config %j is wrong", (config, says) => {
  const parsed = email.config.safeParse(config);
  expect(JSON.stringify(parsed.error?.issues)).toContain(says);
});
