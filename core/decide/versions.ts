import { createHash } from 'node:crypto';
import type { Answer, Answers, Ask } from '../admission/ask.ts';
import type { ApiResource } from '../apis/api-resource.ts';
import { type Fields, fieldsOf, objectOf } from '../kube/fields.ts';
import { goText } from '../kube/go-text.ts';
import type { KubeObject, ObjectMeta } from '../kube/object.ts';
import { aggregate, StatusError } from '../kube/status.ts';
import { validateAnnotations, validateLabels } from '../kube/validation/metadata.ts';
import { own, ownershipIn } from '../managed-fields/ownership.ts';
import { coerceObject } from '../schema/custom/decode-custom.ts';

/**
 * The versions of custom objects: an object says itself of which it is, and is brought into that of a request, and into that in which it is stored
 * (Kubernetes documentation, "Versions in CustomResourceDefinitions"; apiextensions-apiserver's pkg/apiserver/conversion).
 */

interface Conversion {
  readonly resource: ApiResource;
  readonly apiVersion: string;
  readonly ask: (ask: Ask) => Answer | undefined;
}

/** The object in a version; undefined when a webhook has been asked and has not answered yet. Throws 500 when its answer is none. */
export const inVersion = (object: KubeObject, conversion: Conversion): KubeObject | undefined => allInVersion([object], conversion)?.[0];

/** The same of several; a webhook is asked for all that are of one version at once. */
export function allInVersion(objects: readonly KubeObject[], { resource, apiVersion, ask }: Conversion): readonly KubeObject[] | undefined {
  const { custom } = resource;
  if (!custom) return objects;
  const from = objects.map((object) => completed(object, resource));
  // Who owns the fields is told of all versions.
  const owned = (object: KubeObject, i: number) => own(object, ownershipIn(objects[i]!));
  if (!custom.webhook) return from.map((object) => (object.apiVersion === apiVersion ? object : completed({ ...object, apiVersion }, resource))).map(owned);
  const groups = Map.groupBy(
    from.filter((object) => object.apiVersion !== apiVersion),
    (object) => object.apiVersion,
  );
  const converted = new Map<KubeObject, KubeObject>();
  let isComplete = true;
  for (const review of [...groups.values()].flatMap((group) => reviewsOf(group, apiVersion))) {
    const answer = byWebhook(review, { resource, apiVersion, ask });
    if (!answer) isComplete = false;
    else for (const [i, object] of review.objects.entries()) converted.set(object, completed(answer[i]!, resource));
  }
  return isComplete ? from.map((object) => converted.get(object) ?? object).map(owned) : undefined;
}

/** Asks, or looks up what was answered. */
export const asking =
  (answers: Answers | undefined, asks: Ask[]) =>
  (ask: Ask): Answer | undefined => {
    const answer = answers?.to(ask);
    if (!answer) asks.push(ask);
    return answer;
  };

/** As its schema leaves it: what was stored before the schema changed may have fields too many, and lack defaults. */
function completed(object: KubeObject, { custom, kind }: ApiResource): KubeObject {
  const schema = custom!.types.get(object.apiVersion)?.type.jsonSchema;
  return schema && object.kind === kind ? coerceObject(object, schema) : object;
}

/** Objects of one version that a webhook is asked for at once, and the uid of that. */
interface Review {
  readonly objects: readonly KubeObject[];
  /** The same for the same question, so that its answer is found again. */
  readonly uid: string;
}

/** How much is converted at once: Kubernetes asks for a whole list, which no webhook of a large one could answer in time. */
const MAX_REVIEWED = 500;
const MAX_REVIEW_LENGTH = 1_024 ** 2;

function reviewsOf(objects: readonly KubeObject[], apiVersion: string): Review[] {
  const reviews: Review[] = [];
  let batch: KubeObject[] = [];
  let texts: string[] = [];
  let length = 0;
  const end = () => {
    if (batch.length > 0) reviews.push({ objects: batch, uid: uidOf(apiVersion, texts) });
    [batch, texts, length] = [[], [], 0];
  };
  for (const object of objects) {
    const text = JSON.stringify(object);
    if (batch.length === MAX_REVIEWED || length + text.length > MAX_REVIEW_LENGTH) end();
    batch.push(object);
    texts.push(text);
    length += text.length;
  }
  end();
  return reviews;
}

