import { fieldsOf } from '../../../core/kube/fields.ts';
import { type KubeObject, parseKey } from '../../../core/kube/object.ts';
import type { ConfigMap, MutatingAdmissionPolicy, MutatingWebhookConfiguration } from '../../../core/schema/generated/kinds.ts';
import { BINDING, LABEL, POLICY, URL_PREFIX, WEBHOOK } from '../stamps.ts';
import type { Checker } from './checker.ts';

/**
 * What a mutating webhook and a mutating policy set that are in force at an offset, whose failure refuses a write, is set of all that is written there: the stamp of the webhook, and the seal of the policy, of the stamp
 * that the object has in the end.
 */
export const mutations: Checker = {
  name: 'mutations',
  *check({ replay }) {
    let stamp: string | undefined;
    let seal: string | undefined;
    let isBound = false;
    for (const { key, type, object, previous, offset } of replay.versions) {
      const is = type !== 'DELETED';
      if (key === WEBHOOK) stamp = is ? stampedBy(object) : undefined;
      else if (key === POLICY) seal = is ? sealedBy(object) : undefined;
      else if (key === BINDING) isBound = is;
      else if (is && parseKey(key).resource === 'configmaps' && object.metadata.labels?.[LABEL] && !isDeletion(object, previous)) {
        const { data = {} } = object as ConfigMap;
        if (stamp && data['stamp'] !== stamp) yield `${key} is stamped ${data['stamp']} at ${offset}, and is to be ${stamp}`;
        const sealed = `${seal} of ${data['stamp'] ?? 'none'}`;
        if (seal && isBound && data['seal'] !== sealed) yield `${key} is sealed ${data['seal']} at ${offset}, and is to be ${sealed}`;
      }
    }
  },
};

const isDeletion = (object: KubeObject, previous: KubeObject | undefined): boolean =>
  object.metadata.deletionTimestamp !== undefined && previous?.metadata.deletionTimestamp === undefined;

const stampedBy = (configuration: KubeObject) => (configuration as MutatingWebhookConfiguration).webhooks?.[0]?.clientConfig.url?.slice(URL_PREFIX.length);

const sealedBy = (policy: KubeObject) => (fieldsOf(policy)['spec'] as MutatingAdmissionPolicy['spec'])?.variables?.[0]?.expression.slice(1, -1);
