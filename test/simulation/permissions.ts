import type { KubeObject } from '../../core/kube/object.ts';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, RbacSubject } from '../../core/schema/generated/kinds.ts';
import type { Replay } from './replay.ts';
import { CREW } from './roles.ts';

/** What a request asks for, as a rule sees it. */
export interface Wanted {
  readonly verb: string;
  readonly group: string;
  /** Without its group. */
  readonly resource: string;
  /** None: of the whole cluster. */
  readonly namespace?: string | undefined;
  /** None: a creation, whose object has no name yet that a rule could know. */
  readonly name?: string | undefined;
}

/**
 * What a limited user may do right after an offset, by this file's own reckoning of roles and bindings (Using RBAC Authorization): a rule of a role that is bound to the user, in the cluster or in the namespace, names
 * it all.
 */
export class Permissions {
  readonly #replay: Replay;
  readonly #user: string;
  readonly #offset: number;

  constructor(replay: Replay, user: string, offset: number) {
    this.#replay = replay;
    this.#user = user;
    this.#offset = offset;
  }

  may(wanted: Wanted): boolean {
    return this.#rules(wanted.namespace).some((rule) => permits(rule, wanted));
  }

  /** Whether all is permitted in a namespace (none: in the cluster) that some rules permit. */
  covers(rules: readonly PolicyRule[], namespace: string | undefined): boolean {
    return rules
      .flatMap(({ verbs, apiGroups = [], resources = [], resourceNames }) =>
        verbs.flatMap((verb) =>
          apiGroups.flatMap((group) =>
            resources.flatMap((resource) => (resourceNames ?? [undefined]).map((name) => ({ verb, group, resource, namespace, name }))),
          ),
        ),
      )
      .every((wanted) => this.may(wanted));
  }

  /** The rules of the role that a binding of a namespace (none: of the cluster) refers to; undefined: it is not there. */
  rulesBehind({ kind, name }: { readonly kind: string; readonly name: string }, namespace: string | undefined): readonly PolicyRule[] | undefined {
    const key = kind === 'Role' ? `roles.${RBAC}/${namespace}/${name}` : `clusterroles.${RBAC}//${name}`;
    const role = this.#replay.get(key, this.#offset) as ClusterRole | undefined;
    return role && (role.rules ?? []);
  }

  #rules(namespace: string | undefined): PolicyRule[] {
    const at = { offset: this.#offset };
    const ofCluster: readonly KubeObject[] = this.#replay.list(`clusterrolebindings.${RBAC}`, at);
    const ofNamespace: readonly KubeObject[] = namespace ? this.#replay.list(`rolebindings.${RBAC}`, { ...at, namespace }) : [];
    return [...ofCluster, ...ofNamespace].flatMap((object) => {
      const { subjects = [], roleRef, metadata } = object as ClusterRoleBinding;
      return subjects.some((subject) => this.#isMeant(subject)) ? (this.rulesBehind(roleRef, metadata.namespace) ?? []) : [];
    });
  }

  #isMeant({ kind, name }: RbacSubject): boolean {
    return kind === 'User' ? name === this.#user : kind === 'Group' && (name === CREW || name === 'system:authenticated');
  }
}

export const RBAC = 'rbac.authorization.k8s.io';

const permits = ({ verbs, apiGroups = [], resources = [], resourceNames = [] }: PolicyRule, { verb, group, resource, name }: Wanted): boolean =>
  has(verbs, verb) && has(apiGroups, group) && has(resources, resource) && (resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name)));

const has = (named: readonly string[], wanted: string): boolean => named.includes(wanted) || named.includes('*');
