import { setTimeout as sleep } from 'node:timers/promises';
import type { Fetch } from '../../core/api/server.ts';
import { holds, selected, valuesAt } from './answer-paths.ts';
import type { Answer, Case, Step } from './case.ts';
import { type AskedCluster, Normaliser } from './normaliser.ts';

// biome-ignore lint/suspicious/noExplicitAny: any JSON
type Json = any;

export interface Asked {
  readonly fetch: Fetch;
  readonly token: string;
  readonly cluster: AskedCluster;
}

/** Asks a host what a real Kubernetes was asked, in a namespace of the case's own, and says what it answered as the recordings do. */
export async function runCase(asked: Asked, one: Omit<Case, 'answers'>): Promise<Answer[]> {
  const run = new CaseRun(asked, one);
  try {
    await run.prepare();
    for (const step of one.steps) await run.take(step);
  } finally {
    await run.end();
  }
  return run.answers();
}

interface Sent {
  readonly status: number;
  readonly type: string;
  readonly warnings: readonly string[];
  readonly body: Json;
  readonly until?: 'met' | 'timeout';
  readonly polled?: Sent;
  readonly ended?: string;
}

class CaseRun {
  readonly #asked: Asked;
  readonly #case: Omit<Case, 'answers'>;
  readonly #namespace = `t${Math.random().toString(36).slice(2, 12)}`;
  readonly #variables = new Map([['NS', this.#namespace]]);
  readonly #made: string[] = [];
  readonly #taken: { readonly step: Step; readonly answer: Promise<Sent> }[] = [];
  readonly #stepsDone = Promise.withResolvers<void>();

  constructor(asked: Asked, one: Omit<Case, 'answers'>) {
    this.#asked = asked;
    this.#case = one;
  }

