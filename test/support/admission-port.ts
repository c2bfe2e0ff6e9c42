import type { Answer, AskPort, WebhookAsk } from '../../core/admission/ask.ts';
import type { Fields } from '../../core/kube/fields.ts';
import type { KubeObject } from '../../core/kube/object.ts';

/** What a webhook of admission is sent. */
export interface AdmissionRequest extends Fields {
  readonly uid: string;
  readonly operation: string;
  readonly name?: string;
  readonly object: KubeObject | null;
  readonly oldObject: KubeObject | null;
}

/** What a webhook says of a request: a response, without what every response has; or an answer of any form. */
export type Hook = (request: AdmissionRequest) => Fields | Answer | undefined;

/** A port behind which are the webhooks of `https://NAME`, and all that they are asked, in its order. */
export function admissionPort(hooks: Readonly<Record<string, Hook>>) {
  const asked: { readonly hook: string; readonly request: AdmissionRequest; readonly apiVersion: string; readonly timeoutMs: number }[] = [];
  const ask: AskPort = async (sent) => {
    const { client, question, timeoutMs } = sent as WebhookAsk;
    const { apiVersion, request } = question as { apiVersion: string; request: AdmissionRequest };
    const hook = String(client.url).replace('https://', '');
    asked.push({ hook, request, apiVersion, timeoutMs });
    const said = hooks[hook]?.(request) ?? {};
    if ('type' in said) return said as Answer;
    return { type: 'answered', value: { apiVersion, kind: 'AdmissionReview', response: { uid: request.uid, allowed: true, ...said } } };
  };
  return { ask, asked };
}

/** The response of a webhook that patches. */
export const patch = (...operations: readonly object[]) => ({
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

export const deny = (status: object = {}) => ({ allowed: false, status });

export const failed = (message: string): Answer => ({ type: 'failed', message });

/** A configuration of webhooks, each at the `https://` of its key, about ConfigMaps unless something else is said. */
export function configuration(kind: 'Mutating' | 'Validating', name: string, hooks: Readonly<Record<string, object>>): KubeObject {
  const rules = [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }];
  const webhooks = Object.entries(hooks).map(([hook, more]) => ({
    name: `${hook}.example.com`,
    clientConfig: { url: `https://${hook}` },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    rules,
    ...more,
  }));
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind: `${kind}WebhookConfiguration`, metadata: { name }, webhooks } as unknown as KubeObject;
}
