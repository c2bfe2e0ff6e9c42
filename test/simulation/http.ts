import type { KubeObject } from '../../core/kube/object.ts';
import { MeasuredStream } from './buffers.ts';
import { ADMIN, TOKEN } from './deployment.ts';
import type { Exchange, History, Meant } from './history.ts';
import type { Process, World } from './process.ts';

export interface Asked {
  readonly cluster: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly body?: object;
  readonly contentType?: string;
  readonly meant?: Meant;
}

export interface Answer {
  readonly code: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the API answers
  readonly body: any;
}

/** The connection broke, or the client did not wait: what became of the request is not known. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** The network between a client and the API: it takes time, and loses requests and answers. */
export class Http {
  readonly #world: World;
  readonly #deployment: Servers;
  readonly #client: Process;
  readonly #history: History;
  readonly #instance: Server | undefined;
  readonly #pace: (() => Promise<void>) | undefined;
  readonly #user: string;
  /** Of requests that have not come to their end. */
  readonly #open = new Set<AbortController>();

  constructor({ world, deployment, client, history, instance, pace, user = ADMIN }: HttpOptions) {
    this.#user = user;
    this.#pace = pace;
    this.#instance = instance;
    this.#world = world;
    this.#deployment = deployment;
    this.#client = client;
    this.#history = history;
  }

