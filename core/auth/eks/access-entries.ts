import type { Fields } from '../../kube/fields.ts';
import { isFields } from '../../kube/fields.ts';
import type { ConfigMap } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { Mapping } from './aws-auth.ts';
import type { CallerIdentity } from './caller-identity.ts';
import { memoized } from './memoized.ts';
import { textIn, textsIn, yamlList } from './yaml-list.ts';

/** What an IAM principal may do in a cluster (Amazon EKS User Guide, "access entries"; Amazon EKS API, AccessEntry and AssociatedAccessPolicy). */
export interface AccessEntry {
  readonly principalArn: string;
  /** None: the one that EKS gives. */
  readonly username: string | undefined;
  readonly groups: readonly string[];
  readonly policies: readonly AssociatedPolicy[];
  readonly type: EntryType;
}

export interface AssociatedPolicy {
  /** `AmazonEKSEditPolicy` */
  readonly name: string;
  readonly arn: string;
  /** Where it holds; undefined: in the whole cluster. A `*` stands for any characters. */
  readonly namespaces: readonly string[] | undefined;
}

/**
 * The entry of an identity. EKS keeps entries beside the cluster, behind an API of its own; here they are in a ConfigMap, `access-entries` in kube-system, whose `accessEntries` is a
 * list in YAML of what `aws eks describe-access-entry` and `list-associated-access-policies` print. What is wrong in it gives nobody anything.
 */
export function accessEntryOf(canonicalArn: string, state: State): AccessEntry | undefined {
  const map = state.get('configmaps', 'kube-system', 'access-entries');
  return map && entriesOf(map).get(withoutPath(canonicalArn));
}

/** How an entry maps its identity. */
export function entryMapping({ type, username, groups, principalArn }: AccessEntry, identity: CallerIdentity): Mapping {
  const { partition, account } = identity;
  if (type !== 'STANDARD') return ofNodes[type];
  const role = /:role\/(?:.*\/)?([^/]+)$/.exec(principalArn)?.[1];
  const given = role === undefined ? identity.arn : `arn:${partition}:sts::${account}:assumed-role/${role}/{{SessionName}}`;
  return { username: username ?? given, groups };
}

const ofNodes = {
  EC2_LINUX: { username: 'system:node:{{EC2PrivateDNSName}}', groups: ['system:nodes'] },
  EC2_WINDOWS: { username: 'system:node:{{EC2PrivateDNSName}}', groups: ['system:nodes', 'eks:kube-proxy-windows'] },
  FARGATE_LINUX: { username: 'system:node:{{SessionName}}', groups: ['system:bootstrappers', 'system:nodes', 'system:node-proxier'] },
} satisfies Readonly<Record<string, Mapping>>;

type EntryType = 'STANDARD' | keyof typeof ofNodes;

const entriesOf = memoized(
  ({ data = {} }: ConfigMap): ReadonlyMap<string, AccessEntry> =>
    new Map(
      yamlList(data['accessEntries'])
        .flatMap((entry) => read(entry) ?? [])
        .map((entry) => [withoutPath(entry.principalArn), entry]),
    ),
);

/** An assumed role does not say its path; names are unique without. */
const withoutPath = (arn: string): string => arn.replace(/:role\/.*\/([^/]+)$/, ':role/$1').toLowerCase();

function read(entry: Fields): AccessEntry | undefined {
  const [principalArn, username, type = 'STANDARD'] = [textIn(entry, 'principalArn'), textIn(entry, 'username'), textIn(entry, 'type')];
  const groups = textsIn(entry, 'kubernetesGroups');
  if (!principalArn || !isType(type) || [...groups, username ?? ''].some(isReserved)) return undefined;
  const associated = Object.hasOwn(entry, 'associatedAccessPolicies') ? entry['associatedAccessPolicies'] : [];
  const policies = Array.isArray(associated) && type === 'STANDARD' ? associated.filter(isFields).flatMap((one) => policyIn(one) ?? []) : [];
  return { principalArn, username, groups, policies, type };
}

const isType = (type: string): type is EntryType => type === 'STANDARD' || Object.hasOwn(ofNodes, type);

/** Names that EKS lets no entry give: what the cluster's own components, and EKS', are called. */
const isReserved = (name: string): boolean => /^(system|eks|aws|amazon|iam):/.test(name);

function policyIn(associated: Fields): AssociatedPolicy | undefined {
  const arn = textIn(associated, 'policyArn');
  const name = /^arn:aws[a-z-]*:eks::aws:cluster-access-policy\/(\w+)$/.exec(arn ?? '')?.[1];
  const scope = Object.hasOwn(associated, 'accessScope') ? associated['accessScope'] : undefined;
  if (!arn || !name || !isFields(scope)) return undefined;
  const type = textIn(scope, 'type');
  if (type === 'cluster') return { name, arn, namespaces: undefined };
  return type === 'namespace' ? { name, arn, namespaces: textsIn(scope, 'namespaces') } : undefined;
}
