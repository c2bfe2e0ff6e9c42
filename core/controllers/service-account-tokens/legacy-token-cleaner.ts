import { secretsOf } from '../../apis/core/pod-references.ts';
import { type ClusterInstant, clusterInstant, plus } from '../../instant.ts';
import { parseKey } from '../../kube/object.ts';
import type { Secret } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import { type Controller, type ControllerResult, nothing } from '../controller.ts';
import { deletionOf, updateTo } from '../shared/mutations.ts';
import { dateOf, isDate, TRACKING } from './legacy-token-tracking.ts';
import { ACCOUNT_NAME, ACCOUNT_UID, TOKEN_SECRET, tokenSecrets } from './token-secrets.ts';

const DAY = 86_400_000;
/** `--legacy-service-account-token-clean-up-period`: a year. */
const UNUSED = 365 * DAY;

const LAST_USED = 'kubernetes.io/legacy-token-last-used';
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

/**
 * Lets go of tokens that Kubernetes once made by itself for each account, and that nobody has used for a year: first they are marked invalid, and deleted after another year
 * (pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go, which looks once a day).
 */
export const legacyTokenCleaner: Controller = {
  name: 'legacy-service-account-token-cleaner',
  watches: { secrets: ({ key, object }) => (object.type === TOKEN_SECRET ? [key] : []) },
  primaries: (state) => state.keys(tokenSecrets, ''),
  reconcile({ key, state, now }) {
    const { namespace, name } = parseKey(key);
    const secret = state.get('secrets', namespace, name);
    const since = state.get('configmaps', 'kube-system', TRACKING)?.data?.['since'];
    if (secret?.type !== TOKEN_SECRET || secret.metadata.deletionTimestamp || !isDate(since) || !isGenerated(secret, state)) return nothing;
    return look(secret, { state, now, since });
  },
};

/** A Secret that its account names is one of those: by hand, nobody writes it there. */
function isGenerated({ metadata: { namespace, name, annotations = {} } }: Secret, state: State): boolean {
  const account = state.get('serviceaccounts', namespace, annotations[ACCOUNT_NAME] ?? '');
  if (!account || (annotations[ACCOUNT_UID] && annotations[ACCOUNT_UID] !== account.metadata.uid)) return false;
  return account.secrets?.some((reference) => reference.name === name) ?? false;
}

function look(secret: Secret, { state, now, since }: { state: State; now: ClusterInstant; since: string }): ControllerResult {
  const { labels = {}, creationTimestamp, namespace, name } = secret.metadata;
  const { [LAST_USED]: used, [INVALID_SINCE]: invalid } = labels;
  if (used !== undefined && !isDate(used)) return nothing;
  const later = { mutations: [], enqueueAt: plus(now, DAY) };
  const unused = Math.max(clusterInstant(since) + DAY, Date.parse(creationTimestamp ?? ''), used ? Date.parse(used) + DAY : 0);
  if (now <= unused + UNUSED) return later;
  const isMounted = state.list('pods', namespace).some(({ spec }) => spec && secretsOf(spec).includes(name));
  if (isMounted) return later;
  if (!isDate(invalid)) {
    const metadata = { ...secret.metadata, labels: { ...labels, [INVALID_SINCE]: dateOf(now) } };
    return { mutations: [updateTo('secrets', { ...secret, metadata })], enqueueAt: plus(now, DAY) };
  }
  return now > Date.parse(invalid) + DAY + UNUSED ? { mutations: [deletionOf('secrets', secret)] } : later;
}
