import { creation } from '../../apis/mutation.ts';
import { type Key, keyOf, timestamp } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { ConfigMap } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { updateTo } from '../shared/mutations.ts';

const NAMESPACE = 'kube-system';
export const TRACKING = 'kube-apiserver-legacy-service-account-token-tracking';

/** Writes down since when it is tracked which tokens of Secrets are used (pkg/controlplane/controller/legacytokentracking). */
export const legacyTokenTracking: Controller = {
  name: 'legacy_token_tracking_controller',
  actor: userNamed('system:apiserver'),
  watches: { configmaps: ({ key }) => (key === KEY ? [KEY] : []) },
  primaries: () => [KEY],
  reconcile({ state, now }) {
    const namespace = state.get('namespaces', undefined, NAMESPACE);
    if (!namespace || namespace.metadata.deletionTimestamp) return nothing;
    const known = state.get('configmaps', NAMESPACE, TRACKING);
    if (isDate(known?.data?.['since'])) return nothing;
    const data = { ...known?.data, since: dateOf(now) };
    if (known) return { mutations: [updateTo('configmaps', { ...known, data })] };
    const made: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: TRACKING, namespace: NAMESPACE }, data };
    return { mutations: [creation('configmaps', made)] };
  },
};

const KEY: Key = keyOf('configmaps', NAMESPACE, TRACKING);

/** The day: `2026-01-01`. */
export const dateOf = (now: number): string => timestamp(now).slice(0, 10);

export const isDate = (text: string | undefined): text is string => /^\d{4}-\d{2}-\d{2}$/.test(text ?? '') && !Number.isNaN(Date.parse(text!));
