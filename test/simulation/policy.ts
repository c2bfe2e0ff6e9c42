import type { AskPort } from '../../core/admission/ask.ts';
import type { AdmissionPlugin, AdmissionReview } from '../../core/admission/plugin.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import type { Process, World } from './process.ts';

/** A policy that has to be asked about every new ConfigMap and pod: it answers at once or late, twice, or never. */
export class Policy {
  readonly #world: World;
  /** What it was asked about and has allowed, by uid. */
  readonly allowed = new Map<string, KubeObject>();
  /** The uids of objects that came in because it did not answer in time. */
  readonly excused = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** How a process reaches it. */
  portOf({ env }: Process): AskPort {
    const { faults, chance } = this.#world;
    return async ({ question }, { signal }) => {
      if (faults.strikes('policy silent')) await env.clock.sleep(2 * TIMEOUT_MS, signal);
      await env.clock.sleep(faults.strikes('policy late') ? chance.between(0.3, 1.5) * TIMEOUT_MS : chance.exponential(10));
      const object = question as KubeObject;
      this.allowed.set(object.metadata.uid!, object);
      // The network brings the question again, and the second answer after the first.
      if (faults.strikes('policy asked twice')) void env.clock.sleep(chance.exponential(10)).then(() => this.allowed.set(object.metadata.uid!, object));
      return { type: 'answered', value: true };
    };
  }

  /** Asks, and lets pass what gets no answer (`failurePolicy: Ignore`). */
  readonly plugin: AdmissionPlugin = {
    name: 'Policy',
    validate: (review) => {
      if (!isAskedAbout(review)) return;
      const answer = review.ask({ type: 'AdmissionReview', client: { url: 'https://policy.example' }, question: review.object, timeoutMs: TIMEOUT_MS });
      if (answer?.type === 'failed') this.excused.add(review.object!.metadata.uid!);
    },
  };
}

export const isAskedAbout = ({ operation, subresource, resource }: Pick<AdmissionReview, 'operation' | 'subresource' | 'resource'>): boolean =>
  operation === 'CREATE' && !subresource && ASKED_ABOUT.has(resource.groupResource);

export const ASKED_ABOUT: ReadonlySet<string> = new Set(['configmaps', 'pods']);

const TIMEOUT_MS = 3_000;
