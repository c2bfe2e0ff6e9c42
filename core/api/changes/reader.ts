import { GROUP } from '../../apis/logplane/own-resource.ts';
import { clusterAuthorizer } from '../../auth/cluster-authorizer.ts';
import type { Key } from '../../kube/object.ts';
import { parseKey } from '../../kube/object.ts';
import type { User } from '../../kube/user.ts';
import type { State } from '../../state/state.ts';
import type { ReadCall } from '../call.ts';

/**
 * Who reads changes. That something changed is told to all who may read the changes of its namespace (of the cluster, where it is in none); what changed in it, and its labels, to those of
 * them who may get the object, by the roles of the newest state.
 */
export class ChangeReader {
  readonly #user: User;
  readonly #state: () => State;
  /** What was asked already, of one state. */
  #asked = new Map<string, boolean>();
  #of: State | undefined;

  constructor({ user, replica, state }: Pick<ReadCall, 'user' | 'replica'> & { readonly state?: State }) {
    this.#user = user;
    this.#state = state ? () => state : () => replica.state;
  }

  mayGet(key: Key): boolean {
    const { resource: groupResource, namespace, name } = parseKey(key);
    const [resource = '', ...group] = groupResource.split('.');
    return this.#may(`get ${key}`, { resource, group: group.join('.'), namespace, name });
  }

  /** Whether the changes of a namespace may be read; '': those of objects that are in none. */
  mayRead(namespace: string): boolean {
    return this.#may(`changes ${namespace}`, { resource: 'changes', group: GROUP, namespace });
  }

  #may(asked: string, { namespace, name, ...of }: { resource: string; group: string; namespace: string; name?: string }): boolean {
    const state = this.#state();
    if (this.#of !== state) {
      this.#of = state;
      this.#asked = new Map();
    }
    let allowed = this.#asked.get(asked);
    if (allowed === undefined) {
      const attributes = { user: this.#user, verb: 'get', version: 'v1', ...of, ...(namespace && { namespace }), ...(name && { name }) };
      ({ allowed } = clusterAuthorizer.authorize(attributes, state));
      this.#asked.set(asked, allowed);
    }
    return allowed;
  }
}
