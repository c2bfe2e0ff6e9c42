import { objectOf } from '../../core/kube/fields.ts';
import { type KubeObject, keyOf } from '../../core/kube/object.ts';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../core/schema/generated/kinds.ts';
import type { Client, Target } from './client.ts';

const POLICIES = 'validatingadmissionpolicies.admissionregistration.k8s.io';
const BINDINGS = 'validatingadmissionpolicybindings.admissionregistration.k8s.io';
const NAME = 'colours';

export const POLICY = keyOf(POLICIES, '', NAME);
export const BINDING = keyOf(BINDINGS, '', NAME);

/** Changes its mind about which colour no ConfigMap may have while it gives ConfigMaps colours: of several writes at once, each meets the policy as it stands right before it in the log. */
export class Painter {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async next(): Promise<void> {
    const { chance } = this.#client;
    const colour = chance.pick(colours);
    const paints = names.map((name) => this.#paint(name, chance.happens(0.7) ? colour : chance.pick(colours)));
    await Promise.all([this.#forbid(colour), this.#bind(), ...paints]);
  }

  async #forbid(colour: string): Promise<void> {
    const { spec, ...policy } = policyAgainst(colour);
    const patched = await this.#client.patch({ resource: POLICIES, namespace: '', name: NAME }, { spec: { validations: spec!.validations } }, MERGE);
    if (patched === 'refused') await this.#client.create(POLICIES, { ...policy, spec } as ValidatingAdmissionPolicy);
  }

  /** Most of the time the policy is bound. */
  async #bind(): Promise<void> {
    const { chance } = this.#client;
    if (chance.happens(0.1)) return this.#client.delete({ resource: BINDINGS, namespace: '', name: NAME });
    if (!chance.happens(0.4)) return;
    await this.#client.create(BINDINGS, binding);
  }

  async #paint(name: string, colour: string): Promise<void> {
    const target: Target<'configmaps'> = { resource: 'configmaps', namespace: 'default', name };
    const patched = await this.#client.patch(target, { data: { colour } }, MERGE);
    if (patched !== 'refused') return;
    await this.#client.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { colour } });
  }
}

const MERGE = 'application/merge-patch+json';
const names = ['painted-1', 'painted-2', 'painted-3', 'painted-4', 'painted-5', 'painted-6'];
const colours = ['red', 'green', 'blue'];

const registered = (kind: string, spec: object): KubeObject =>
  objectOf({ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: NAME }, spec });

const binding = registered('ValidatingAdmissionPolicyBinding', { policyName: NAME, validationActions: ['Deny'] }) as ValidatingAdmissionPolicyBinding;

const policyAgainst = (colour: string): ValidatingAdmissionPolicy =>
  registered('ValidatingAdmissionPolicy', {
    matchConstraints: { resourceRules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }] },
    validations: [{ expression: `!has(object.data) || !has(object.data.colour) || object.data.colour != '${colour}'`, message: `no ${colour}` }],
  });

/** Which colour a policy forbids. */
export const forbiddenBy = (policy: KubeObject): string | undefined =>
  (policy as ValidatingAdmissionPolicy).spec?.validations?.[0]?.message?.replace(/^no /, '');
