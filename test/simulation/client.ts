import { epochMs } from '../../core/instant.ts';
import { type GroupResource, type KubeObject, keyOf } from '../../core/kube/object.ts';
import type { KindOf } from '../../core/schema/kind-of.ts';
import type { Chance } from './chance.ts';
import { type History, MARK, type Meant, type Outcome } from './history.ts';
import { type Answer, type Asked, type Http, NoAnswer } from './http.ts';
import type { Process } from './process.ts';
import { pathOf } from './resources.ts';

export interface Target<R extends GroupResource = GroupResource> {
  readonly resource: R;
  /** '' for what has none. */
  readonly namespace: string;
  readonly name: string;
}

export interface DeleteOptions {
  readonly propagationPolicy?: string | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly preconditions?: { readonly resourceVersion: string };
}

/** A client of the API that marks each of its writes, and writes down how each was answered. */
export class Client {
  readonly cluster: string;
  readonly chance: Chance;
  readonly #process: Process;
  readonly #http: Http;
  readonly #history: History;
  #marks = 0;

  constructor({ cluster, process, http, history, chance }: { cluster: string; process: Process; http: Http; history: History; chance: Chance }) {
    this.cluster = cluster;
    this.chance = chance;
    this.#process = process;
    this.#http = http;
    this.#history = history;
  }

