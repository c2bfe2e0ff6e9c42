import type { KubeObject } from '../../core/object.ts';
import { type Deployment, TOKEN } from './deployment.ts';
import type { Instance } from './instance.ts';
import type { Process, World } from './process.ts';

export interface Asked {
  readonly cluster: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly body?: object;
  readonly contentType?: string;
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
  readonly #deployment: Deployment;
  readonly #client: Process;
  /** Of requests that have not come to their end. */
  readonly #open = new Set<AbortController>();

  constructor({ world, deployment, client }: { world: World; deployment: Deployment; client: Process }) {
    this.#world = world;
    this.#deployment = deployment;
    this.#client = client;
  }

  /** Throws NoAnswer. */
  async send(asked: Asked): Promise<Answer> {
    const { response, instance, abort } = await this.#begin(asked);
    const text = await this.#orLost(response.text(), instance, abort);
    this.#open.delete(abort);
    await this.#travel();
    if (this.#world.faults.strikes('client answer lost')) throw new NoAnswer('the answer was lost');
    return { code: response.status, body: text ? JSON.parse(text) : undefined };
  }

  /** The frames of a watch, until it ends. Throws NoAnswer when the connection breaks. */
  async *watch(asked: Omit<Asked, 'method'>): AsyncGenerator<{ type: string; object: KubeObject }> {
    const { response, instance, abort } = await this.#begin({ ...asked, method: 'GET' });
    if (response.status !== 200) {
      yield { type: 'ERROR', object: (await this.#orLost(response.json(), instance, abort)) as KubeObject };
      return;
    }
    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for (;;) {
        const { done, value } = await this.#orLost(reader.read(), instance, undefined);
        if (this.#world.faults.strikes('watch cut')) throw new NoAnswer('the connection broke');
        await this.#travel();
        if (done) return;
        const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
        rest = lines.pop()!;
        for (const line of lines) yield JSON.parse(line);
      }
    } finally {
      // Who died hears nothing of it.
      if (instance.process.alive) {
        reader.cancel().catch(() => {});
        this.#open.delete(abort);
      }
    }
  }

  /** When a run is over: lets go of everything that waits for an answer, or to be told that nobody does. */
  end(): void {
    for (const abort of this.#open) abort.abort();
  }

  async #begin({ cluster, method, path, body, contentType = 'application/json' }: Asked) {
    const { faults } = this.#world;
    await this.#travel();
    if (faults.strikes('client request lost')) throw new NoAnswer('the request was lost');
    const instance = this.#deployment.api();
    const abort = new AbortController();
    this.#open.add(abort);
    const request = new Request('https://simulation', {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, accept: 'application/json', ...(body && { 'content-type': contentType }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: abort.signal,
    });
    const response = await this.#orLost(this.#deployment.serve(instance, request, `/clusters/${cluster}${path}`), instance, abort);
    return { response, instance, abort };
  }

  /** What comes first: the answer, the death of who would give it, or the end of the client's patience. */
  async #orLost<T>(answer: Promise<T>, { process }: Instance, abort: AbortController | undefined): Promise<T> {
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
      waiting.abort();
    }
  }

  #travel(): Promise<void> {
    return this.#client.env.clock.sleep(1 + this.#world.chance.exponential(4));
  }
}

const PATIENCE_MS = 60_000;