  /** Throws NoAnswer. */
  async send(asked: Asked): Promise<Answer> {
    const note = this.#note(asked);
    try {
      const { response, instance, abort } = await this.#begin(asked);
      const sinceHindered = this.#world.time.now - instance.process.hinderedAt;
      const text = this.#pace ? await this.#slowly(asked, response, instance) : await this.#orLost(response.text(), instance, abort);
      this.#open.delete(abort);
      const to = this.#history.endOf(clusterOf(asked));
      await this.#travel();
      if (this.#world.faults.strikes('client answer lost')) throw new NoAnswer('the answer was lost');
      const body = text ? JSON.parse(text) : undefined;
      note({ by: instance.process.name, to, code: response.status, body, sinceHindered });
      return { code: response.status, body };
    } catch (error) {
      note();
      throw error;
    }
  }

  /** The frames of a watch, until it ends; TORN: a part of one, at which it ended. Throws NoAnswer when the connection breaks. */
  async *watch(watched: Omit<Asked, 'method'>): AsyncGenerator<{ type: string; object: KubeObject }> {
    const asked = { ...watched, method: 'GET' };
    const note = this.#note(asked);
    const { response, instance, abort } = await this.#begin(asked).catch((error) => {
      note();
      throw error;
    });
    note({ by: instance.process.name, to: this.#history.endOf(clusterOf(asked)), code: response.status, body: undefined });
    if (response.status !== 200) {
      yield { type: 'ERROR', object: (await this.#orLost(response.json(), instance, abort)) as KubeObject };
      return;
    }
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const piece of this.#pieces(asked, response, instance)) {
        if (this.#world.faults.strikes('watch cut')) throw new NoAnswer('the connection broke');
        await this.#travel();
        const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
        rest = lines.pop()!;
        for (const line of lines) yield JSON.parse(line);
      }
      if (rest !== '') yield { type: 'TORN', object: { apiVersion: 'v1', kind: 'Status', metadata: { name: rest } } };
    } finally {
      if (instance.process.alive) this.#open.delete(abort);
    }
  }

  /** Begins to write down a request. What it returns ends that, with the answer, if there is one. */
  #note(asked: Asked): (answer?: Pick<Exchange, 'by' | 'to' | 'code' | 'body' | 'sinceHindered'>) => void {
    const { method, path, meant } = asked;
    const { time } = this.#world;
    const cluster = clusterOf(asked);
    const question = { cluster, client: this.#client.name, user: this.#user, method, path, meant, asked: time.now, from: this.#history.endOf(cluster) };
    return (answer = { by: undefined, to: this.#history.endOf(cluster), code: undefined, body: undefined }) => {
      this.#history.exchanges.push({ ...question, answered: time.now, ...answer });
    };
  }

  async #slowly(asked: Asked, response: Response, instance: Server): Promise<string> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#pieces(asked, response, instance)) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  }

  /** What is in the body of an answer, as it is taken; how much of it waited to be is written down. */
  async *#pieces(asked: Asked, response: Response, instance: Server): AsyncGenerator<Uint8Array> {
    const { body } = response;
    const reader = body!.getReader();
    try {
      for (;;) {
        await this.#pace?.();
        const { done, value } = await this.#orLost(reader.read(), instance, undefined);
        if (done) return;
        if (body instanceof MeasuredStream) body.took(value.length);
        yield value;
      }
    } finally {
      const [cluster, client, by] = [clusterOf(asked), this.#client.name, instance.process.name];
      if (body instanceof MeasuredStream) this.#history.buffers.push({ cluster, client, by, most: body.most() });
      // A dead process hears nothing of it.
      if (instance.process.alive) reader.cancel().catch(() => {});
    }
  }

  /** When a run is over: lets go of everything that waits for an answer, or to be told that its client has gone. */
  end(): void {
    for (const abort of this.#open) abort.abort();
  }

  async #begin({ cluster, method, path, body, contentType = 'application/json' }: Asked) {
    const { faults } = this.#world;
    await this.#travel();
    if (faults.strikes('client request lost')) throw new NoAnswer('the request was lost');
    const instance = this.#instance ?? this.#deployment.api();
    const abort = new AbortController();
    this.#open.add(abort);
    const request = new Request('https://simulation', {
      method,
      headers: {
        authorization: `Bearer ${this.#user === ADMIN ? TOKEN : this.#user}`,
        accept: 'application/json',
        ...(body && { 'content-type': contentType }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: abort.signal,
    });
    const response = await this.#orLost(this.#deployment.serve(instance, request, `/clusters/${cluster}${path}`), instance, abort);
    return { response, instance, abort };
  }

  /** What comes first: the answer, the death of the process that would give it, or the end of the client's patience. */
  async #orLost<T>(answer: Promise<T>, { process }: Server, abort: AbortController | undefined): Promise<T> {
    const { faults, chance } = this.#world;
    const patience = faults.strikes('client gives up') ? chance.exponential(50) : PATIENCE_MS;
    const waiting = new AbortController();
    let forget = () => {};
    const lost = new Promise<never>((_, reject) => {
      const undo = process.whenDead(() => reject(new NoAnswer('the server died')));
      forget = undo;
      if (!abort) return;
      void this.#client.env.clock.sleep(patience, waiting.signal).then(() => {
        if (waiting.signal.aborted) return;
        if (process.alive) abort.abort();
        reject(new NoAnswer('the client gave up'));
      });
    });
    try {
      return await Promise.race([answer, lost]);
    } finally {
      forget();
      // Without a reason each would make an error, with its stack.
      waiting.abort('over');
    }
  }

  #travel(): Promise<void> {
    return this.#client.env.clock.sleep(1 + this.#world.chance.exponential(4));
  }
}

/** An instance of the API. */
interface Server {
  readonly process: Process;
}

/** What is behind the network. */
interface Servers {
  /** An instance that takes a request. */
  api(): Server;
  serve(server: Server, request: Request, target: string): Promise<Response>;
}

export interface HttpOptions {
  readonly world: World;
  readonly deployment: Servers;
  readonly client: Process;
  readonly history: History;
  /** The instance of the API that is asked; otherwise any. */
  readonly instance?: Server;
  /** Awaited before each look for more of a body: a client that takes its time. */
  readonly pace?: () => Promise<void>;
  /** One of `limitedUsers`; otherwise an administrator. */
  readonly user?: string;
}

/** The cluster, without the time at which it is asked for. */
const clusterOf = ({ cluster }: Asked): string => cluster.split('@')[0]!;

const PATIENCE_MS = 60_000;
