import type { AskPort } from '../../core/admission/ask.ts';
import type { GroupResource, KubeObject } from '../../core/kube/object.ts';
import type { ValidatingWebhookConfiguration } from '../../core/schema/generated/kinds.ts';
import type { Process, World } from './process.ts';

/**
 * A webhook that is asked about every new ConfigMap and pod while there is a configuration that says so, which clients write and delete: it answers at once or late, twice, or
 * never.
 */
export class Policy {
  readonly #world: World;
  /** What it was asked about and has allowed, by uid. */
  readonly allowed = new Map<string, KubeObject>();
  /** The uids of objects that may come in because it did not answer in time (`failurePolicy: Ignore`). */
  readonly excused = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** How a process reaches it. */
  portOf({ env }: Process): AskPort {
    const { faults, chance } = this.#world;
    return async ({ question }, { signal }) => {
      const { apiVersion, request } = question as { apiVersion: string; request: { uid: string; object: KubeObject } };
      const { uid } = request.object.metadata;
      // At once: the process may end as soon as it has gone on without an answer.
      signal.addEventListener('abort', () => this.excused.add(uid!), { once: true });
      if (faults.strikes('policy silent')) await env.clock.sleep(2 * TIMEOUT_MS, signal);
      await env.clock.sleep(faults.strikes('policy late') ? chance.between(0.3, 1.5) * TIMEOUT_MS : chance.exponential(10));
      const allow = () => this.allowed.set(uid!, request.object);
      allow();
      // The network brings the question again, and the second answer after the first.
      if (faults.strikes('policy asked twice')) void env.clock.sleep(chance.exponential(10)).then(allow);
      return { type: 'answered', value: { apiVersion, kind: 'AdmissionReview', response: { uid: request.uid, allowed: true } } };
    };
  }
}

const TIMEOUT_MS = 3_000;

export const POLICIES = 'validatingwebhookconfigurations.admissionregistration.k8s.io' satisfies GroupResource;
export const ASKED_ABOUT: ReadonlySet<string> = new Set(['configmaps', 'pods']);

/** What puts it in force. */
export const policyConfiguration = (name: string): ValidatingWebhookConfiguration => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name },
  webhooks: [
    {
      name: 'policy.simulation.example',
      clientConfig: { url: 'https://policy.example' },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Ignore',
      timeoutSeconds: TIMEOUT_MS / 1_000,
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: [...ASKED_ABOUT] }],
    },
  ],
});