function uidOf(apiVersion: string, texts: readonly string[]): string {
  const hash = createHash('sha256').update(apiVersion);
  for (const text of texts) hash.update('\0').update(text);
  const hex = hash.digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Asks a webhook for objects in a version; undefined: it has not answered yet. Throws 500. */
function byWebhook({ objects, uid }: Review, { resource, apiVersion, ask }: Conversion): KubeObject[] | undefined {
  const { client, reviewVersion } = resource.custom!.webhook!;
  const of = `conversion webhook for ${objects[0]!.apiVersion}, Kind=${resource.kind}`;
  const question = {
    kind: 'ConversionReview',
    apiVersion: `apiextensions.k8s.io/${reviewVersion}`,
    request: { uid, desiredAPIVersion: apiVersion, objects },
  };
  const answer = ask({ type: 'ConversionReview', client, question, timeoutMs: TIMEOUT });
  if (!answer) return undefined;
  if (answer.type === 'failed') throw failure(`${of} failed: ${answer.message}`);
  const converted = convertedIn(answer.value, { uid, reviewVersion, of });
  if (converted.length !== objects.length) throw failure(`${of} returned ${converted.length} objects, expected ${objects.length}`);
  return converted.map((one, i) => checked(one, objects[i]!, { apiVersion, of, i }));
}

/** How long a webhook has. */
const TIMEOUT = 30_000;

/** The API passes on what goes wrong in a conversion as it is: 500, no reason. */
const failure = (message: string) => new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function convertedIn(value: unknown, { uid, reviewVersion, of }: { uid: string; reviewVersion: string; of: string }): unknown[] {
  const malformed = (why: string) => failure(`${of} failed: ${why}`);
  if (!isFields(value)) throw malformed('expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=');
  const { apiVersion = '', kind = '', response } = value;
  // v1beta1 answers need neither say what they are nor to what.
  const isStrict = reviewVersion === 'v1';
  if (isStrict && (apiVersion !== 'apiextensions.k8s.io/v1' || kind !== 'ConversionReview')) {
    throw malformed(`expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got ${goText(apiVersion || '/')}, Kind=${goText(kind)}`);
  }
  if (!isFields(response)) throw malformed('no response provided');
  if (isStrict && response['uid'] !== uid) throw malformed(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
  const result = isFields(response['result']) ? response['result'] : {};
  if (result['status'] !== 'Success')
    throw malformed(goText(result['message'] || `response.result.status was '${goText(result['status'] ?? '')}', not 'Success'`));
  return Array.isArray(response['convertedObjects']) ? response['convertedObjects'] : [];
}

/** A converted object with the metadata of the one that it was made of, but for labels and annotations, which a webhook may change. */
function checked(value: unknown, from: KubeObject, { apiVersion, of, i }: { apiVersion: string; of: string; i: number }): KubeObject {
  const wrong = (why: string) => failure(`${of} returned invalid object${why}`);
  if (!isFields(value)) throw wrong(` at index ${i}: invalid type`);
  const to = objectOf(value);
  if (to.apiVersion !== apiVersion) throw wrong(` at index ${i}: invalid groupVersion (expected ${apiVersion}, received ${to.apiVersion ?? ''})`);
  if (to.kind !== from.kind) throw wrong(` at index ${i}: invalid kind (expected ${from.kind}, received ${to.kind ?? ''})`);
  const metadata = fieldsOf(to)['metadata'];
  if (metadata === undefined) throw failure(`${of} returned invalid metadata: missing metadata in converted object`);
  if (!isFields(metadata)) throw failure(`${of} returned invalid metadata: invalid metadata of type ${typeof metadata} in converted object`);
  for (const [name, label] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    const [expected, received] = [from.metadata[name] ?? '', metadata[name] ?? ''];
    if (expected !== received) throw wrong(`: must have the same ${label}: ${expected} != ${received}`);
  }
  return { ...to, metadata: restored(from.metadata, metadata, (why) => failure(`${of} returned invalid metadata: ${why}`)) };
}

function restored(original: ObjectMeta, converted: Fields, invalid: (why: string) => StatusError): ObjectMeta {
  const { labels: _l, annotations: _a, ...rest } = original;
  const out: ObjectMeta = rest;
  for (const name of ['labels', 'annotations'] as const) {
    const values = converted[name];
    if (values === undefined || values === null) continue;
    if (!isFields(values)) throw invalid(`invalid metadata.${name} of type ${typeof values} in converted object`);
    for (const [key, value] of Object.entries(values)) {
      if (typeof value !== 'string') throw invalid(`metadata.${name}[${key}] must be a string, but is ${typeof value} in converted object`);
    }
    const texts = values as Record<string, string>;
    const errors = name === 'labels' ? validateLabels(texts, 'metadata.labels') : validateAnnotations(texts, 'metadata.annotation');
    if (errors.length > 0) throw invalid(aggregate(errors));
    out[name] = texts;
  }
  return out;
}
