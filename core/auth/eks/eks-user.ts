import type { User } from '../../kube/user.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { accessEntryOf, entryMapping } from './access-entries.ts';
import { awsAuthMapping } from './aws-auth.ts';
import type { CallerIdentity } from './caller-identity.ts';

/** Under what a user's extra has the ARN that access is given to. */
export const ARN_KEY = 'canonicalArn';

/**
 * The user that an identity of AWS is in a cluster: by its access entry, or else by the ConfigMap aws-auth, as in EKS' mode API_AND_CONFIG_MAP; undefined: neither knows it
 * (aws-iam-authenticator, pkg/server/server.go).
 */
export function eksUser(identity: CallerIdentity, state: State): User | undefined {
  const { canonical, account, arn, userId, sessionName, accessKeyId } = identity;
  const entry = accessEntryOf(canonical, state);
  const mapping = entry ? entryMapping(entry, identity) : awsAuthMapping(identity, state);
  if (!mapping) return undefined;
  const [username, ...groups] = [mapping.username, ...mapping.groups].map((template) => rendered(template, identity, state));
  if (!username || groups.some((group) => group === undefined)) return undefined;
  return {
    username,
    uid: `aws-iam-authenticator:${account}:${userId}`,
    groups: groups as string[],
    extra: { accessKeyId: [accessKeyId], arn: [arn], [ARN_KEY]: [canonical], principalId: [userId], sessionName: [sessionName] },
  };
}

/** Fills in what stands in double braces; undefined: that is not known. */
function rendered(template: string, { account, accessKeyId, sessionName }: CallerIdentity, state: State): string | undefined {
  const values: Readonly<Record<string, () => string | undefined>> = {
    AccountID: () => account,
    SessionName: () => sessionName.replaceAll('@', '-'),
    SessionNameRaw: () => sessionName,
    AccessKeyID: () => accessKeyId,
    EC2PrivateDNSName: () => nodeOfInstance(sessionName, state),
  };
  let known = true;
  const text = template.replace(/\{\{(AccountID|SessionName|SessionNameRaw|AccessKeyID|EC2PrivateDNSName)\}\}/g, (_, name: string) => {
    const value = values[name]!();
    known &&= value !== undefined;
    return value ?? '';
  });
  return known ? text : undefined;
}

/** The private DNS name of an EC2 instance, for which EKS asks EC2: here the Node that says that it is this instance. */
function nodeOfInstance(id: string, state: State): string | undefined {
  return /^i-(\w{8}|\w{17})$/.test(id) ? state.by(nodesByInstance, id)[0]?.metadata.name : undefined;
}

/** `aws:///eu-west-1a/i-0123456789abcdef0` */
const nodesByInstance = index(['nodes'], (_key, { spec }) => {
  const [, id] = /^aws:\/\/\/.*\/(i-\w+)$/.exec(spec?.providerID ?? '') ?? [];
  return id ? [id] : [];
});
