import type { ConfigMap } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { CallerIdentity } from './caller-identity.ts';
import { memoized } from './memoized.ts';
import { textIn, textsIn, yamlList, yamlTexts } from './yaml-list.ts';

/** Under which name and in which groups an identity is known, before what stands in braces is filled in. */
export interface Mapping {
  readonly username: string;
  readonly groups: readonly string[];
}

/** The mapping of an identity in the ConfigMap `aws-auth` of kube-system (Amazon EKS User Guide, "aws-auth ConfigMap"; aws-iam-authenticator, pkg/mapper/configmap). */
export function awsAuthMapping({ canonical, account }: CallerIdentity, state: State): Mapping | undefined {
  const map = state.get('configmaps', 'kube-system', 'aws-auth');
  if (!map) return undefined;
  const { roles, users, accounts } = mappingsOf(map);
  const arn = canonical.toLowerCase();
  return roles.get(arn) ?? users.get(arn) ?? (accounts.has(account) ? { username: canonical, groups: [] } : undefined);
}

interface Mappings {
  /** By ARNs in lower case. */
  readonly roles: ReadonlyMap<string, Mapping>;
  readonly users: ReadonlyMap<string, Mapping>;
  readonly accounts: ReadonlySet<string>;
}

const mappingsOf = memoized(
  ({ data = {} }: ConfigMap): Mappings => ({
    roles: byArn(data['mapRoles'], 'rolearn'),
    users: byArn(data['mapUsers'], 'userarn'),
    accounts: new Set(yamlTexts(data['mapAccounts']).map((account) => account.padStart(12, '0'))),
  }),
);

/** Of several for one ARN the last counts. */
const byArn = (text: string | undefined, field: string): ReadonlyMap<string, Mapping> =>
  new Map(
    yamlList(text).flatMap((entry) => {
      const arn = textIn(entry, field);
      return arn ? [[arn.toLowerCase(), { username: textIn(entry, 'username') ?? '', groups: textsIn(entry, 'groups') }] as const] : [];
    }),
  );
