import { z } from "zod";

/** How kubectl is told where to go. What is left out is as `kubectl` itself has it: its config file and current context. */
const config = z.strictObject({
  context: z.string().min(1).optional().describe("a context of the kubeconfig"),
  kubeconfig: z.string().min(1).optional().describe("path of a kubeconfig file"),
  namespace: z.string().min(1).optional().describe("the namespace of everything in the plan"),
});

/** The connection type of everything that goes through the `kubectl` binary. */
export const kubectlConnection = {
  type: "kubectl",
  description: "a Kubernetes cluster, reached with the kubectl and the credentials that are there",
  config,
} as const;
