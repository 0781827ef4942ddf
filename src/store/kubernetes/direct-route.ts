import { kubeAccess, type KubeAccess } from "./kube-access.ts";
import type { KubeRoute } from "./kube-route.ts";

/** How long a connection may lie idle, in milliseconds: what stands between forgets it without a word. */
const IDLE = 10_000;

/**
 * The way to the API server itself, where kubectl would do nothing more than this: a process less to start. Null where only
 * kubectl knows how to sign in, and where a file of the kubeconfig can not be read: its words say why. Connects at the first question.
 */
export async function directRoute(flags: readonly string[]): Promise<KubeRoute | null> {
  try {
    const access = await kubeAccess(flags);
    return access === null ? null : routeTo(access);
  } catch {
    return null;
  }
}

function routeTo({ host, port, prefix, token, ca, serverName, client }: KubeAccess): KubeRoute {
  // Not by `import`: that reads every export of a module, and has Node load what is behind each of them.
  const { Agent, request } = process.getBuiltinModule("node:https");
  const { createSecureContext } = process.getBuiltinModule("node:tls");
  const agent = new Agent({
    keepAlive: true,
    // Several rollouts may be aborted at once, and what waits for its turn here waits on its patience.
    maxSockets: 8,
    timeout: IDLE,
    // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED changes nothing.
    rejectUnauthorized: ca !== null,
    // Made once, and here: what is no certificate is for kubectl to tell.
    secureContext: createSecureContext({ ...(ca === null ? {} : { ca }), ...client }),
    ...(serverName === null ? {} : { servername: serverName }),
  });
  const name = host.includes(":") ? `[${host}]` : host;
  const headers = {
    host: port === 443 ? name : `${name}:${port}`,
    // The part before the slash owns the fields that are written: the same one, whichever way they went.
    "user-agent": "kubectl/canary-rollout",
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  return {
    options: { agent, host, port, headers },
    prefix,
    request,
    isDirect: true,
    isAlive: () => true,
    stop: () => agent.destroy(),
  };
}
