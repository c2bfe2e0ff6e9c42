import { type Fields, isFields } from '../../kube/fields.ts';
import type { Status } from '../../kube/status.ts';
import { DecodeError } from '../../schema/leaves.ts';
import type { TypeSchema } from '../../schema/schema.ts';
import { decoderOf } from '../../schema/structural.ts';
import { reviewIn } from '../webhook-review.ts';

/** What a webhook says of a request. */
export interface AdmissionResponse {
  readonly allowed: boolean;
  /** None: nothing is to be changed. */
  readonly patch?: { readonly text: string; readonly type: string };
  readonly status?: Partial<Status> | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly uid: string;
  /** Of AdmissionReview. */
  readonly version: 'v1' | 'v1beta1';
  /** Whether it may patch the object. */
  readonly mutates: boolean;
}

/** The response in what came back, as far as there is one in it. Throws in the words of Go. */
export function decodedReview(value: unknown, { version }: Pick<Asked, 'version'>): Fields {
  const review = reviewIn(value, { kind: 'AdmissionReview', group: 'admission.k8s.io', version });
  try {
    return decoderOf(type).decode(review, { path: [], words: 'json' }) as Fields;
  } catch (error) {
    throw error instanceof DecodeError ? new Error(error.message) : error;
  }
}

/** What it says. Throws in the words of VerifyAdmissionResponse (apiserver's plugin/webhook/request) when it is no answer to what was asked. */
export function responseIn(review: Fields, { uid, version, mutates }: Asked): AdmissionResponse {
  const { response } = review;
  if (!isFields(response)) throw new Error('webhook response was absent');
  const { allowed = false, patch: encoded = '', patchType, status, warnings = [], auditAnnotations = {} } = response as Partial<Encoded>;
  if (version === 'v1') verify(review, response, { uid, mutates });
  const patch = mutates && encoded ? { text: Buffer.from(encoded, 'base64').toString(), type: version === 'v1' ? patchType! : 'JSONPatch' } : undefined;
  return { allowed, ...(patch && { patch }), ...(status && { status }), warnings, auditAnnotations };
}

interface Encoded extends Omit<AdmissionResponse, 'patch'> {
  readonly uid?: string;
  /** In base64. */
  readonly patch: string;
  readonly patchType?: string;
}

/** What v1 demands, and v1beta1 did not. */
function verify({ apiVersion = '', kind = '' }: Fields, response: Partial<Encoded>, { uid, mutates }: Omit<Asked, 'version'>): void {
  const { uid: answered = '', patch, patchType } = response;
  if (answered !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(answered)}`);
  if (!apiVersion || !kind) throw new Error(`expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${apiVersion || '/'}, Kind=${kind}`);
  if (!mutates) {
    if (patch) throw new Error('validating webhook may not return response.patch');
    if (patchType !== undefined) throw new Error('validating webhook may not return response.patchType');
    return;
  }
  if (patch && patchType === undefined) throw new Error('webhook returned response.patch but not response.patchType');
  if (!patch && patchType !== undefined) throw new Error('webhook returned response.patchType but not response.patch');
  if (patchType === '') throw new Error('webhook returned invalid response.patchType of ""');
}

/** k8s.io/api/admission/v1, as far as an answer has any of it: no document of Kubernetes' OpenAPI has these types, which no API serves. */
const type: TypeSchema = {
  name: 'io.k8s.api.admission.v1.AdmissionReview',
  fields: {
    apiVersion: { type: 'string', presence: 'value' },
    kind: { type: 'string', presence: 'value' },
    response: {
      goType: 'v1.AdmissionResponse',
      presence: 'pointer',
      struct: {
        name: 'io.k8s.api.admission.v1.AdmissionResponse',
        fields: {
          uid: { type: 'string', goType: 'types.UID', presence: 'value' },
          allowed: { type: 'boolean', presence: 'value' },
          status: { ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.Status', presence: 'pointer' },
          patch: { type: 'string', format: 'byte', presence: 'value' },
          patchType: { type: 'string', goType: 'v1.PatchType', presence: 'pointer' },
          auditAnnotations: { type: 'object', map: { type: 'string', presence: 'value' }, presence: 'value' },
          warnings: { type: 'array', items: { type: 'string', presence: 'value' }, presence: 'value' },
        },
      },
    },
  },
};
