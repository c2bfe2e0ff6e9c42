import type { ControlPlaneKeys } from '../../auth/control-plane-keys.ts';
import { type Key, keyOf, parseKey } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { Secret, ServiceAccount } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerResult, nothing } from '../controller.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';
import { ACCOUNT_NAME, ACCOUNT_UID, byAccount, TOKEN_SECRET, tokenSecrets } from './token-secrets.ts';

/** Where the authority of the API server is published (namespace/namespace-contents.ts). */
const AUTHORITY = { namespace: 'kube-system', name: 'kube-root-ca.crt' };

/** Fills the Secrets that hold tokens of service accounts, and lets them go with their account (pkg/controller/serviceaccount/tokens_controller.go). */
export const tokensController: Controller = {
  name: 'tokens-controller',
  // kube-controller-manager runs it under its own name: it makes the tokens that the others have.
  actor: userNamed('system:kube-controller-manager'),
  watches: {
    secrets: ({ key, object }) => (object.type === TOKEN_SECRET ? [key] : []),
    serviceaccounts: ({ object: { metadata } }, state) => keysOf(state, `${metadata.namespace}/${metadata.name}`),
    configmaps: ({ key }, state) => (key === keyOf('configmaps', AUTHORITY.namespace, AUTHORITY.name) ? all(state) : []),
  },
  primaries: all,
  reconcile({ key, state, keys }) {
    const { namespace, name } = parseKey(key);
    const secret = state.get('secrets', namespace, name);
    if (!secret) return withoutReferences(key, state);
    if (secret.type !== TOKEN_SECRET || secret.metadata.deletionTimestamp) return nothing;
    const account = accountOf(secret, state);
    if (!account) return { mutations: [deletionOf('secrets', secret)] };
    return keys && !secret.immutable ? filled(secret, { account, state, keys }) : nothing;
  },
};

function all(state: State): Key[] {
  return [...state.keys(tokenSecrets, '')];
}

const keysOf = (state: State, account: string): Key[] => [...state.keys(byAccount, account)];

/** The account that a Secret names, by its uid as well where it has one. */
function accountOf({ metadata: { namespace, annotations = {} } }: Secret, state: State): ServiceAccount | undefined {
  const account = state.get('serviceaccounts', namespace, annotations[ACCOUNT_NAME] ?? '');
  return annotations[ACCOUNT_UID] && annotations[ACCOUNT_UID] !== account?.metadata.uid ? undefined : account;
}

function filled(secret: Secret, { account, state, keys }: { account: ServiceAccount; state: State; keys: ControlPlaneKeys }): ControllerResult {
  const { namespace, name } = secret.metadata;
  const data = secret.data ?? {};
  const authority = state.get('configmaps', AUTHORITY.namespace, AUTHORITY.name)?.data?.['ca.crt'] ?? '';
  const missing = {
    ...(authority !== '' && data['ca.crt'] !== encoded(authority) && { 'ca.crt': encoded(authority) }),
    ...(!data['namespace'] && { namespace: encoded(namespace!) }),
    ...(!data['token'] && { token: encoded(keys.tokenFor(account, name)) }),
  };
  if (Object.keys(missing).length === 0) return nothing;
  const annotations = { ...secret.metadata.annotations, [ACCOUNT_NAME]: account.metadata.name, [ACCOUNT_UID]: account.metadata.uid! };
  return { mutations: [updateTo('secrets', { ...secret, metadata: { ...secret.metadata, annotations }, data: { ...data, ...missing } })] };
}

const encoded = (text: string) => Buffer.from(text).toString('base64');

/** An account does not name a Secret that is gone. */
function withoutReferences(secret: Key, state: State): ControllerResult {
  const { name } = parseKey(secret);
  const mutations = state
    .by(byReference, secret)
    .map((account) => updateTo('serviceaccounts', { ...account, secrets: account.secrets!.filter((reference) => reference.name !== name) }));
  return { mutations };
}

const byReference = index(['serviceaccounts'], (_key, { metadata: { namespace }, secrets = [] }) => [
  ...new Set(secrets.flatMap(({ name }) => (name ? [keyOf('secrets', namespace, name)] : []))),
]);
