import type { Step, Transaction } from '../../../core/apis/logplane/transaction.ts';
import { objectOf } from '../../../core/kube/fields.ts';
import type { KubeObject } from '../../../core/kube/object.ts';
import type { Client } from '../client.ts';

/** Changes several ConfigMaps at once, and takes that back: by an undo of it, or by bringing them to what they were. No other client changes these. */
export class Undoing {
  readonly #client: Client;
  #count = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  async next(): Promise<void> {
    const { chance } = this.#client;
    const steps = names.filter(() => chance.happens(0.6)).flatMap((name) => this.#steps(name));
    if (steps.length === 0) return;
    const made = await this.#carryOut('transactions.logplane.dev', 'Transaction', { steps });
    const { request } = (made as Transaction | undefined)?.status ?? {};
    if (request === undefined || chance.happens(0.3)) return;
    if (chance.happens(0.6)) await this.#carryOut('undos.logplane.dev', 'Undo', { request });
    else await this.#carryOut('restores.logplane.dev', 'Restore', { at: request - 1, resources: ['configmaps'], names, force: true });
  }

  /** Some of them are refused, as the object is there or is not. */
  #steps(name: string): Step[] {
    const { chance } = this.#client;
    const object = objectOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { tone: chance.pick(tones), size: String(chance.whole(1, 3)) } });
    const target = { apiVersion: 'v1', kind: 'ConfigMap', name };
    const apply: Step = { apply: { object, fieldManager: 'undoing', force: true } };
    const patch: Step = { patch: { target, type: 'merge', patch: { data: { tone: chance.pick(tones), shape: chance.pick(['round', null]) } } } };
    return chance.pick([[apply], [apply, patch], [patch], [{ create: { object } }], [{ delete: { target } }], [apply, { delete: { target } }]]);
  }

  #carryOut(resource: string, kind: string, spec: object): Promise<KubeObject | undefined> {
    this.#count++;
    return this.#client.carryOut(
      resource,
      NAMESPACE,
      objectOf({ apiVersion: 'logplane.dev/v1', kind, metadata: { generateName: `${kind.toLowerCase()}-${this.#count}-` }, spec }),
    );
  }
}

const NAMESPACE = 'default';
export const names = ['undone-1', 'undone-2', 'undone-3', 'undone-4'];
const tones = ['light', 'dark', 'pale'];
