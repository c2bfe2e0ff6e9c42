import { index } from '../../state/indexes.ts';

/** The type of Secret that holds a token of a service account, which lasts as long as both do (Managing Service Accounts, "Manage Secrets that hold a service account token"). */
export const TOKEN_SECRET = 'kubernetes.io/service-account-token';

export const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
export const ACCOUNT_UID = 'kubernetes.io/service-account.uid';

/** Such Secrets, by their account: `namespace/name`. */
export const byAccount = index(['secrets'], (_key, { type, metadata }) =>
  type === TOKEN_SECRET ? [`${metadata.namespace}/${metadata.annotations?.[ACCOUNT_NAME] ?? ''}`] : [],
);

/** All of them. */
export const tokenSecrets = index(['secrets'], (_key, { type }) => (type === TOKEN_SECRET ? [''] : []));
