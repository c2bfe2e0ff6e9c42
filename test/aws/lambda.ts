import { Worker } from 'node:worker_threads';
import type { FromContainer, ToContainer } from './lambda-runtime.ts';

export interface LambdaOptions {
  readonly name: string;
  /** The bundle's file. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
}

/**
 * A Lambda function: containers, each a thread with memory and environment of its own, that take one invocation at a time; when all are busy there
 * is a cold start.
 */
export class Lambda {
  readonly name: string;
  readonly #options: LambdaOptions;
  #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  /** What the containers wrote to their standard output and error. */
  log = '';
  coldStarts = 0;
  invocations = 0;
  /** What AWS would bill: memory for as long as the invocations took. */
  gbSeconds = 0;

  constructor(options: LambdaOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** How many containers there are, and how many of them wait for work. */
  get containers(): number {
    return this.#all.size;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /** One invocation. `onChunk`: what a streaming function writes. Rejects with what the handler throws, or when the container dies. */
  invoke(event: unknown, { onChunk, gone }: { onChunk?: (bytes: Uint8Array) => void; gone?: AbortSignal } = {}): Promise<unknown> {
    this.invocations++;
    const started = performance.now();
    const container = this.#idle.pop() ?? this.#start();
    return new Promise((resolve, reject) => {
      const leave = () => container.postMessage({ type: 'gone' } satisfies ToContainer);
      const settle = () => {
        container.off('message', onMessage).off('error', onDeath).off('exit', onDeath);
        gone?.removeEventListener('abort', leave);
        this.gbSeconds += ((performance.now() - started) / 1000) * (this.#options.memoryMb / 1024);
      };
      const onDeath = (cause: unknown) => {
        settle();
        this.#all.delete(container);
        reject(new Error(`a container of ${this.name} died`, { cause }));
      };
      const onMessage = (message: FromContainer) => {
        if (message.type === 'chunk') return onChunk?.(message.bytes);
        settle();
        if (this.#all.has(container)) this.#idle.push(container);
        if (message.type === 'result') resolve(message.value);
        else reject(new Error(message.message));
      };
      container.on('message', onMessage).on('error', onDeath).on('exit', onDeath);
      gone?.addEventListener('abort', leave, { once: true });
      container.postMessage({ type: 'invoke', event } satisfies ToContainer);
    });
  }

  /** Ends all containers, as AWS does with idle ones now and then, and with busy ones that run out of time: what they were doing stays half done. */
  async recycle(): Promise<void> {
    const containers = [...this.#all];
    this.#idle = [];
    this.#all.clear();
    await Promise.all(containers.map((container) => container.terminate()));
  }

  #start(): Worker {
    this.coldStarts++;
    const { file, environment, memoryMb } = this.#options;
    const container = new Worker(new URL('./lambda-runtime.ts', import.meta.url), {
      workerData: file,
      env: { ...environment },
      execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      stdout: true,
      stderr: true,
    });
    for (const stream of [container.stdout, container.stderr]) {
      stream.on('data', (text) => {
        this.log += text;
      });
    }
    this.#all.add(container);
    return container;
  }
}