  /** `invalid`: no state of the cluster could make it right. */
  create<R extends GroupResource>(resource: R, object: KindOf<R>, { invalid = false }: { invalid?: boolean } = {}): Promise<Outcome> {
    const { namespace = '', name } = object.metadata;
    return this.#write({ resource, namespace, name }, { invalid }, (mark) => ({
      method: 'POST',
      path: pathOf(resource, namespace),
      body: { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [MARK]: mark } } },
    }));
  }

  /** Reads the object, changes it (in `thinking` ms) and writes it back; from the start when another writer was faster. */
  async change<R extends GroupResource>(
    target: Target<R>,
    change: (object: KindOf<R>) => KubeObject,
    { thinking = 0 }: { thinking?: number } = {},
  ): Promise<Outcome> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const current = await this.get(target);
      if (!current) return 'refused';
      if (thinking > 0) await this.pause(thinking);
      const changed = change(current);
      let conflict = false;
      const outcome = await this.#write(
        target,
        { precondition: current.metadata.resourceVersion },
        (mark) => ({
          method: 'PUT',
          path: pathOf(target.resource, target.namespace, target.name),
          body: { ...changed, metadata: { ...changed.metadata, annotations: { ...changed.metadata.annotations, [MARK]: mark } } },
        }),
        ({ code }) => {
          conflict = code === 409;
        },
      );
      if (!conflict) return outcome;
    }
    return 'refused';
  }

  /** A patch that names a resourceVersion is a conditional one. */
  patch(target: Target, patch: object, contentType: string, { invalid = false }: { invalid?: boolean } = {}): Promise<Outcome> {
    const precondition = (patch as Partial<KubeObject>).metadata?.resourceVersion;
    return this.#write(target, { precondition, invalid }, (mark) => ({
      method: 'PATCH',
      path: pathOf(target.resource, target.namespace, target.name),
      body: marked(patch, mark, contentType),
      contentType,
    }));
  }

  /** An object that stands for something to be done, and carries no mark; undefined: it is refused, or the answer was lost. */
  async carryOut(resource: GroupResource, namespace: string, object: KubeObject): Promise<KubeObject | undefined> {
    const answer = await this.#ask({ method: 'POST', path: pathOf(resource, namespace), body: object });
    return answer?.code === 201 ? answer.body : undefined;
  }

  /** Through the `eviction` subresource: whether the pod's budget allows that is for the API to say. */
  async evict(namespace: string, name: string): Promise<void> {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
    await this.#ask({ method: 'POST', path: pathOf('pods', namespace, name, 'eviction'), body, meant: { key: keyOf('pods', namespace, name) } });
  }

  /** Through the `scale` subresource, which carries no mark. */
  async scale({ resource, namespace, name }: Target, replicas: number): Promise<void> {
    const contentType = 'application/merge-patch+json';
    const meant = { key: keyOf(resource, namespace, name) };
    await this.#ask({ method: 'PATCH', path: pathOf(resource, namespace, name, 'scale'), body: { spec: { replicas } }, contentType, meant });
  }

  async delete({ resource, namespace, name }: Target, options: DeleteOptions = {}): Promise<void> {
    const key = keyOf(resource, namespace, name);
    const precondition = options.preconditions?.resourceVersion;
    const answer = await this.#ask({
      method: 'DELETE',
      path: pathOf(resource, namespace, name),
      body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options },
      meant: { key, precondition },
    });
    if (answer?.code !== 200) return;
    const gone = answer.body.kind === 'Status';
    const told = gone ? { uid: answer.body.details.uid as string, object: undefined } : { uid: undefined, object: answer.body as KubeObject };
    this.#history.deletions.push({ cluster: this.cluster, key, ...told, precondition, at: epochMs(this.#process.env.clock.now()) });
  }

  pause(ms: number): Promise<void> {
    return this.#process.env.clock.sleep(ms);
  }

  async deleteAll(resource: string, namespace: string, label: string): Promise<void> {
    await this.#ask({ method: 'DELETE', path: `${pathOf(resource, namespace)}?labelSelector=${encodeURIComponent(label)}` });
  }

  /** As it is now; or as it was at a resourceVersion or later; 0: at any time. */
  async get<R extends GroupResource>({ resource, namespace, name }: Target<R>, resourceVersion?: number): Promise<KindOf<R> | undefined> {
    const query = resourceVersion === undefined ? '' : `?resourceVersion=${resourceVersion}`;
    const meant = { key: keyOf(resource, namespace, name), ...(resourceVersion !== undefined && { resourceVersion }) };
    const answer = await this.#ask({ method: 'GET', path: `${pathOf(resource, namespace, name)}${query}`, meant });
    if (answer?.code !== 200) return undefined;
    this.#told(answer.body);
    return answer.body;
  }

  /** The whole collection, in pages. Undefined when a page was not answered, or is too old by now. */
  async list<R extends GroupResource>(resource: R, namespace: string | undefined, limit: number): Promise<readonly KindOf<R>[] | undefined> {
    const atLeast = this.#history.known(this.cluster);
    const objects: KindOf<R>[] = [];
    let token = '';
    for (;;) {
      const path = `${pathOf(resource, namespace)}?limit=${limit}${token && `&continue=${encodeURIComponent(token)}`}`;
      const answer = await this.#ask({ method: 'GET', path });
      if (answer?.code !== 200) return undefined;
      objects.push(...answer.body.items);
      token = answer.body.metadata.continue ?? '';
      if (token) continue;
      const offset = Number(answer.body.metadata.resourceVersion);
      this.#history.told(this.cluster, offset);
      this.#history.reads.push({ cluster: this.cluster, resource, namespace, offset, objects, atLeast });
      return objects;
    }
  }

  /** The collection as it was right after an offset: by the name of the cluster then, or by an exact resourceVersion. Undefined when that is too long ago. */
  async listAt(resource: string, namespace: string | undefined, offset: number): Promise<void> {
    const byUrl = this.chance.happens(0.5);
    const path = pathOf(resource, namespace);
    const answer = await this.#ask(
      byUrl ? { method: 'GET', path, at: offset } : { method: 'GET', path: `${path}?resourceVersion=${offset}&resourceVersionMatch=Exact` },
    );
    if (answer?.code !== 200) return;
    const { items, metadata } = answer.body;
    this.#history.reads.push({
      cluster: this.cluster,
      resource,
      namespace,
      offset: Number(metadata.resourceVersion),
      objects: items,
      atLeast: offset,
      exactly: offset,
    });
  }

  async #write(
    { resource, namespace, name }: Target,
    { precondition, invalid = false }: Pick<Meant, 'precondition' | 'invalid'>,
    asked: (mark: string) => Omit<Asked, 'cluster'>,
    answered?: (answer: Answer) => void,
  ): Promise<Outcome> {
    const mark = `${this.#process.name}/${++this.#marks}`;
    const key = keyOf(resource, namespace, name);
    const answer = await this.#ask({ ...asked(mark), meant: { key, precondition, invalid } });
    if (answer) answered?.(answer);
    const outcome = outcomeOf(answer);
    const object = outcome === 'acknowledged' ? (answer!.body as KubeObject) : undefined;
    if (object) this.#told(object);
    this.#history.writes.push({
      cluster: this.cluster,
      key,
      mark,
      precondition,
      outcome,
      code: answer?.code,
      object,
      at: epochMs(this.#process.env.clock.now()),
    });
    return outcome;
  }

  async #ask({ at, ...asked }: Omit<Asked, 'cluster'> & { at?: number }): Promise<Answer | undefined> {
    const cluster = at === undefined ? this.cluster : `${this.cluster}@${at}`;
    try {
      return await this.#http.send({ cluster, ...asked });
    } catch (error) {
      if (error instanceof NoAnswer) return undefined;
      throw error;
    }
  }

  #told(object: KubeObject): void {
    this.#history.told(this.cluster, Number(object.metadata.resourceVersion));
  }
}

/** 504: the log did not say. 500: something inside failed, perhaps after the append. All else but success says that nothing was written. */
function outcomeOf(answer: Answer | undefined): Outcome {
  if (!answer || answer.code === 500 || answer.code === 504) return 'unknown';
  return answer.code < 300 ? 'acknowledged' : 'refused';
}

function marked(patch: object, mark: string, contentType: string): object {
  if (Array.isArray(patch)) return [...patch, { op: 'add', path: `/metadata/annotations/${MARK.replace('/', '~1')}`, value: mark }];
  if (!contentType.includes('patch')) throw new Error(`not a patch: ${contentType}`);
  const { metadata } = patch as Partial<KubeObject>;
  return { ...patch, metadata: { ...metadata, annotations: { ...metadata?.annotations, [MARK]: mark } } };
}