  get #isNamespaced(): boolean {
    return this.#case.steps.some(({ path, until }) => `${path} ${until?.path}`.includes('/namespaces/$NS/'));
  }

  async prepare(): Promise<void> {
    if (!this.#isNamespaced) return;
    await this.#send({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: this.#namespace, labels: this.#case.namespaceLabels } } });
    const awaited = ['serviceaccounts/default', ...(JSON.stringify(this.#case).includes('configmaps') ? ['configmaps/kube-root-ca.crt'] : [])];
    for (const object of awaited) await this.#poll({ path: `/api/v1/namespaces/${this.#namespace}/${object}` }, { status: 200 });
  }

  async take(step: Step): Promise<void> {
    const { path, until, watch, waitMs, save = {}, method } = step;
    const request = this.#filled(step);
    if (watch?.background) {
      const response = await this.#open(request);
      this.#taken.push({ step, answer: readWatch(response, watch, this.#stepsDone.promise) });
      return;
    }
    const answer = await this.#answerTo(request, step);
    this.#taken.push({ step, answer: Promise.resolve(answer) });
    for (const [name, at] of Object.entries(save)) this.#variables.set(name, String(valuesAt(answer.body, at)[0] ?? ''));
    const made = answer.status === 201 && answer.body?.metadata;
    if (made?.name && made.namespace !== this.#namespace) {
      this.#made.push(
        this.#text(path)
          .replace(/\?.*/, '')
          .replace(/\/status$/, '') + (method === 'POST' ? `/${made.name}` : ''),
      );
    }
    if (waitMs && !until) await sleep(waitMs);
  }

  async #answerTo(request: Step, { watch, until }: Step): Promise<Sent> {
    if (watch) return readWatch(await this.#open(request), watch, Promise.resolve());
    if (!until) return this.#send(request);
    if (until.path === undefined) return this.#poll(request, until);
    return { ...(await this.#send(request)), polled: await this.#poll({ path: this.#text(until.path) }, until) };
  }

  /** Takes away what the case made. */
  async end(): Promise<void> {
    this.#stepsDone.resolve();
    await Promise.allSettled(this.#taken.map(({ answer }) => answer));
    for (const path of this.#made.reverse()) await this.#discard(path);
    if (this.#isNamespaced) await this.#discard(`/api/v1/namespaces/${this.#namespace}`);
  }

  async #discard(path: string): Promise<void> {
    const { body } = await this.#send({ method: 'DELETE', path: `${path}?gracePeriodSeconds=0` });
    // The finalizers of namespaces and definitions go by themselves.
    if (body?.metadata?.finalizers?.length && !/\/(namespaces|customresourcedefinitions)\/[^/]+$/.test(path)) {
      await this.#send({ method: 'PATCH', path, body: { metadata: { finalizers: null } } });
    }
  }

  async answers(): Promise<Answer[]> {
    const normaliser = new Normaliser(this.#case, { namespace: this.#namespace, cluster: this.#asked.cluster });
    const taken = await Promise.all(this.#taken.map(async ({ step, answer }) => ({ step, ...(await answer) })));
    for (const { body, polled } of taken) {
      normaliser.learn(body);
      normaliser.learn(polled?.body);
    }
    const isChosen = this.#case.steps.some(({ record }) => record === true);
    return taken.map(({ step, body, polled, ...head }): Answer => {
      const keep = (part: Json) => normaliser.apply(selected(part, step), step.until !== undefined || step.volatile === true);
      const answer: Answer = {
        ...head,
        warnings: head.warnings.map((text) => normaliser.apply(text)),
        body: keep(body),
        ...(polled && { polled: { status: polled.status, until: polled.until!, body: keep(polled.body) } }),
      };
      return (isChosen ? step.record : step.record !== false) ? answer : { status: head.status };
    });
  }

  #filled(step: Step): Step {
    return JSON.parse(this.#text(JSON.stringify(step)));
  }

  #text(text: string): string {
    let out = text;
    for (const [name, value] of this.#variables) out = out.replaceAll(`$${name}`, JSON.stringify(value).slice(1, -1));
    return out;
  }

  async #poll(request: Step, { fields = {}, status, timeoutMs = 30_000 }: NonNullable<Step['until']>): Promise<Sent> {
    for (const end = Date.now() + timeoutMs; ; ) {
      const answer = await this.#send(request);
      const isMet =
        (status === undefined || answer.status === status) &&
        Object.entries(JSON.parse(this.#text(JSON.stringify(fields)))).every(([path, wanted]) => holds(answer.body, path, wanted));
      if (isMet || Date.now() > end) return { ...answer, until: isMet ? 'met' : 'timeout' };
      await sleep(50);
    }
  }

  async #send(request: Step): Promise<Sent> {
    const response = await this.#open(request);
    return { ...head(response), body: decoded(new Uint8Array(await response.arrayBuffer()), response.headers.get('content-type') ?? '') };
  }

  #open({ method = 'GET', path, headers = {}, body, raw, as }: Step): Promise<Response> {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const sent = new Headers({ accept: 'application/json', 'user-agent': 'truth/1', authorization: `Bearer ${this.#asked.token}` });
    if (payload !== undefined) {
      sent.set('content-type', method === 'PATCH' ? 'application/merge-patch+json' : 'application/json');
      sent.set('content-length', String(Buffer.byteLength(payload)));
    }
    if (as) sent.set('impersonate-user', as.user);
    if (as?.uid) sent.set('impersonate-uid', as.uid);
    for (const group of as?.groups ?? []) sent.append('impersonate-group', group);
    for (const [key, values] of Object.entries(as?.extra ?? {})) for (const value of values) sent.append(`impersonate-extra-${key}`, value);
    for (const [key, value] of Object.entries(headers)) value === null ? sent.delete(key) : sent.set(key, value);
    const init = { method, headers: sent, ...(payload !== undefined && method !== 'GET' && { body: payload }) };
    return this.#asked.fetch(new Request('https://host.invalid', init), { target: path });
  }
}

const head = ({ status, headers }: Response) => ({
  status,
  type: headers.get('content-type') ?? '',
  warnings: headers.get('warning')?.split(/, (?=\d{3} \S+ ")/) ?? [],
});

function decoded(bytes: Uint8Array, type: string): Json {
  if (bytes.length === 0) return null;
  if (/protobuf|cbor/.test(type)) return '<binary>';
  const text = Buffer.from(bytes).toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

type Watch = NonNullable<Step['watch']>;

async function readWatch(
  response: Response,
  { events: most = Number.POSITIVE_INFINITY, bookmark, timeoutMs = 5_000 }: Watch,
  begins: Promise<void>,
): Promise<Sent> {
  const reader = response.body!.getReader();
  const events: Json[] = [];
  let rest = '';
  let ended = 'closed';
  const patience = new AbortController();
  void begins
    .then(() => sleep(timeoutMs, undefined, { signal: patience.signal }))
    .then(() => {
      ended = 'timeout';
      return reader.cancel();
    })
    .catch(() => undefined);
  while (ended === 'closed') {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + Buffer.from(value).toString()).split('\n');
    rest = lines.pop()!;
    for (const line of lines.filter((text) => text.trim())) {
      if (ended !== 'closed') break;
      events.push(JSON.parse(line));
      if (events.length >= most) ended = 'events';
      else if (bookmark && events.at(-1).type === 'BOOKMARK') ended = 'bookmark';
    }
  }
  patience.abort();
  await reader.cancel();
  return { ...head(response), ended, body: rest && events.length === 0 ? decoded(Buffer.from(rest), 'text') : events };
}
