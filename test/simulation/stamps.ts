import type { AskPort, WebhookAsk } from '../../core/admission/ask.ts';
import { objectOf } from '../../core/kube/fields.ts';
import { type GroupResource, type KubeObject, keyOf } from '../../core/kube/object.ts';
import type { Client, Target } from './client.ts';
import type { Process, World } from './process.ts';

const WEBHOOKS = 'mutatingwebhookconfigurations.admissionregistration.k8s.io' satisfies GroupResource;
const POLICIES = 'mutatingadmissionpolicies.admissionregistration.k8s.io' satisfies GroupResource;
const BINDINGS = 'mutatingadmissionpolicybindings.admissionregistration.k8s.io' satisfies GroupResource;

export const WEBHOOK = keyOf(WEBHOOKS, '', 'stamp');
export const POLICY = keyOf(POLICIES, '', 'seal');
export const BINDING = keyOf(BINDINGS, '', 'seal');
/** ConfigMaps that both have a say in. */
export const LABEL = 'stamped';

/** The webhook that stamps with what its URL ends in: at once or late, twice, never, or with what is no answer. */
export class Stamp {
  readonly #world: World;
  /** When it did not answer, or wrongly: ms since the epoch. */
  readonly failures: number[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** How a process reaches it. */
  portOf({ env }: Process): AskPort {
    const { faults, chance, time } = this.#world;
    const failed = () => void this.failures.push(time.now);
    return async (ask, { signal }) => {
      const { client, question } = ask as WebhookAsk;
      const { apiVersion, request } = question as { apiVersion: string; request: { uid: string; object: KubeObject } };
      signal.addEventListener('abort', failed, { once: true });
      if (faults.strikes('policy silent')) await env.clock.sleep(2 * TIMEOUT_MS, signal);
      await env.clock.sleep(faults.strikes('policy late') ? chance.between(0.3, 1.5) * TIMEOUT_MS : chance.exponential(10));
      if (faults.strikes('policy asked twice')) await env.clock.sleep(chance.exponential(10));
      const patch = [{ op: 'add', path: '/data/stamp', value: client.url!.slice(URL_PREFIX.length) }];
      const response = { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
      if (!faults.strikes('policy wrong')) return { type: 'answered', value: { apiVersion, kind: 'AdmissionReview', response } };
      failed();
      const wrong = [{ ...response, uid: 'another' }, { ...response, patch: 'bm8gcGF0Y2g=' }, { ...response, patchType: 'Merge' }, undefined];
      return { type: 'answered', value: { apiVersion, kind: 'AdmissionReview', response: chance.pick(wrong) } };
    };
  }
}

const TIMEOUT_MS = 3_000;
export const URL_PREFIX = 'https://stamp.example/';

/** Changes what a webhook stamps and what a policy seals while it writes what both change: the seal is of the stamp, which comes after it, so that it needs a second turn. */
export class Stamper {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async next(): Promise<void> {
    await Promise.all([this.#stamp(), this.#seal(), this.#bind(), ...names.map((name) => this.#write(name))]);
  }

  async #stamp(): Promise<void> {
    const { chance } = this.#client;
    if (chance.happens(0.1)) return this.#client.delete({ resource: WEBHOOKS, namespace: '', name: 'stamp' });
    await put(this.#client, WEBHOOKS, webhookWith(chance.pick(versions)));
  }

  async #seal(): Promise<void> {
    const { chance } = this.#client;
    if (chance.happens(0.5)) await put(this.#client, POLICIES, policyWith(chance.pick(versions)));
  }

  async #bind(): Promise<unknown> {
    if (this.#client.chance.happens(0.1)) return this.#client.delete({ resource: BINDINGS, namespace: '', name: 'seal' });
    return this.#client.chance.happens(0.4) ? this.#client.create(BINDINGS, binding) : undefined;
  }

  async #write(name: string): Promise<void> {
    const { chance } = this.#client;
    const target: Target<'configmaps'> = { resource: 'configmaps', namespace: 'default', name };
    // Sometimes what is stamped already is to be so, too.
    const data = { value: String(chance.whole(0, 1_000)), ...(chance.happens(0.3) && { stamp: 'forged', seal: 'forged' }) };
    const written = await this.#client.patch(target, { data }, MERGE);
    if (written !== 'refused') return;
    const metadata = { name, namespace: 'default', labels: { [LABEL]: 'yes' } };
    await this.#client.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  }
}

const MERGE = 'application/merge-patch+json';
const names = ['stamped-1', 'stamped-2', 'stamped-3'];
const versions = ['v1', 'v2', 'v3'];

async function put(client: Client, resource: GroupResource, object: KubeObject): Promise<void> {
  const { apiVersion: _a, kind: _k, metadata, ...fields } = object;
  const written = await client.patch({ resource, namespace: '', name: metadata.name }, fields, MERGE);
  if (written === 'refused') await client.create(resource, object);
}

const registered = (kind: string, name: string, fields: object): KubeObject =>
  objectOf({ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, ...fields });

const rule = { operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };
const objectSelector = { matchLabels: { [LABEL]: 'yes' } };

const webhookWith = (version: string): KubeObject =>
  registered('MutatingWebhookConfiguration', 'stamp', {
    webhooks: [
      {
        name: 'stamp.simulation.example',
        clientConfig: { url: `${URL_PREFIX}${version}` },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        reinvocationPolicy: 'IfNeeded',
        timeoutSeconds: TIMEOUT_MS / 1_000,
        objectSelector,
        rules: [rule],
      },
    ],
  });

const policyWith = (version: string): KubeObject =>
  registered('MutatingAdmissionPolicy', 'seal', {
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'IfNeeded',
      matchConstraints: { objectSelector, resourceRules: [rule] },
      // What it seals with is told by itself, for the checker.
      variables: [{ name: 'version', expression: `'${version}'` }],
      mutations: [
        {
          patchType: 'JSONPatch',
          jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/data/seal', value: variables.version + ' of ' + object.data.?stamp.orValue('none')}]" },
        },
      ],
    },
  });

const binding = registered('MutatingAdmissionPolicyBinding', 'seal', { spec: { policyName: 'seal' } });
