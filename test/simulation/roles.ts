import { objectOf } from '../../core/kube/fields.ts';
import type { GroupResource, KubeObject } from '../../core/kube/object.ts';
import type { PolicyRule } from '../../core/schema/generated/kinds.ts';
import type { Chance } from './chance.ts';
import type { Client, Target } from './client.ts';

/** Users who may do what roles permit, and nothing else. The tokens are their names. */
export const limitedUsers = ['rita', 'sam'] as const;
export const CREW = 'crew';

/** Changes what users may do while they try to: of several requests at once, each meets the roles as they stand right before it in the log. */
export class RoleChanges {
  readonly #admin: Client;
  readonly #users: readonly Client[];

  constructor(admin: Client, users: readonly Client[]) {
    this.#admin = admin;
    this.#users = users;
  }

  async next(): Promise<void> {
    const byUsers = this.#users.flatMap((user) => [this.#write(user), this.#write(user), this.#grant(user)]);
    await Promise.all([this.#changeRole(), this.#changeBinding(), ...byUsers]);
  }

  async #changeRole(): Promise<void> {
    const { chance } = this.#admin;
    const role = chance.pick(roles);
    if (chance.happens(0.1)) return this.#admin.delete(targetOf(role));
    const changed = { ...role, ...(!('aggregationRule' in role) && { rules: rulesOf(role, chance) }) };
    await put(this.#admin, changed, {
      metadata: { labels: { gathered: chance.pick(['yes', 'yes', 'no']) } },
      ...('rules' in changed && { rules: changed.rules }),
    });
  }

  async #changeBinding(): Promise<void> {
    const { chance } = this.#admin;
    const binding = chance.pick(bindings);
    if (chance.happens(0.2)) return this.#admin.delete(targetOf(binding));
    await put(this.#admin, binding, { subjects: chance.pick(subjects) });
  }

  async #write(user: Client): Promise<unknown> {
    const { chance } = user;
    const target: Target<'configmaps'> = { resource: 'configmaps', namespace: 'default', name: chance.pick(names) };
    const value = String(chance.whole(0, 1_000));
    if (chance.happens(0.2)) return user.delete(target);
    if (chance.happens(0.3)) return user.change(target, (object) => ({ ...object, data: { value } }), { thinking: chance.pick([0, 300]) });
    const written = await user.patch(target, { data: { value } }, MERGE);
    if (written !== 'refused') return;
    return user.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: target.name, namespace: 'default' }, data: { value } });
  }

  /** Gives to others what is not always the user's to give. */
  async #grant(user: Client): Promise<unknown> {
    const { chance } = user;
    const rules = configMapRules(chance);
    if (chance.happens(0.5)) return put(user, objectOf({ ...role('Role', 'granted'), rules }), { rules });
    const granted = binding('RoleBinding', 'granted', { kind: 'ClusterRole', name: chance.pick(['piece-a', 'gathering']) });
    if (chance.happens(0.4)) return user.delete(targetOf(granted));
    return user.create(resourceOf(granted), { ...granted, subjects: chance.pick(subjects) } as KubeObject);
  }
}

const MERGE = 'application/merge-patch+json';
const GROUP = 'rbac.authorization.k8s.io';
const names = ['ruled-1', 'ruled-2', 'ruled-3'];

async function put(client: Client, object: KubeObject, patch: object): Promise<void> {
  const written = await client.patch(targetOf(object), patch, MERGE);
  if (written === 'refused') await client.create(resourceOf(object), object);
}

const resourceOf = ({ kind }: KubeObject): GroupResource => `${kind.toLowerCase()}s.${GROUP}`;

const targetOf = (object: KubeObject): Target => ({ resource: resourceOf(object), namespace: object.metadata.namespace ?? '', name: object.metadata.name });

const place = (kind: string) => (kind.startsWith('Cluster') ? {} : { namespace: 'default' });

const role = (kind: string, name: string): KubeObject => objectOf({ apiVersion: `${GROUP}/v1`, kind, metadata: { name, ...place(kind) } });

const binding = (kind: string, name: string, to: { readonly kind: string; readonly name: string }): KubeObject =>
  objectOf({ ...role(kind, name), roleRef: { apiGroup: GROUP, ...to } });

/** What a user may do to ConfigMaps, what a user may give, and a role that gathers others. */
const roles = [
  role('Role', 'writers'),
  role('ClusterRole', 'piece-a'),
  role('ClusterRole', 'piece-b'),
  role('ClusterRole', 'stewards'),
  objectOf({ ...role('ClusterRole', 'gathering'), rules: [], aggregationRule: { clusterRoleSelectors: [{ matchLabels: { gathered: 'yes' } }] } }),
];

const bindings = [
  binding('RoleBinding', 'writers', { kind: 'Role', name: 'writers' }),
  binding('RoleBinding', 'gathering', { kind: 'ClusterRole', name: 'gathering' }),
  binding('ClusterRoleBinding', 'stewards', { kind: 'ClusterRole', name: 'stewards' }),
  binding('ClusterRoleBinding', 'pieces', { kind: 'ClusterRole', name: 'piece-b' }),
];

const subjects = [
  [],
  ...limitedUsers.map((name) => [{ apiGroup: GROUP, kind: 'User', name }]),
  limitedUsers.map((name) => ({ apiGroup: GROUP, kind: 'User', name })),
  [{ apiGroup: GROUP, kind: 'Group', name: CREW }],
];

const rulesOf = ({ metadata: { name } }: KubeObject, chance: Chance): PolicyRule[] =>
  name === 'stewards'
    ? [{ apiGroups: [GROUP], resources: ['roles', 'rolebindings'], verbs: some(chance, ['create', 'patch', 'delete']) }, ...more(chance)]
    : configMapRules(chance);

const more = (chance: Chance): PolicyRule[] =>
  chance.happens(0.2) ? [{ apiGroups: [GROUP], resources: ['*'], verbs: [chance.pick(['escalate', 'bind'])] }] : [];

const configMapRules = (chance: Chance): PolicyRule[] => [
  {
    apiGroups: [''],
    resources: [chance.pick(['configmaps', 'configmaps', '*'])],
    verbs: some(chance, ['create', 'update', 'patch', 'delete', 'get']),
    ...(chance.happens(0.2) && { resourceNames: [chance.pick(names)] }),
  },
];

function some(chance: Chance, all: readonly string[]): string[] {
  const chosen = all.filter(() => chance.happens(0.7));
  return chosen.length > 0 ? chosen : ['get'];
}
